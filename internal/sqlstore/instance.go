package sqlstore

import (
	"bytes"
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	instanceValue       = fixed(`SELECT value FROM instance_values WHERE name = $1`)
	insertInstanceValue = fixed(`INSERT INTO instance_values (name, value) VALUES ($1, $2)`)
	updateInstanceValue = fixed(`UPDATE instance_values SET value = $2 WHERE name = $1 AND value = $3`)
)

// InstanceValue returns what is stored under this name for the whole instance.
func (s *Store) InstanceValue(ctx context.Context, name string) (out []byte, _ error) {
	err := s.read(ctx, "instance value", func(c *conn) error {
		return found(c.one(instanceValue, func(r *row) { out = r.blob() }, name))
	})
	return out, err
}

// SwapInstanceValue stores value where the stored one still equals old; nil for
// old means that there must be none yet. [auth.ErrConflict] when it is
// different.
func (s *Store) SwapInstanceValue(ctx context.Context, name string, old, value []byte) error {
	value, old = bytes.Clone(value), bytes.Clone(old) // the write may outlive the call
	return s.write(ctx, "swap instance value", nothing, func(c *conn) error {
		if old != nil {
			return c.guarded(updateInstanceValue, name, value, old)
		}
		_, err := c.exec(insertInstanceValue, name, value)
		if err != nil && taken(err) != nil {
			return auth.ErrConflict
		}
		return err
	})
}
