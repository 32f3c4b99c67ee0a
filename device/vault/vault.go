// Package vault owns the port through which a device keeps its one record: a
// sealed, opaque byte string that is replaced as a whole by compare-and-set on
// its version.
//
// It offers the [Vault] interface, the closed list of [Answer] values, and the
// plain structs that travel through it. The adapters live in the packages
// below this one and are all held to the same suite, vaulttest.
//
// It refuses to know what the bytes mean: no session, no token, no client is
// named here, and no adapter may look inside a body.
package vault

import "context"

// Vault keeps one record of one tenant, shared by every process of one user.
//
// The five questions a caller may ask of any implementation:
//
//   - What is absent? [Loaded.Answer] is [Absent] only when the backend proved
//     that nothing is stored. An unreadable, locked, slow or foreign backend is
//     never Absent; it has an answer of its own.
//   - Is it durable on return? [Stored] means that the record survives a power
//     cut and has been read back equal. Every other answer means that the
//     predecessor is still stored, or that either of the two is (Failed); the
//     caller learns which by Load, or by saving the same change again.
//   - Is it atomic, and against whom? A reader in any process, and a restart
//     after any power cut, sees exactly the predecessor or exactly the
//     successor. Saves are serialised against every other process.
//   - Is it safe for concurrent use? Yes, all methods, from any goroutine.
//   - What may an implementation not do? Block past its context, keep
//     [Change.Body] after returning, return a body it still owns, retry on its
//     own for longer than a few milliseconds of contention, delete or
//     overwrite bytes that it could not read, or put a body or key in a Detail.
type Vault interface {
	// Load reads the record. It never writes, and it takes no lock that a
	// stopped or dead process could hold for ever.
	Load(ctx context.Context) Loaded

	// Save replaces the record named by [Change.Previous] with
	// [Change.Next]. Saving again exactly what is stored answers Stored, so a
	// change whose answer was lost may simply be repeated.
	Save(ctx context.Context, change Change) Saved

	// Hold takes the exclusive right to an exchange that no second process may
	// run at the same time (a credential rotation). The right ends with
	// release, or with the life of the process. The answer is Stored when the
	// right was obtained; release is then not nil and may be called once.
	// Save and Load do not need it and are not blocked by it.
	Hold(ctx context.Context) (release func(), answer Answer)
}

// MaxBody is the largest body that every adapter accepts, in bytes.
const MaxBody = 4 << 20

// Version names one stored record. The zero Version names the absence of one.
type Version struct {
	// Lineage names one sign-in on this device; it changes at each sign-in.
	Lineage string
	// Generation counts the records of a lineage upwards from 1.
	Generation uint64
}

// IsZero reports whether v names the absence of a record.
func (v Version) IsZero() bool { return v == Version{} }

// Succeeds reports whether v may be stored in the place of previous: either it
// begins another lineage, or it has a later generation of the same one. Equal
// or lower generations are refused so that no late writer can go back.
func (v Version) Succeeds(previous Version) bool {
	if v.Lineage == "" || v.Generation == 0 {
		return false
	}
	return v.Lineage != previous.Lineage || v.Generation > previous.Generation
}

// Loaded is the outcome of [Vault.Load].
type Loaded struct {
	Answer Answer
	// Version and Body are set when Answer is Found, and zero otherwise. The
	// caller owns Body.
	Version Version
	Body    []byte
	// Schema is the format of the stored envelope when Answer is TooNew.
	Schema uint32
	// Detail says in a few words what was met, for the journal; it is free of
	// secrets. It may be set beside Found, when one copy was damaged and the
	// other one answered.
	Detail string
}

// Change is the argument of [Vault.Save].
type Change struct {
	// Previous is the version that the caller last saw; zero when it saw none.
	Previous Version
	// Next must satisfy Next.Succeeds(Previous).
	Next Version
	// Body is at most MaxBody bytes. The vault copies what it keeps.
	Body []byte
	// Beside allows the save although the stored record cannot be read: the
	// unreadable remains are set aside under another name, never deleted. Of a
	// record that the vault can read Previous decides, as ever; it is then set
	// aside too, for its body may mean something to another program.
	Beside bool
	// Final asks that no earlier record can ever be read again once this one
	// is stored, not even when this one is later damaged. A sign-out needs it.
	Final bool
}

// Saved is the outcome of [Vault.Save].
type Saved struct {
	Answer Answer
	// Current is the stored version when Answer is Stored or Conflict.
	Current Version
	// Detail is as in [Loaded].
	Detail string
}
