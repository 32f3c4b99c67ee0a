package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	waitlistColumns = columnList(func() string { return `id, version, email_address, status, invitation, created_at, updated_at` })

	waitlistByID      = built(func() string { return `SELECT ` + waitlistColumns.of("w") + ` FROM waitlist_entries w WHERE w.id = $1` })
	waitlistByAddress = built(func() string {
		return `SELECT ` + waitlistColumns.of("w") + ` FROM waitlist_entries w WHERE w.email_address = $1`
	})
	insertWaitlist = built(func() string { return waitlistColumns.insert("waitlist_entries") })
	updateWaitlist = built(func() string { return waitlistColumns.update("waitlist_entries", "email_address", "created_at") })
	deleteWaitlist = fixed(`DELETE FROM waitlist_entries WHERE id = $1 AND version = $2`)
)

// WaitlistEntry returns the entry with this id.
func (s *Store) WaitlistEntry(ctx context.Context, id auth.WaitlistID) (auth.WaitlistEntry, error) {
	return s.oneWaitlistEntry(ctx, waitlistByID, string(id))
}

// WaitlistEntryByEmail returns the entry of an address, which is normalised.
func (s *Store) WaitlistEntryByEmail(ctx context.Context, address string) (auth.WaitlistEntry, error) {
	return s.oneWaitlistEntry(ctx, waitlistByAddress, address)
}

func (s *Store) oneWaitlistEntry(ctx context.Context, q *query, arg string) (out auth.WaitlistEntry, _ error) {
	err := s.read(ctx, "waitlist entry", func(c *conn) error {
		return found(c.one(q, func(r *row) { out = scanWaitlistEntry(r) }, arg))
	})
	return out, err
}

// WaitlistEntries returns one page of the entries that match and how many match
// altogether.
func (s *Store) WaitlistEntries(ctx context.Context, q auth.WaitlistQuery) (out []auth.WaitlistEntry, total int, _ error) {
	f := waitlistFilter(q)
	count, countArgs := `SELECT count(*) FROM waitlist_entries w`+f.clause(), f.args
	list := waitlistText(f, q)
	err := s.read(ctx, "waitlist entries", func(c *conn) error {
		if err := c.dynamic(count, countArgs, func(r *row) { total = int(r.int()) }); err != nil {
			return err
		}
		return c.dynamic(list, f.args, func(r *row) { out = append(out, scanWaitlistEntry(r)) })
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}

func waitlistText(f *filter, q auth.WaitlistQuery) string {
	return `SELECT ` + waitlistColumns.of("w") + ` FROM waitlist_entries w` + f.clause() +
		` ORDER BY ` + byCreation("w", q.Oldest) + f.page(q.Limit, q.Offset)
}

func waitlistFilter(q auth.WaitlistQuery) *filter {
	f := &filter{}
	if q.Status != "" {
		f.where("w.status = " + f.arg(string(q.Status)))
	}
	if q.Query != "" {
		f.where("w.email_address LIKE " + f.arg(containing(q.Query)) + ` ESCAPE '\'`)
	}
	return f
}

func scanWaitlistEntry(r *row) auth.WaitlistEntry {
	return auth.WaitlistEntry{
		ID:           auth.WaitlistID(r.text()),
		Version:      r.int(),
		EmailAddress: r.text(),
		Status:       auth.WaitlistStatus(r.text()),
		Invitation:   auth.InvitationID(r.text()),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
	}
}

func (c *conn) putWaitlistEntry(x *auth.WaitlistEntry) error {
	return c.put(x.Version, insertWaitlist, updateWaitlist,
		string(x.ID), x.Version, x.EmailAddress, string(x.Status), string(x.Invitation), ms(x.CreatedAt), ms(x.UpdatedAt))
}

func (c *conn) deleteWaitlistEntry(x *auth.WaitlistEntry) error {
	return c.guarded(deleteWaitlist, string(x.ID), x.Version)
}
