package core

import "cmp"

// Record is everything that one durable step replaces: the credential, whose it
// is, and what still has to be done with it. It is comparable: what is held and
// what is stored are equal exactly when nothing needs saving.
type Record struct {
	// Lineage and the generation of the stored version name the record; the
	// generation lives in [Version] only.
	Lineage string
	// Install names the installation that wrote the record; see [Config].
	Install string
	// Tombstone, when set, is the proven reason why nobody is signed in. It
	// wins over everything that was in flight when it was written.
	Tombstone         Cause
	TombstoneEvidence Evidence
	// TombstoneSession is the session that ended with it, which no credential of
	// it brings back.
	TombstoneSession string

	// Credential is the client credential as the server last proved it knows
	// it. Successor is one that the server handed out and that has not been
	// accepted yet; the predecessor stays until it was.
	Credential Secret
	Successor  Secret
	// Candidate is a credential handed over by the host, not yet identified.
	Candidate Secret
	// Offer is a device key to which the server is asked to bind a successor.
	// It is durable before it is offered, so that asking again after a lost
	// answer is asking for the same successor.
	Offer Secret
	// Origin is the unbound credential from which a bound one was branched; it
	// stays valid for the SDK that it came from.
	Origin Secret
	// RotatedAt is the server's time when Credential was accepted first.
	RotatedAt Wall

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
	// Flows are the browser flows, the newest first.
	Flows [MaxFlows]Flow
	// Revocations are the sessions still to be ended on the server, the used
	// places first. They outlive the sign-in that caused them. Overdue are those
	// that find no place; see revocations.go.
	Revocations [MaxRevocations]Revocation
	Overdue     Secret

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

// live reports whether a published session status counts as signed in.
func live(status string) bool { return status == "active" || status == "pending" }

// signedIn reports whether the record says that there is a session, or a
// credential that may have one.
func (r *Record) signedIn() bool {
	return r.Tombstone == "" && (!r.Credential.IsZero() || !r.Candidate.IsZero())
}

// ownRevocations queues the end of everything the record holds a credential
// for: its session, under each credential it may be known by, and a candidate.
func (r Record) ownRevocations() Record {
	credential, client, session := r.Credential, r.ClientID, r.SessionID
	if !r.Successor.IsZero() {
		r.queue(Revocation{r.Successor, client, session})
	}
	if !credential.IsZero() {
		r.queue(Revocation{credential, client, session})
	}
	if !r.Origin.IsZero() && r.Tombstone == "" {
		// The SDK that has it may hand it over again before the server knows.
		r.queue(Revocation{r.Origin, client, session})
	}
	if !r.Candidate.IsZero() {
		r.queue(Revocation{Credential: r.Candidate})
	}
	return r
}

// signedOutOf reports whether a person has signed out of this session, and of
// nothing since. What the server was told of it may be done and gone.
func (r *Record) signedOutOf(session string) bool {
	return r.Tombstone == CauseUser && session != "" && r.TombstoneSession == session
}

// ended returns the tombstone that takes the place of r.
func (r Record) ended(cause Cause, evidence Evidence) Record {
	return Record{
		Lineage: r.Lineage, Tombstone: cause, TombstoneEvidence: evidence, TombstoneSession: cmp.Or(r.SessionID, r.TombstoneSession),
		Revocations: r.Revocations, Overdue: r.Overdue, Unknown: r.Unknown,
	}
}
