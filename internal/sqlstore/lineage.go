package sqlstore

import (
	"context"
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
)

const lineageColumns = `l.id, l.version, l.client_id, l.key_hash, l.generation, l.ended_at, l.presented_at, l.created_at, l.updated_at`

var (
	lineageByID   = fixed(`SELECT ` + lineageColumns + ` FROM client_lineages l WHERE l.id = $1 AND l.client_id = $2`)
	insertLineage = fixed(`INSERT INTO client_lineages (id, version, client_id, key_hash, generation, ended_at,
		presented_at, created_at, updated_at) VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9)`)
	updateLineage = fixed(`UPDATE client_lineages SET version = version + 1, generation = $5, ended_at = $6,
		presented_at = $7, updated_at = $9 WHERE id = $1 AND version = $2`)
	// trimLineages keeps the newest of a client.
	trimLineages = fixed(`DELETE FROM client_lineages WHERE id IN (SELECT id FROM client_lineages
		WHERE client_id = $1 ORDER BY updated_at DESC, id LIMIT $2 OFFSET $3)`)
)

// BoundClient returns the client that a bound credential names, deleted or not,
// with what is known about the credential's lineage: the zero [auth.Lineage]
// when it was never presented.
func (s *Store) BoundClient(ctx context.Context, b auth.BoundToken) (a auth.ClientAggregate, l auth.Lineage, _ error) {
	err := s.read(ctx, "client by bound token", func(c *conn) error {
		a, l = auth.ClientAggregate{}, auth.Lineage{}
		ok, err := c.one(clientByID, func(r *row) { a.Client = scanClient(r) }, string(b.Client))
		if err := found(ok, err); err != nil {
			return err
		}
		if _, err := c.one(lineageByID, func(r *row) { l = scanLineage(r) }, b.Lineage[:], string(b.Client)); err != nil {
			return err
		}
		return c.fillClient(&a)
	})
	if err != nil {
		return auth.ClientAggregate{}, auth.Lineage{}, err
	}
	return a, l, nil
}

func scanLineage(r *row) (l auth.Lineage) {
	copy(l.ID[:], r.blob())
	l.Version = r.int()
	l.Client = auth.ClientID(r.text())
	l.Key = auth.KeyThumbprint(r.hash())
	l.Generation = r.int()
	l.EndedAt, l.PresentedAt, l.CreatedAt, l.UpdatedAt = r.instant(), r.instant(), r.instant(), r.instant()
	return l
}

// putLineage reports a lineage that exists as a conflict: whoever inserts found
// none, and has to look again.
func (c *conn) putLineage(l *auth.Lineage) error {
	err := c.put(l.Version, insertLineage, updateLineage, l.ID[:], l.Version, string(l.Client), l.Key[:], l.Generation,
		ms(l.EndedAt), ms(l.PresentedAt), ms(l.CreatedAt), ms(l.UpdatedAt))
	if err != nil && errors.Is(taken(err), auth.ErrExists) {
		return auth.ErrConflict
	}
	if err != nil || l.Version != 0 {
		return err
	}
	_, err = c.exec(trimLineages, string(l.Client), sweepLimit, auth.MaxLineages)
	return err
}
