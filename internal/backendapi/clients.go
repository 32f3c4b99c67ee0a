package backendapi

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// clientJSON is a client as back ends see one.
type clientJSON struct {
	Object            string        `json:"object"`
	ID                string        `json:"id"`
	SessionIDs        []string      `json:"session_ids"`
	Sessions          []sessionJSON `json:"sessions"`
	SignInID          *string       `json:"sign_in_id"`
	SignUpID          *string       `json:"sign_up_id"`
	LastActiveSession *string       `json:"last_active_session_id"`
	LastAuthStrategy  *string       `json:"last_authentication_strategy"`
	UpdatedAt         int64         `json:"updated_at"`
	CreatedAt         int64         `json:"created_at"`
}

func toClient(agg auth.ClientAggregate) clientJSON {
	c := agg.Client
	out := clientJSON{
		Object: "client", ID: string(c.ID), SessionIDs: []string{}, Sessions: toSessions(agg.Sessions),
		SignInID: respond.OrNull(string(c.SignIn)), SignUpID: respond.OrNull(string(c.SignUp)),
		LastActiveSession: respond.OrNull(string(c.LastActiveSession)), LastAuthStrategy: respond.OrNull(string(c.LastStrategy)),
		UpdatedAt: c.UpdatedAt.UnixMilli(), CreatedAt: c.CreatedAt.UnixMilli(),
	}
	for _, s := range agg.Sessions {
		out.SessionIDs = append(out.SessionIDs, string(s.ID))
	}
	return out
}

// clientAnswer is the answer of every operation on one client.
func clientAnswer(agg auth.ClientAggregate, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return toClient(agg), nil
}

func (a *API) getClient(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := pathID[auth.ClientID](r, "client_id", "client")
	if err != nil {
		return nil, err
	}
	return clientAnswer(a.Sessions.Client(r.Context(), id))
}

func (a *API) verifyClient(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	text := f.Required("token")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return clientAnswer(a.Sessions.VerifyClient(r.Context(), text))
}

func (a *API) listClients(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	limit, offset := page(f)
	f.OptionalBool("paginated")
	if err := f.Err(); err != nil {
		return nil, err
	}
	clients, total, err := a.Clients.Clients(r.Context(), limit, offset)
	if err != nil {
		return nil, err
	}
	out := make([]clientJSON, 0, len(clients))
	for _, agg := range clients {
		agg.Sessions = agg.SignedInSessions(a.Now())
		out = append(out, toClient(agg))
	}
	// The published Go SDK decodes a page without asking for one.
	if strings.HasPrefix(r.Header.Get("X-Clerk-Sdk"), "go/") {
		return paged{out, total}, nil
	}
	return listed(f, out, total), nil
}
