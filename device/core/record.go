package core

// Record is everything that one durable step replaces: the credential, whose it
// is, and what still has to be done with it. It is never changed in place:
// slices are copied before they are altered.
type Record struct {
	// Lineage and the generation of the stored version name the record; the
	// generation lives in [Version] only.
	Lineage string
	// Tombstone, when set, is the proven reason why nobody is signed in. It
	// wins over everything that was in flight when it was written.
	Tombstone         Cause
	TombstoneEvidence Evidence

	// Credential is the client credential as the server last proved it knows
	// it. Successor is one that the server handed out and that has not been
	// accepted yet; the predecessor stays until it was.
	Credential Secret
	Successor  Secret
	// Candidate is a credential handed over by the host, not yet identified.
	Candidate Secret

	// Cached snapshot of the client and of the one session it is used for.
	ClientID        string
	ClientUpdatedAt Wall // server time
	SessionID       string
	SessionStatus   string
	SessionTask     string
	SessionExpireAt Wall // server time
	User            User

	// ConfirmedAt and ConfirmedServer are the device's and the server's time
	// of day at the last confirmation. Unconfirmed is how long the device is
	// known to have gone without one, by the monotonic clock, in milliseconds.
	ConfirmedAt     Wall
	ConfirmedServer Wall
	Unconfirmed     int64

	// Attempt is the pending sign-in or sign-up; zero when there is none.
	Attempt Attempt
	// Revocations are the sessions still to be ended on the server.
	Revocations []Revocation

	// Unknown holds the lines that a newer version of this software wrote and
	// this one does not understand. They survive a save.
	Unknown string
}

// Attempt is a pending sign-in or sign-up attempt with its own credential: it
// never shares one with the session that may exist beside it.
type Attempt struct {
	ID             string
	SignUp         bool
	Status         string
	Strategy       Strategy
	FactorID       string
	SafeIdentifier string
	Credential     Secret
	ClientID       string
	StartedAt      Wall
}

// IsZero reports whether there is no attempt.
func (a Attempt) IsZero() bool { return a == Attempt{} }

// Revocation is a session to be ended on the server, with its own copy of the
// credential, because the record's own is gone by then.
type Revocation struct {
	Credential Secret
	ClientID   string
	SessionID  string // empty: every session of the client
}
