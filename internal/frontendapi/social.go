package frontendapi

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signup"
)

// hostedConnect is the page that asks a person whether to connect an account for
// a native app.
const hostedConnect = "/connect"

// trip begins a person's way to a provider, for somebody to commit.
func (a *API) trip(c *call, form *respond.Form, provider auth.Strategy) (auth.OAuthStart, error) {
	if _, ok := a.Settings().SocialProvider(provider); !ok {
		return auth.OAuthStart{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	r := oauth.Request{
		Client: c.caller.Client.Client.ID, Provider: provider, Native: c.native, Callback: a.ownBase(c.r) + oauth.CallbackPath,
		RedirectURL: form.Required("redirect_url"), CompleteURL: form.String("action_complete_redirect_url"),
		Prompt: form.String("oidc_prompt"), LoginHint: form.String("oidc_login_hint"), Scopes: form.Strings("additional_scope"),
	}
	if err := form.Err(); err != nil {
		return auth.OAuthStart{}, err
	}
	if c.native {
		r.CompleteURL = "" // an app learns what came of it from its client
	}
	switch {
	case c.native && a.Settings().MayReturnTo(r.RedirectURL), !c.native && a.mayRedirect(r.RedirectURL):
	default:
		return auth.OAuthStart{}, auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	if r.CompleteURL != "" && !a.mayRedirect(r.CompleteURL) {
		return auth.OAuthStart{}, auth.RefuseParam(auth.CodeParamInvalid, "action_complete_redirect_url")
	}
	return a.Trips.Begin(c.r.Context(), r)
}

// identity is who the ID token of a request is about.
func (a *API) identity(c *call, form *respond.Form, strategy auth.Strategy) (auth.ExternalIdentity, error) {
	token, nonce := form.Required("token"), form.String("nonce")
	if err := form.Err(); err != nil {
		return auth.ExternalIdentity{}, err
	}
	return a.Trips.ByToken(c.r.Context(), strategy, token, nonce)
}

// createSocialSignIn begins a sign-in at a provider, or ends one by an ID token.
func (a *API) createSocialSignIn(c *call, form *respond.Form, strategy auth.Strategy) error {
	if strategy.External() {
		start, err := a.trip(c, form, strategy)
		if err != nil {
			return err
		}
		view, err := a.SignIns.BeginExternal(c.r.Context(), c.caller.Client, start)
		return a.answerSignIn(c, view, err)
	}
	i, err := a.identity(c, form, strategy)
	if err != nil {
		return err
	}
	view, err := a.SignIns.ByIdentity(c.r.Context(), c.caller.Client, strategy, i, respond.Activity(c.r))
	return a.answerSignIn(c, view, err)
}

// prepareSocialSignIn makes a provider the first factor of a sign-in.
func (a *API) prepareSocialSignIn(c *call, form *respond.Form, id auth.SignInID, strategy auth.Strategy) error {
	start, err := a.trip(c, form, strategy)
	if err != nil {
		return err
	}
	view, err := a.SignIns.PrepareExternal(c.r.Context(), c.caller.Client, id, start)
	return a.answerSignIn(c, view, err)
}

// social says whether a strategy is about accounts elsewhere.
func social(s auth.Strategy) bool {
	_, byToken := s.ByToken()
	return byToken || s.External()
}

// socialFields adds the provider or the ID token that a sign-up names.
func (a *API) socialFields(c *call, form *respond.Form, f *signup.Fields) error {
	switch {
	case !social(f.Strategy):
		return nil
	case f.Strategy.External():
		start, err := a.trip(c, form, f.Strategy)
		f.Trip = &start
		return err
	default:
		i, err := a.identity(c, form, f.Strategy)
		f.Identity = &i
		return err
	}
}

// postOAuthCallback turns what a provider made the browser post into a request
// for the same with which the browser sends its cookies: after a form of
// another site it would not.
func (a *API) postOAuthCallback(w http.ResponseWriter, r *http.Request) {
	form, err := respond.Read(w, r)
	if err != nil {
		respond.Error(w, r, err)
		return
	}
	q := url.Values{}
	for _, name := range []string{"code", "state", "error", "scope", "iss"} {
		if value := form.String(name); value != "" {
			q.Set(name, value)
		}
	}
	if err := form.Err(); err != nil {
		respond.Error(w, r, err)
		return
	}
	w.Header().Set("Location", oauth.CallbackPath+"?"+q.Encode())
	w.WriteHeader(http.StatusSeeOther)
}

// oauthCallback is where a provider sends the browser back to. What came of it
// is kept with what the trip was for, and the browser goes where it was to go
// when the trip began.
func (a *API) oauthCallback(c *call) error {
	if err := a.limit(c); err != nil {
		return err
	}
	q := c.r.URL.Query()
	flow, err := a.Trips.Find(c.r.Context(), q.Get("state"))
	if err == nil && flow.Native && flow.Account != "" && flow.Open(a.Now()) && q.Get("error") == "" {
		// Nothing tells whose browser it is: whoever sits there is asked.
		return c.seeOther(hostedConnect + "?" + url.Values{"state": q["state"], "code": q["code"], "iss": q["iss"]}.Encode())
	}
	if err == nil {
		err = a.mayEnd(c, flow)
	}
	if err != nil {
		return err
	}
	flow, release, err := a.Trips.Alone(c.r.Context(), flow.ID)
	if err != nil {
		return err
	}
	defer release()
	if !flow.Open(a.Now()) {
		return c.seeOther(flow.RedirectURL) // it ended before: the page sees how
	}
	arrival, err := a.Trips.End(c.r.Context(), flow, oauth.Answer{Code: q.Get("code"), Error: q.Get("error"), Issuer: q.Get("iss")})
	if err != nil {
		return err
	}
	address, err := a.arrive(c, arrival)
	if errors.Is(err, auth.ErrConflict) {
		err = auth.Refuse(auth.CodeOAuthStateInvalid) // the same answer was used in another tab
	}
	if err != nil {
		return err
	}
	if c.caller.Standing == session.Known {
		if c.caller, err = a.Clients.Reload(c.r.Context(), c.caller); err != nil {
			return err
		}
	}
	a.handOut(c)
	return c.seeOther(address)
}

// mayEnd refuses a browser that did not begin the trip: somebody was made to
// follow a link that would sign them in as somebody else, or connect their
// account elsewhere with a stranger's. What the browser of a native app brings
// waits for the app.
func (a *API) mayEnd(c *call, flow auth.OAuthFlow) error {
	if flow.Native {
		return nil
	}
	known := c.caller.Standing == session.Known && c.caller.Client.Client.ID == flow.Client
	if known && flow.Account != "" {
		known = len(a.sessionsOf(c, flow.User)) > 0
	}
	if !known && flow.Account == "" && a.Visitor != nil {
		var err error
		if known, err = a.isVisitor(c, flow.Client); err != nil {
			return err
		}
	}
	if !known {
		return auth.Refuse(auth.CodeOAuthStateInvalid)
	}
	return nil
}

// isVisitor says whether the browser holds this client on one of the instance's
// own pages. Those have a client of their own, beside that of the application.
func (a *API) isVisitor(c *call, id auth.ClientID) (bool, error) {
	credential := a.Visitor(c.r)
	if credential == "" {
		return false, nil
	}
	visitor, err := a.Clients.Resolve(c.r.Context(), credential)
	return visitor.Standing == session.Known && visitor.Client.Client.ID == id, err
}

// sessionsOf are the signed-in sessions of a user on the caller's client.
func (a *API) sessionsOf(c *call, id auth.UserID) (out []auth.Session) {
	for _, s := range c.caller.Client.SignedInSessions(a.Now()) {
		if s.User == id {
			out = append(out, s)
		}
	}
	return out
}

// arrive commits what a trip brought and returns where the browser goes.
func (a *API) arrive(c *call, r auth.ExternalArrival) (address string, err error) {
	ctx, flow := c.r.Context(), r.Flow
	if flow.Native && r.Problem == "" {
		return a.BrowserFlows.Hand(ctx, browserflow.Handed{
			Client: flow.Client, SignIn: flow.SignIn, SignUp: flow.SignUp, RedirectURL: flow.RedirectURL,
			External: r.Identity.Encode(), Strategy: flow.Provider,
		}, auth.Change{OAuthFlows: []auth.OAuthFlow{flow}})
	}
	var created auth.SessionID
	switch {
	case flow.Account != "":
		_, err = a.Self.ArriveExternal(ctx, r)
	case flow.SignIn != "":
		var attempt auth.SignIn
		attempt, err = a.SignIns.Arrive(ctx, r, respond.Activity(c.r))
		created = attempt.CreatedSession
	default:
		var attempt auth.SignUp
		attempt, err = a.SignUps.Arrive(ctx, r, respond.Activity(c.r))
		created = attempt.CreatedSession
	}
	if (created != "" || (flow.Account != "" && r.Problem == "")) && flow.CompleteURL != "" {
		return flow.CompleteURL, err
	}
	return flow.RedirectURL, err
}
