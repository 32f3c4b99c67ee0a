package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// Sessions returns one page of the sessions that match, newest first, and how
// many match altogether.
func (s *Store) Sessions(ctx context.Context, q auth.SessionQuery) (out []auth.Session, total int, _ error) {
	f := sessionFilter(q)
	count, countArgs := countSessionsText(f), f.args
	list := listSessionsText(f, q)
	err := s.read(ctx, "sessions", func(c *conn) error {
		if err := c.dynamic(count, countArgs, func(r *row) { total = int(r.int()) }); err != nil {
			return err
		}
		return c.dynamic(list, f.args, func(r *row) { out = append(out, scanSession(r)) })
	})
	if err != nil {
		return nil, 0, err
	}
	return out, total, nil
}

func countSessionsText(f *filter) string { return `SELECT count(*) FROM sessions s` + f.clause() }

func listSessionsText(f *filter, q auth.SessionQuery) string {
	return `SELECT ` + sessionColumns() + ` FROM sessions s` + f.clause() +
		` ORDER BY s.created_at DESC, s.id DESC` + f.page(q.Limit, q.Offset)
}

func sessionFilter(q auth.SessionQuery) *filter {
	f := &filter{}
	if q.Client != "" {
		f.where("s.client_id = " + f.arg(string(q.Client)))
	}
	if q.User != "" {
		f.where("s.user_id = " + f.arg(string(q.User)))
	}
	if q.Status != "" {
		f.where(statusTerm(f, q))
	}
	return f
}

// statusTerm is [auth.Session.StatusAt] in SQL: a session that was stored live
// and is past one of its ends is expired or abandoned.
func statusTerm(f *filter, q auth.SessionQuery) string {
	status, now := f.arg(string(q.Status)), ms(q.Now)
	const live = "s.status IN ('active', 'pending')"
	switch q.Status {
	case auth.SessionActive, auth.SessionPending:
		at := f.arg(now)
		return "s.status = " + status + " AND s.expire_at > " + at + " AND s.abandon_at > " + at
	case auth.SessionExpired:
		return "(s.status = " + status + " OR " + live + " AND s.expire_at <= " + f.arg(now) + ")"
	case auth.SessionAbandoned:
		at := f.arg(now)
		return "(s.status = " + status + " OR " + live + " AND s.expire_at > " + at + " AND s.abandon_at <= " + at + ")"
	default:
		return "s.status = " + status
	}
}
