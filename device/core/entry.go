package core

// Happening says what a journal entry is about.
type Happening string

const (
	HappenedLaunch     Happening = "launch"          // the machine started
	HappenedVerdict    Happening = "verdict"         // the verdict changed
	HappenedStore      Happening = "store"           // the store answered something other than plain success
	HappenedAsked      Happening = "asked"           // a request was sent
	HappenedHeard      Happening = "heard"           // an answer came; the shell says so, and the next lines what it meant
	HappenedAnswer     Happening = "answer"          // the server's answer was judged
	HappenedIgnored    Happening = "ignored"         // something late or impossible was dropped
	HappenedRotation   Happening = "rotation"        // a successor credential was taken, proved or given up
	HappenedSignIn     Happening = "sign-in"         // an attempt began, moved or completed
	HappenedFlow       Happening = "browser-flow"    // a browser flow began, came back, completed or was refused
	HappenedSignOut    Happening = "sign-out"        // a sign-out was asked or became durable
	HappenedRevocation Happening = "revocation"      // a queued revocation was delivered or failed
	HappenedAdoption   Happening = "adoption"        // a credential was handed over
	HappenedPeer       Happening = "peer"            // another process changed the record
	HappenedRound      Happening = "doubt"           // a rejection is being checked before it is believed
	HappenedClock      Happening = "clock"           // the wall clock moved against the monotonic one
	HappenedOffline    Happening = "offline-limit"   // the offline limit was reached or lifted
	HappenedDecoding   Happening = "record-unusable" // the record could be read and not understood
)

// Entry is one line of the journal: what happened, what followed, and the
// evidence. It is comparable and holds no secret.
type Entry struct {
	At        Wall
	Happening Happening
	// Sequence, Kind and Cause are those of the verdict that held afterwards.
	Sequence uint64
	Kind     Kind
	Cause    Cause
	Evidence Evidence
	// SessionID and Generation name what it was about; they may be empty.
	SessionID  string
	Generation uint64
}

// note writes a line of the journal. The verdict in it is the one that holds
// when the line is written; a change is noted after it.
func (t *turn) note(what Happening, evidence Evidence) {
	t.do(Note{Entry{
		At: t.wallNow(t.now), Happening: what,
		Sequence: t.verdict.Sequence, Kind: t.verdict.Kind, Cause: t.verdict.Cause,
		Evidence: evidence, SessionID: t.record.SessionID, Generation: t.store.version.Generation,
	}})
}
