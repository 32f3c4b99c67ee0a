package vault

// Peeker is implemented by vaults that can tell, without reading the record,
// that it may have changed. It is how a process notices what another one saved.
type Peeker interface {
	// Peek returns a mark of what is stored. Two different marks mean that the
	// record may have changed in between; two equal ones that it almost
	// certainly has not. It reports false when it cannot tell now. It takes no
	// lock, keeps nothing open and may be called every second.
	Peek() (mark string, ok bool)
}

// Shelf is implemented by vaults that can keep more items of the tenant beside
// the record, each with a lock and versions of its own.
type Shelf interface {
	// Item returns the vault of another item. The name is of lower-case
	// letters, digits and dashes. The error says why there is none.
	Item(name string) (Vault, error)
}
