package frontendapi

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/emaillink"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/wire"
)

// linkRequest reads what a link is asked for with: by a browser a page to
// return to, by a native app its own address and a code challenge.
func (a *API) linkRequest(c *call, form *respond.Form) (auth.LinkRequest, error) {
	r := auth.LinkRequest{
		About: auth.IdentificationID(form.String("email_address_id")), Challenge: form.String("code_challenge"),
		Address: func(token string) string {
			return a.ownBase(c.r) + "/v1/verify?" + url.Values{"token": {token}}.Encode()
		},
	}
	if r.Challenge != "" || form.String("redirect_uri") != "" {
		r.RedirectURL, r.Challenge = form.Required("redirect_uri"), form.Required("code_challenge")
		if method := form.String("code_challenge_method"); method != "" && method != "S256" {
			form.Fail(auth.CodeParamInvalid, "code_challenge_method")
		}
		return r, form.Err()
	}
	r.RedirectURL = form.Required("redirect_url")
	if err := form.Err(); err != nil {
		return r, err
	}
	if !a.mayRedirect(r.RedirectURL) {
		return r, auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	return r, nil
}

// createLinkSignIn begins a sign-in and has the link sent at once.
func (a *API) createLinkSignIn(c *call, form *respond.Form, request signin.Create) error {
	link, err := a.linkRequest(c, form)
	if err != nil {
		return err
	}
	if request.Strategy = ""; request.Identifier == "" {
		return auth.RefuseParam(auth.CodeParamMissing, "identifier")
	}
	if err := link.Check(a.Settings()); err != nil {
		return err
	}
	view, err := a.SignIns.Create(c.r.Context(), c.caller.Client, request)
	if err != nil {
		return err
	}
	if c.caller, err = a.Clients.Reload(c.r.Context(), c.caller); err != nil {
		return err
	}
	view, err = a.SignIns.PrepareLink(c.r.Context(), c.caller.Client, view.Attempt.ID, link)
	return a.answerSignIn(c, view, err)
}

// prepareSignInLink sends a link in the place of a code.
func (a *API) prepareSignInLink(c *call, form *respond.Form, id auth.SignInID) error {
	link, err := a.linkRequest(c, form)
	if err != nil {
		return err
	}
	view, err := a.SignIns.PrepareLink(c.r.Context(), c.caller.Client, id, link)
	return a.answerSignIn(c, view, err)
}

// prepareSignUpLink sends a link in the place of a code.
func (a *API) prepareSignUpLink(c *call, form *respond.Form, id auth.SignUpID) error {
	link, err := a.linkRequest(c, form)
	if err != nil {
		return err
	}
	view, err := a.SignUps.PrepareLink(c.r.Context(), c.caller.Client, id, link)
	return a.answerSignUp(c, view, err)
}

// verifyEmailLink is where the link in a mail leads. Whatever comes of it is
// told to the page that the browser is sent to.
func (a *API) verifyEmailLink(c *call) error {
	if err := a.limit(c); err != nil {
		return err
	}
	link, err := a.EmailLinks.Find(c.r.Context(), c.r.URL.Query().Get("token"))
	if err != nil {
		return err
	}
	if link.Native() {
		address, err := a.EmailLinks.Approve(c.r.Context(), link)
		if err != nil {
			return err
		}
		return c.seeOther(address)
	}
	created, err := a.followLink(c, link)
	status, err := linkStatus(err)
	if err != nil {
		return err
	}
	target, err := url.Parse(link.RedirectURL)
	if err != nil {
		return auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	q := target.Query()
	q.Set("__clerk_status", status)
	if q.Del("__clerk_created_session"); created != "" {
		q.Set("__clerk_created_session", string(created))
	}
	target.RawQuery = q.Encode()
	return c.seeOther(target.String())
}

var errClientMismatch = errors.New("link followed in another browser")

// followLink completes the attempt of a link and returns its session, if there
// is one now.
func (a *API) followLink(c *call, link auth.EmailLink) (auth.SessionID, error) {
	visitor := auth.ClientID("")
	if c.caller.Standing == session.Known {
		visitor = c.caller.Client.Client.ID
	}
	if !a.EmailLinks.MayComplete(link, visitor) {
		return "", errClientMismatch
	}
	if link.Email != "" {
		return "", a.Self.FollowEmailLink(c.r.Context(), link, visitor)
	}
	if link.SignIn != "" {
		attempt, err := a.SignIns.FollowLink(c.r.Context(), link, visitor, respond.Activity(c.r))
		return attempt.CreatedSession, err
	}
	attempt, err := a.SignUps.FollowLink(c.r.Context(), link, visitor, respond.Activity(c.r))
	return attempt.CreatedSession, err
}

// linkStatus is the published word for what came of a link, or trouble of ours.
func linkStatus(err error) (status string, trouble error) {
	var refused *auth.Error
	switch {
	case err == nil:
		return "verified", nil
	case errors.Is(err, errClientMismatch):
		return "client_mismatch", nil
	case errors.Is(err, auth.Refuse(auth.CodeVerificationExpired)):
		return "expired", nil
	case errors.As(err, &refused):
		return "failed", nil
	default:
		return "", err
	}
}

// seeOther sends a browser to an address that was checked when it was asked
// for; see [call.redirect].
func (c *call) seeOther(address string) error {
	c.w.Header().Set("Location", address)
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// magicLink is the answer to the app that completes a link of a sign-in.
type magicLink struct {
	Object string `json:"object"`
	FlowID string `json:"flow_id"`
	Ticket string `json:"ticket"`
}

// completeMagicLink completes the link of a native app: a sign-in by a ticket
// that the app presents at once, a sign-up there and then.
func (a *API) completeMagicLink(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	request := emaillink.Completion{
		FlowID: form.Required("flow_id"), Approval: form.Required("approval_token"), Verifier: form.Required("code_verifier"),
	}
	if err := form.Err(); err != nil {
		return err
	}
	link, err := a.EmailLinks.Check(c.r.Context(), request)
	if err != nil {
		return err
	}
	if link.SignIn != "" {
		ticket, err := a.EmailLinks.Ticket(c.r.Context(), request)
		if err != nil {
			return err
		}
		return a.answer(c, magicLink{Object: "magic_link", FlowID: request.FlowID, Ticket: ticket})
	}
	if c.caller.Standing != session.Known || c.caller.Client.Client.ID != link.Client {
		return auth.Refuse(auth.CodeApprovalTokenInvalid)
	}
	attempt, err := a.SignUps.FollowLink(c.r.Context(), link, link.Client, respond.Activity(c.r))
	if err != nil {
		return err
	}
	return a.answerWith(c, func(*wire.Client) any { return a.signUpDoc(attempt, c.caller.Client) })
}
