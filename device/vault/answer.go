package vault

// Answer classes what a backend said. The list is closed: an adapter maps every
// error of its backend to one of these, and maps what it does not recognise to
// [Failed], which ends nothing.
type Answer string

const (
	// Found: the record was read and its integrity proved.
	Found Answer = "found"
	// Absent: the backend is readable and provably holds no record.
	Absent Answer = "absent"
	// Stored: the save is durable and was read back.
	Stored Answer = "stored"
	// Conflict: another record than the expected one is stored; nothing was
	// written.
	Conflict Answer = "conflict"
	// Locked: the backend exists and cannot be read now, but may be later
	// (device not unlocked yet, another process holds the lock too long).
	Locked Answer = "locked"
	// AccessDenied: the backend refuses this principal (owner, mode, symbolic
	// link, entitlement).
	AccessDenied Answer = "access-denied"
	// Failed: input or output error, no space, time-out, unknown error.
	Failed Answer = "failed"
	// Corrupt: every copy is readable and none passes its check.
	Corrupt Answer = "corrupt"
	// KeyMissing: the sealed bytes are intact and the key that sealed them is
	// permanently gone.
	KeyMissing Answer = "key-missing"
	// TooNew: a newer version of this software wrote the record.
	TooNew Answer = "too-new"
)

// Answers lists every Answer, for exhaustive tests.
func Answers() []Answer {
	return []Answer{Found, Absent, Stored, Conflict, Locked, AccessDenied, Failed, Corrupt, KeyMissing, TooNew}
}

// Unreadable reports whether a means that something is or may be stored and
// this process cannot read it. Only [Change.Beside] may write then.
func (a Answer) Unreadable() bool {
	switch a {
	case Locked, AccessDenied, Failed, Corrupt, KeyMissing, TooNew:
		return true
	default:
		return false
	}
}
