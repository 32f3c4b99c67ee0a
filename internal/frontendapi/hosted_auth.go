package frontendapi

import (
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/wire"
)

// hostedAuth is the answer to an app that wants to sign in in the browser.
type hostedAuth struct {
	Object string `json:"object"`
	URL    string `json:"url"`
}

// startHostedAuth begins a sign-in in the browser and tells the app which page
// to open.
func (a *API) startHostedAuth(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := browserflow.Begin{
		RedirectURL: form.Required("redirect_url"), State: form.Required("state"), Challenge: form.Required("code_challenge"),
		Method: form.String("code_challenge_method"),
	}
	page := "/sign-in"
	switch form.String("mode") {
	case "", "sign-in":
	case "sign-up":
		request.SignUp, page = true, "/sign-up"
	default:
		form.Fail(auth.CodeParamInvalid, "mode")
	}
	if err := form.Err(); err != nil {
		return err
	}
	if err := a.ensure(c, true); err != nil {
		return err
	}
	ticket, err := a.BrowserFlows.Begin(c.r.Context(), c.caller.Client, request)
	if err != nil {
		return err
	}
	return a.answer(c, hostedAuth{Object: "hosted_auth", URL: a.ownBase(c.r) + page + "?" + url.Values{"flow": {ticket}}.Encode()})
}

func (a *API) ownBase(r *http.Request) string {
	return respond.OwnBase(r, a.PublicURL, a.Settings().Production)
}

// redeemHostedAuth answers the reading of a client that brings what a browser
// took back to the app. The session of the browser is then on the client, and
// the client gets another credential: the former one was known before anybody
// had signed in.
func (a *API) redeemHostedAuth(c *call, form *respond.Form) error {
	if err := a.limit(c); err != nil {
		return err
	}
	request := browserflow.Redeem{
		Nonce: form.String("rotating_token_nonce"), Verifier: form.String("code_verifier"), Activity: respond.Activity(c.r),
	}
	if err := form.Err(); err != nil {
		return err
	}
	switch c.caller.Standing {
	case session.Known:
	case session.Lost:
		return c.mayHaveAttempts()
	default:
		return auth.RefuseParam(auth.CodeParamInvalid, "rotating_token_nonce")
	}
	if _, err := a.BrowserFlows.Redeem(c.r.Context(), c.caller.Client.Client.ID, request); err != nil {
		return err
	}
	caller, err := a.Clients.Rotate(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	if c.caller, err = a.Clients.Reload(c.r.Context(), caller); err != nil {
		return err
	}
	client, err := a.toClient(c)
	if err != nil {
		return err
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.Envelope{Response: client})
	return nil
}

// nonceForm is the body of a request that reads the client, when it brings a
// nonce with a code verifier; else nil. Reading the client never fails for what came along with it.
func (c *call) nonceForm() *respond.Form {
	if c.r.Body == nil || c.r.Body == http.NoBody || c.r.Header.Get("Content-Type") == "" {
		return nil
	}
	form, err := c.read()
	if err != nil || form.String("rotating_token_nonce") == "" || form.String("code_verifier") == "" {
		return nil
	}
	return form
}
