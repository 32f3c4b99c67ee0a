package core

// Kind is one of the five verdicts.
type Kind string

const (
	// Active: the server confirmed the session in this process.
	Active Kind = "active"
	// ActiveUnverified: the session was restored from the store and is not yet
	// confirmed. It never satisfies a check that asks for a confirmed session.
	ActiveUnverified Kind = "active-unverified"
	// Pending: a session exists and a task is open ([Verdict.Task]).
	Pending Kind = "pending"
	// SignedOut: proven, and final until a sign-in.
	SignedOut Kind = "signed-out"
	// Undetermined: the core cannot know yet. Never stored, never latched.
	Undetermined Kind = "undetermined"
)

// Cause says why a verdict holds. Every cause belongs to one kind only.
type Cause string

// Causes of [Active], [ActiveUnverified] and [Pending].
const (
	CauseConfirmed Cause = "confirmed" // the server said so in this process
	CauseRestored  Cause = "restored"  // read from the store
	CauseTask      Cause = "task"      // the session has an open task
)

// Causes of [SignedOut]: a closed list, each with its proof.
const (
	CauseNone              Cause = "none"               // the store is provably empty
	CauseUser              Cause = "user"               // the user signed out
	CauseRevoked           Cause = "revoked"            // the server no longer lists the session
	CauseRejected          Cause = "rejected"           // the server named the session and ended it; Evidence.Code says how
	CauseCredentialMissing Cause = "credential-missing" // the stored record has an identity and no credential
	CauseKeyLost           Cause = "key-lost"           // the key that sealed the record is permanently gone
	CauseRecordLost        Cause = "record-lost"        // every copy of the record is damaged beyond reading
	CauseReinstall         Cause = "reinstall"          // an explicit policy for a new installation
)

// Causes of [Undetermined].
const (
	CauseStarting       Cause = "starting"        // Launch has not happened
	CauseRestoring      Cause = "restoring"       // the store has been asked, within the local deadline
	CauseStorageSlow    Cause = "storage-slow"    // the store did not answer within the local deadline
	CauseStorageLocked  Cause = "storage-locked"  // the store may be readable later
	CauseStorageDenied  Cause = "storage-denied"  // the store refuses this principal
	CauseStorageFailed  Cause = "storage-failed"  // input, output, time-out or unknown error
	CauseStorageCorrupt Cause = "storage-corrupt" // damaged; being read again before it is given up
	CauseKeyService     Cause = "key-service"     // the sealing key cannot be had now
	CauseStorageForeign Cause = "storage-foreign" // readable, and not a record of this tenant
	CauseSchemaNewer    Cause = "schema-newer"    // written by a newer version of this software
	CauseUnidentified   Cause = "unidentified"    // a handed-over credential whose user is not known yet
	CauseOfflineLimit   Cause = "offline-limit"   // not confirmed for longer than the offline limit
)

// User is what a device may show of the signed-in user. All fields may be empty.
type User struct {
	ID         string
	Identifier string
	FirstName  string
	LastName   string
	ImageURL   string
}

// Evidence says what a decision rests on. It holds no secret.
type Evidence struct {
	// Request is the kind of request whose answer decided; empty when none did.
	Request RequestKind
	// Trace is the server's own id of that exchange, as it told it.
	Trace string
	// Status is the HTTP status, 0 when there was none.
	Status int
	// Code is the server's error code.
	Code string
	// Trouble classes an answer that proves nothing.
	Trouble Trouble
	// Store is the store's answer when the store decided.
	Store StoreAnswer
	// Detail is a few free words without secrets.
	Detail string
}

// Verdict is everything an application may know at one instant. It is
// comparable; two verdicts of one process with equal Sequence are equal.
type Verdict struct {
	// Sequence numbers the verdicts of a process upwards, without gaps. The
	// verdict that holds before Launch has number 0.
	Sequence uint64
	Kind     Kind
	Cause    Cause
	// Task is the key of the open task when Kind is Pending.
	Task string
	// Confirmed reports whether the server confirmed the session in this
	// process.
	Confirmed bool
	// SessionID, ClientID and User are empty unless Kind is Active,
	// ActiveUnverified or Pending.
	SessionID string
	ClientID  string
	User      User
	// Generation counts the stored records; it moves with every durable change.
	Generation uint64
	// Evidence is what the verdict rests on.
	Evidence Evidence
	// PersistFailing reports that what this verdict says is not durable yet:
	// the last write failed and is being repeated.
	PersistFailing bool
	// Failing says why the server cannot be asked at present, empty when it
	// can. NextTry is then the instant of the next attempt.
	Failing Trouble
	NextTry Instant
	// At is the device's time of day at the change, for display only.
	At Wall
}

// SignedIn reports whether an application should show itself: a session is
// there, confirmed or not.
func (v Verdict) SignedIn() bool { return v.Kind == Active || v.Kind == ActiveUnverified }

// Settled reports whether the verdict answers a call to restore: everything but
// the first two causes, which last at most the local deadline.
func (v Verdict) Settled() bool {
	return v.Kind != Undetermined || (v.Cause != CauseStarting && v.Cause != CauseRestoring)
}
