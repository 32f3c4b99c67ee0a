package backendapi

import (
	"encoding/json"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/wire"
)

func (a *API) signUpRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/sign_ups/{id}":   a.getSignUp,
		"PATCH /v1/sign_ups/{id}": a.updateSignUp,
	}
}

// signUpJSON is the document of the Frontend API without what only that one
// publishes, and without an account elsewhere where there is none.
type signUpJSON struct {
	*wire.SignUp
	HasPassword             *bool           `json:"has_password,omitempty"`
	ExternalAccountStrategy *string         `json:"external_account_strategy,omitempty"`
	ExternalAccount         json.RawMessage `json:"external_account,omitempty"`
}

func (a *API) toSignUp(s auth.SignUp, hasPassword bool) signUpJSON {
	out := signUpJSON{SignUp: respond.SignUp(s, a.Settings(), hasPassword, a.Now())}
	if s.External.Status == auth.VerificationVerified {
		out.ExternalAccount = out.SignUp.ExternalAccount
	}
	return out
}

func signUpID(r *http.Request) (auth.SignUpID, error) {
	return pathID[auth.SignUpID](r, "id", "sua")
}

func (a *API) getSignUp(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := signUpID(r)
	if err != nil {
		return nil, err
	}
	s, hasPassword, err := a.SignUps.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.toSignUp(s, hasPassword), nil
}

func (a *API) updateSignUp(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := signUpID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	note := signup.Note{ExternalID: f.Optional("external_id"), CustomAction: f.OptionalBool("custom_action")}
	if err := f.Err(); err != nil {
		return nil, err
	}
	s, err := a.SignUps.Update(r.Context(), id, note)
	if err != nil {
		return nil, err
	}
	return a.toSignUp(s, false), nil
}
