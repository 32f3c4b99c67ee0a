package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	clientsPage = fixed(`SELECT ` + clientColumns + ` FROM clients c
		WHERE c.deleted = FALSE ORDER BY c.created_at DESC, c.id DESC LIMIT $1 OFFSET $2`)
	clientsTotal = fixed(`SELECT count(*) FROM clients c WHERE c.deleted = FALSE`)
)

// Clients returns one page of the clients that are not deleted, newest first,
// and how many there are.
func (s *Store) Clients(ctx context.Context, limit, offset int) (out []auth.ClientAggregate, total int, _ error) {
	err := s.read(ctx, "clients", func(c *conn) error {
		if _, err := c.one(clientsTotal, func(r *row) { total = int(r.int()) }); err != nil {
			return err
		}
		args := []any{min(max(limit, 1), pageLimit), max(offset, 0)}
		err := c.each(clientsPage, args, func(r *row) { out = append(out, auth.ClientAggregate{Client: scanClient(r)}) })
		if err != nil {
			return err
		}
		for i := range out {
			if err := c.fillClient(&out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}
