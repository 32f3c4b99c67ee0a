package backendapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
)

// actorTokenJSON is an actor token; the ticket is shown at creation only.
type actorTokenJSON struct {
	Object    string          `json:"object"`
	ID        string          `json:"id"`
	Status    string          `json:"status"`
	UserID    string          `json:"user_id"`
	Actor     json.RawMessage `json:"actor"`
	Token     string          `json:"token,omitempty"`
	URL       string          `json:"url,omitempty"`
	CreatedAt int64           `json:"created_at"`
	UpdatedAt int64           `json:"updated_at"`
}

func (a *API) toActorToken(t auth.SignInToken, ticket string) actorTokenJSON {
	return actorTokenJSON{
		Object: "actor_token", ID: string(t.ID), Status: string(t.Status), UserID: string(t.User), Actor: t.Actor.JSON(),
		Token: ticket, URL: a.ticketURL(ticket), CreatedAt: t.CreatedAt.UnixMilli(), UpdatedAt: t.UpdatedAt.UnixMilli(),
	}
}

func (a *API) createActorToken(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	request := signin.ActorToken{
		User:            auth.UserID(f.Required("user_id")),
		Lifetime:        wholeSeconds(f, "expires_in_seconds", signin.ActorTokenLifetime, signin.MaxActorTokenLifetime),
		SessionLifetime: wholeSeconds(f, "session_max_duration_in_seconds", signin.ActorSessionLifetime, signin.MaxActorSessionLifetime),
	}
	raw, sent := f.Object("actor")
	if !sent {
		f.Fail(auth.CodeParamMissing, "actor")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if request.Actor, err = auth.NewActor(raw, "actor"); err != nil {
		return nil, err
	}
	t, ticket, err := a.SignInTokens.CreateActing(r.Context(), request)
	if err != nil {
		return nil, err
	}
	return a.toActorToken(t, ticket), nil
}

// wholeSeconds reads how long something lasts.
func wholeSeconds(f *respond.Form, name string, usual, most time.Duration) time.Duration {
	return time.Second * time.Duration(f.Bounded(name, int64(usual/time.Second), 1, int64(most/time.Second)))
}

func (a *API) revokeActorToken(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := pathID[auth.SignInTokID](r, "actor_token_id", "act")
	if err != nil {
		return nil, err
	}
	t, err := a.SignInTokens.RevokeActing(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.toActorToken(t, ""), nil
}
