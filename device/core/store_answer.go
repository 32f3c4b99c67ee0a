package core

// StoreAnswer classes what the store said. The values are those of the vault
// port; this package names them again because it imports nothing.
type StoreAnswer string

const (
	StoreFound        StoreAnswer = "found"         // read, integrity proved
	StoreAbsent       StoreAnswer = "absent"        // readable and provably empty
	StoreStored       StoreAnswer = "stored"        // durable and read back
	StoreConflict     StoreAnswer = "conflict"      // another record is stored; nothing was written
	StoreLocked       StoreAnswer = "locked"        // may be readable later
	StoreAccessDenied StoreAnswer = "access-denied" // refuses this principal
	StoreFailed       StoreAnswer = "failed"        // input, output, space, time-out, unknown
	StoreCorrupt      StoreAnswer = "corrupt"       // every copy damaged
	StoreKeyMissing   StoreAnswer = "key-missing"   // sealed bytes intact, key permanently gone
	StoreTooNew       StoreAnswer = "too-new"       // written by newer software
)

// Version names one stored record; the zero Version names the absence of one.
type Version struct {
	// Lineage names one sign-in on this device.
	Lineage string
	// Generation counts the stored records upwards, across lineages.
	Generation uint64
}

// IsZero reports whether v names the absence of a record.
func (v Version) IsZero() bool { return v == Version{} }
