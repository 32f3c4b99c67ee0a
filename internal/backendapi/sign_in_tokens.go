package backendapi

import (
	"net/http"
	"net/url"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
)

// signInTokenJSON is a sign-in token; the ticket is shown at creation only.
type signInTokenJSON struct {
	Object    string  `json:"object"`
	ID        string  `json:"id"`
	Status    string  `json:"status"`
	UserID    string  `json:"user_id"`
	Token     string  `json:"token,omitempty"`
	URL       *string `json:"url"`
	CreatedAt int64   `json:"created_at"`
	UpdatedAt int64   `json:"updated_at"`
}

func (a *API) toSignInToken(t auth.SignInToken, ticket string) signInTokenJSON {
	return signInTokenJSON{
		Object: "sign_in_token", ID: string(t.ID), Status: string(t.Status), UserID: string(t.User), Token: ticket,
		URL:       respond.OrNull(a.ticketURL(ticket)),
		CreatedAt: t.CreatedAt.UnixMilli(), UpdatedAt: t.UpdatedAt.UnixMilli(),
	}
}

// ticketURL is a link that accepts a ticket, empty for none.
func (a *API) ticketURL(ticket string) string {
	if ticket == "" {
		return ""
	}
	return a.PublicURL + "/v1/tickets/accept?ticket=" + url.QueryEscape(ticket)
}

func (a *API) createSignInToken(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := signin.NewSignInToken{User: auth.UserID(f.Required("user_id")), Organization: auth.OrganizationID(f.String("org_id"))}
	const usual, most = int64(signin.SignInTokenLifetime / time.Second), int64(signin.MaxSignInTokenLifetime / time.Second)
	in.Lifetime = time.Second * time.Duration(f.Bounded("expires_in_seconds", usual, 1, most))
	if err := f.Err(); err != nil {
		return nil, err
	}
	t, ticket, err := a.SignInTokens.Create(r.Context(), in)
	if err != nil {
		return nil, err
	}
	return a.toSignInToken(t, ticket), nil
}

func (a *API) revokeSignInToken(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := pathID[auth.SignInTokID](r, "sign_in_token_id", "sit")
	if err != nil {
		return nil, err
	}
	t, err := a.SignInTokens.Revoke(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.toSignInToken(t, ""), nil
}
