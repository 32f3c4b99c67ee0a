package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

const clientColumns = `c.id, c.version, c.last_active_session, c.sign_in, c.sign_up, c.last_strategy,
	c.signed_in_or_out_at, c.deleted, c.created_at, c.updated_at`

var (
	clientByToken = fixed(`SELECT t.generation, ` + clientColumns + `
		FROM client_tokens t JOIN clients c ON c.id = t.client_id WHERE t.hash = $1`)
	clientByID   = fixed(`SELECT ` + clientColumns + ` FROM clients c WHERE c.id = $1`)
	insertClient = fixed(`INSERT INTO clients (id, version, last_active_session, sign_in, sign_up, last_strategy,
		signed_in_or_out_at, deleted, created_at, updated_at)
		VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8, $9, $10)`)
	updateClient = fixed(`UPDATE clients SET version = version + 1, last_active_session = $3, sign_in = $4,
		sign_up = $5, last_strategy = $6, signed_in_or_out_at = $7, deleted = $8, updated_at = $10
		WHERE id = $1 AND version = $2`)
	insertClientToken = fixed(`INSERT INTO client_tokens (hash, client_id, generation, created_at)
		VALUES ($1, $2, $3, $4)`)
)

// ClientByToken returns the client that a token was handed out for and the
// token's generation. A deleted client is returned, and says so.
func (s *Store) ClientByToken(ctx context.Context, hash [32]byte) (a auth.ClientAggregate, generation int64, _ error) {
	if err := ctx.Err(); err != nil {
		return auth.ClientAggregate{}, 0, err
	}
	if a, generation, ok := s.clients.byToken(hash); ok {
		return a, generation, nil
	}
	since := s.clients.moment()
	err := s.read(ctx, "client by token", func(c *conn) error {
		ok, err := c.one(clientByToken, func(r *row) { generation = r.int(); a.Client = scanClient(r) }, hash[:])
		if err := found(ok, err); err != nil {
			return err
		}
		return c.fillClient(&a)
	})
	if err != nil {
		return auth.ClientAggregate{}, 0, err
	}
	s.clients.keep(since, a)
	s.clients.keepToken(hash, tokenOwner{a.Client.ID, generation})
	return a, generation, nil
}

// ClientByID returns the client with this id, deleted or not.
func (s *Store) ClientByID(ctx context.Context, id auth.ClientID) (a auth.ClientAggregate, _ error) {
	if err := ctx.Err(); err != nil {
		return auth.ClientAggregate{}, err
	}
	if a, ok := s.clients.byID(id); ok {
		return a, nil
	}
	since := s.clients.moment()
	err := s.read(ctx, "client by id", func(c *conn) error {
		ok, err := c.one(clientByID, func(r *row) { a.Client = scanClient(r) }, string(id))
		if err := found(ok, err); err != nil {
			return err
		}
		return c.fillClient(&a)
	})
	if err != nil {
		return auth.ClientAggregate{}, err
	}
	s.clients.keep(since, a)
	return a, nil
}

// fillClient reads what belongs to a client: live sessions, their users, the
// attempts it points at.
func (c *conn) fillClient(a *auth.ClientAggregate) (err error) {
	a.Users = map[auth.UserID]auth.User{}
	if a.Sessions, err = c.liveSessions(a.Client.ID); err != nil {
		return err
	}
	for _, s := range a.Sessions {
		if _, ok := a.Users[s.User]; ok {
			continue
		}
		u, ok, err := c.user(userByID, string(s.User))
		if err != nil {
			return err
		}
		if ok {
			a.Users[s.User] = u
		}
	}
	if err := c.fillBelongings(a); err != nil {
		return err
	}
	if a.Client.SignIn != "" {
		if a.SignIn, err = c.signIn(a.Client.SignIn); err != nil {
			return err
		}
	}
	if a.Client.SignUp != "" {
		a.SignUp, err = c.signUp(a.Client.SignUp)
	}
	return err
}

func scanClient(r *row) auth.Client {
	return auth.Client{
		ID:                auth.ClientID(r.text()),
		Version:           r.int(),
		LastActiveSession: auth.SessionID(r.text()),
		SignIn:            auth.SignInID(r.text()),
		SignUp:            auth.SignUpID(r.text()),
		LastStrategy:      auth.Strategy(r.text()),
		SignedInOrOutAt:   r.instant(),
		Deleted:           r.bool(),
		CreatedAt:         r.instant(),
		UpdatedAt:         r.instant(),
	}
}

func (c *conn) putClient(x *auth.Client) error {
	return c.put(x.Version, insertClient, updateClient,
		string(x.ID), x.Version, string(x.LastActiveSession), string(x.SignIn), string(x.SignUp), string(x.LastStrategy),
		ms(x.SignedInOrOutAt), x.Deleted, ms(x.CreatedAt), ms(x.UpdatedAt))
}

func (c *conn) insertClientToken(t *auth.ClientToken) error {
	_, err := c.exec(insertClientToken, t.Hash[:], string(t.Client), t.Generation, ms(t.CreatedAt))
	return err
}
