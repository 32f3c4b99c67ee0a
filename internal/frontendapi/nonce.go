package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// redeemSignIn answers the reading of a sign-in that brings the nonce with
// which a browser came back to a native app.
func (a *API) redeemSignIn(c *call, id auth.SignInID, nonce string) error {
	flow, first, err := a.claim(c, id, "", nonce)
	if err != nil {
		return err
	}
	if !first {
		view, err := a.SignIns.Get(c.r.Context(), c.caller.Client, id)
		return a.answerSignIn(c, view, err)
	}
	view, err := a.SignIns.Redeem(c.r.Context(), c.caller.Client, id, flow, respond.Activity(c.r))
	if err == nil {
		c.caller, err = a.Clients.Rotate(c.r.Context(), c.caller)
	}
	return a.answerSignIn(c, view, err)
}

// redeemSignUp is [API.redeemSignIn] for a sign-up.
func (a *API) redeemSignUp(c *call, id auth.SignUpID, nonce string) error {
	flow, first, err := a.claim(c, "", id, nonce)
	if err != nil {
		return err
	}
	if !first {
		view, err := a.SignUps.Get(c.caller.Client, id)
		return a.answerSignUp(c, view, err)
	}
	view, err := a.SignUps.Redeem(c.r.Context(), c.caller.Client, id, flow, respond.Activity(c.r))
	if err == nil {
		c.caller, err = a.Clients.Rotate(c.r.Context(), c.caller)
	}
	return a.answerSignUp(c, view, err)
}

func (a *API) claim(c *call, in auth.SignInID, up auth.SignUpID, nonce string) (auth.BrowserFlow, bool, error) {
	if err := a.limit(c); err != nil {
		return auth.BrowserFlow{}, false, err
	}
	return a.BrowserFlows.Claim(c.r.Context(), c.caller.Client.Client.ID, in, up, nonce)
}
