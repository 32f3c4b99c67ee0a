package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

var sessionList = columnList(func() string {
	return `id, version, client_id, user_id, status, tasks, first_factor_at, second_factor_at,
	ip_address, user_agent, device_type, browser, mobile, city, country,
	last_active_at, expire_at, abandon_at, org_id, actor, created_at, updated_at`
})

func sessionColumns() string { return sessionList.of("s") }

var (
	sessionByID  = built(func() string { return `SELECT ` + sessionColumns() + ` FROM sessions s WHERE s.id = $1` })
	liveSessions = built(func() string {
		return `SELECT ` + sessionColumns() + ` FROM sessions s
		WHERE s.client_id = $1 AND s.status IN ('active', 'pending')`
	})
	insertSession = built(func() string { return sessionList.insert("sessions") })
	updateSession = built(func() string { return sessionList.update("sessions", "client_id", "user_id", "actor", "created_at") })
)

// Session returns the session with this id, in whatever status.
func (s *Store) Session(ctx context.Context, id auth.SessionID) (out auth.Session, _ error) {
	err := s.read(ctx, "session", func(c *conn) error {
		return found(c.one(sessionByID, func(r *row) { out = scanSession(r) }, string(id)))
	})
	return out, err
}

// liveSessions are those not known to be over, oldest first.
func (c *conn) liveSessions(id auth.ClientID) (out []auth.Session, _ error) {
	err := c.each(liveSessions, []any{string(id)}, func(r *row) { out = append(out, scanSession(r)) })
	// Sorted here: setting up a sort costs the database more than reading the row.
	slices.SortFunc(out, func(a, b auth.Session) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

func scanSession(r *row) auth.Session {
	return auth.Session{
		ID:             auth.SessionID(r.text()),
		Version:        r.int(),
		Client:         auth.ClientID(r.text()),
		User:           auth.UserID(r.text()),
		Status:         auth.SessionStatus(r.text()),
		Tasks:          auth.Tasks(r.text()),
		FirstFactorAt:  r.instant(),
		SecondFactorAt: r.instant(),
		Activity: auth.Activity{
			IPAddress:  r.text(),
			UserAgent:  r.text(),
			DeviceType: r.text(),
			Browser:    r.text(),
			Mobile:     r.bool(),
			City:       r.text(),
			Country:    r.text(),
		},
		LastActiveAt: r.instant(),
		ExpireAt:     r.instant(),
		AbandonAt:    r.instant(),
		Organization: auth.OrganizationID(r.text()),
		Actor:        auth.Actor(r.text()),
		CreatedAt:    r.instant(),
		UpdatedAt:    r.instant(),
	}
}

// putSession never moves a session to another client or user.
func (c *conn) putSession(x *auth.Session) error {
	return c.put(x.Version, insertSession, updateSession,
		string(x.ID), x.Version, string(x.Client), string(x.User), string(x.Status), string(x.Tasks),
		ms(x.FirstFactorAt), ms(x.SecondFactorAt),
		x.Activity.IPAddress, x.Activity.UserAgent, x.Activity.DeviceType, x.Activity.Browser, x.Activity.Mobile, x.Activity.City, x.Activity.Country,
		ms(x.LastActiveAt), ms(x.ExpireAt), ms(x.AbandonAt), string(x.Organization), string(x.Actor), ms(x.CreatedAt), ms(x.UpdatedAt))
}
