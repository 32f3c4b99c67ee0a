package sqlstore

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	// sweepGrace is how long an attempt is kept after it was abandoned, for
	// whoever asks what became of it.
	sweepGrace = 24 * time.Hour
	// sweepLimit bounds what one call deletes of each kind, because everything
	// else that writes waits meanwhile.
	sweepLimit = 500
)

var sweeps = []struct {
	q   *query
	age time.Duration // since the instant that the query compares
}{
	{fixed(`DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE abandon_at < $1 ORDER BY abandon_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM sign_ups WHERE id IN (SELECT id FROM sign_ups WHERE abandon_at < $1 ORDER BY abandon_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM browser_flows WHERE id IN (SELECT id FROM browser_flows WHERE expire_at < $1 ORDER BY expire_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM oauth_flows WHERE id IN (SELECT id FROM oauth_flows WHERE expire_at < $1 ORDER BY expire_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM email_links WHERE id IN (SELECT id FROM email_links WHERE expire_at < $1 ORDER BY expire_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM contact_verifications WHERE id IN (SELECT id FROM contact_verifications WHERE expire_at < $1 ORDER BY expire_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM reverifications WHERE id IN (SELECT id FROM reverifications WHERE abandon_at < $1 ORDER BY abandon_at LIMIT $2)`), sweepGrace},
	{fixed(`DELETE FROM lockouts WHERE key IN (SELECT key FROM lockouts WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)`),
		auth.LockoutForget + auth.LockoutDuration},
	{fixed(`DELETE FROM client_lineages WHERE id IN (SELECT id FROM client_lineages WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)`),
		auth.LineageForget},
	{fixed(`DELETE FROM webhook_events WHERE id IN (SELECT id FROM webhook_events WHERE created_at < $1 ORDER BY created_at LIMIT $2)`),
		auth.WebhookForget},
}

// Sweep deletes what no rule can ask about any more at now: attempts that were
// abandoned a day ago, failures that are forgotten, and lineages that no session
// can belong to. It keeps sessions that
// are over and clients without any, because both are proof: a device that comes
// back with an old token has to hear what is true about it. More says that
// there was more than one call deletes.
func (s *Store) Sweep(ctx context.Context, now time.Time) (more bool, _ error) {
	err := s.write(ctx, "sweep", touched{everything: true}, func(c *conn) error {
		more = false
		for _, sweep := range sweeps {
			n, err := c.exec(sweep.q, ms(now.Add(-sweep.age)), sweepLimit)
			if err != nil {
				return err
			}
			more = more || n == sweepLimit
		}
		return nil
	})
	return more, err
}
