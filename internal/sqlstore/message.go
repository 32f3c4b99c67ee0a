package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	insertMessage = fixed(`INSERT INTO messages (id, sealed, due_at, created_at) VALUES ($1, $2, $3, $3)`)
	claimMessages = fixed(`UPDATE messages SET due_at = $2 WHERE id IN
		(SELECT id FROM messages WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3)
		RETURNING id, sealed, created_at`)
	deleteMessage  = fixed(`DELETE FROM messages WHERE id = $1`)
	recentMessages = fixed(`SELECT id, sealed, created_at FROM messages ORDER BY created_at DESC, id DESC LIMIT $1`)
)

func (c *conn) insertMessage(m *auth.Message) error {
	_, err := c.exec(insertMessage, string(m.ID), m.Sealed, ms(m.CreatedAt))
	return err
}

// ClaimMessages returns up to limit messages that are due at now and makes them
// due again at until, in one step: no two callers get the same message before
// then, and one whose caller died comes back by itself. Oldest first.
func (s *Store) ClaimMessages(ctx context.Context, now, until time.Time, limit int) (out []auth.Message, _ error) {
	err := s.write(ctx, "claim messages", nothing, func(c *conn) error {
		out = nil
		return c.each(claimMessages, []any{ms(now), ms(until), limit}, func(r *row) { out = append(out, scanMessage(r)) })
	})
	if err != nil {
		return nil, err
	}
	sortMessages(out)
	return out, nil
}

// DeleteMessages removes messages; those that do not exist are no error.
func (s *Store) DeleteMessages(ctx context.Context, ids []auth.MessageID) error {
	return s.write(ctx, "delete messages", nothing, func(c *conn) error {
		for _, id := range ids {
			if _, err := c.exec(deleteMessage, string(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// RecentMessages returns up to limit messages, newest first.
func (s *Store) RecentMessages(ctx context.Context, limit int) (out []auth.Message, _ error) {
	err := s.read(ctx, "recent messages", func(c *conn) error {
		return c.each(recentMessages, []any{limit}, func(r *row) { out = append(out, scanMessage(r)) })
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func scanMessage(r *row) auth.Message {
	return auth.Message{ID: auth.MessageID(r.text()), Sealed: r.blob(), CreatedAt: r.instant()}
}

// sortMessages puts the oldest first; a database returns updated rows in no
// particular order.
func sortMessages(ms []auth.Message) {
	slices.SortFunc(ms, func(a, b auth.Message) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}
