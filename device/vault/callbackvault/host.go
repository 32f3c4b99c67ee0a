package callbackvault

import "bytes"

// The host's functions are called through these only. A panic in one of them
// is a failed call: it may not take the app's session down with it.

func (s *store) get(name string) (value []byte, err error) {
	defer recoverTo(&err)
	value, err = s.config.Get(name)
	return bytes.Clone(value), err
}

func (s *store) set(name string, value []byte) (err error) {
	defer recoverTo(&err)
	return s.config.Set(name, bytes.Clone(value))
}

func (s *store) delete(name string) (err error) {
	defer recoverTo(&err)
	return s.config.Delete(name)
}

func recoverTo(err *error) {
	if recover() != nil {
		*err = errHost
	}
}
