package hosted

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signup"
)

// provider is one that a page offers.
type provider struct {
	Strategy auth.Strategy
	Name     string
}

// providers are the enabled ones of these strategies.
func (p *Pages) providers(of []auth.Strategy) (out []provider) {
	set := p.Settings()
	for _, s := range of {
		if found, ok := set.SocialProvider(s); ok {
			out = append(out, provider{s, found.Name})
		}
	}
	return out
}

// trip begins the visitor's way to a provider, which ends at the page that it
// began at. The ticket of the flow is not in that address, which is stored, but
// stays with the browser.
func (p *Pages) trip(v *visit, strategy auth.Strategy) (auth.OAuthStart, error) {
	base := respond.OwnBase(v.r, p.PublicURL, p.Settings().Production)
	request := oauth.Request{
		Client: v.caller.Client.Client.ID, Provider: strategy, Callback: base + oauth.CallbackPath,
		RedirectURL: base + v.r.URL.Path + "?" + resumeParam + "=1",
	}
	if v.web() {
		request.RedirectURL, request.CompleteURL = base+v.r.URL.Path+v.query(), absolute(base, p.next(v))
	}
	start, err := p.Trips.Begin(v.r.Context(), request)
	if err != nil {
		return start, err
	}
	v.away = start.URL
	if !v.web() {
		p.setCookie(v, flowCookie, v.ticket, int(auth.OAuthFlowLifetime.Seconds()))
	}
	return start, nil
}

// absolute is an address of the instance with scheme and host.
func absolute(base, address string) string {
	if strings.HasPrefix(address, "/") {
		return base + address
	}
	return address
}

// resumeParam says that a browser comes back from a provider for a flow.
const resumeParam = "resume"

// resume sends a browser that comes back from a provider to the page of its
// flow, if it does.
func (p *Pages) resume(v *visit) bool {
	cookie, err := v.r.Cookie(flowCookie)
	if err != nil || v.ticket != "" || v.r.Method != http.MethodGet || !v.r.URL.Query().Has(resumeParam) {
		return false
	}
	p.setCookie(v, flowCookie, "", -1)
	p.redirect(v, v.r.URL.Path+"?"+url.Values{"flow": {cookie.Value}}.Encode())
	return true
}

// signInElsewhere begins a sign-in at a provider, or makes the provider the
// first factor of the one that has begun.
func (p *Pages) signInElsewhere(v *visit, strategy auth.Strategy) error {
	if err := p.enter(v); err != nil {
		return err
	}
	start, err := p.trip(v, strategy)
	if err != nil {
		return err
	}
	ctx, client := v.r.Context(), v.caller.Client
	if s := client.SignIn; s != nil && s.Identifier != "" && s.Status(p.Now()) == auth.SignInNeedsFirstFactor {
		_, err = p.SignIns.PrepareExternal(ctx, client, s.ID, start)
	} else {
		_, err = p.SignIns.BeginExternal(ctx, client, start)
	}
	return err
}

// signUpElsewhere begins a sign-up at a provider.
func (p *Pages) signUpElsewhere(v *visit, strategy auth.Strategy) error {
	if err := p.enter(v); err != nil {
		return err
	}
	start, err := p.trip(v, strategy)
	if err != nil {
		return err
	}
	_, err = p.SignUps.Create(v.r.Context(), v.caller.Client, signup.Fields{Strategy: strategy, Trip: &start}, respond.Activity(v.r))
	return err
}

// arrived sets what a trip of a sign-in brought, if it was not whom it was to
// bring.
func (next *page) arrived(v *visit, attempt auth.SignIn) {
	proof := attempt.FirstFactor
	switch {
	case !proof.Strategy.External():
	case proof.Status == auth.VerificationTransferable:
		next.Step, next.Identifier = "unknown", emailOf(attempt.ExternalAccount)
	case proof.ErrorCode != "":
		next.Problem = v.refusal(proof.ErrorCode)
	}
}

// emailOf is the address of an account elsewhere, as its provider tells it.
func emailOf(account json.RawMessage) string {
	i, _ := auth.DecodeIdentity(account)
	return i.EmailAddress
}

// away is the page that leaves for a provider. A form that were redirected
// there could lead nowhere else, see [Pages.headers], and providers send
// browsers on as they like.
func (p *Pages) away(v *visit, strategy auth.Strategy) page {
	next := page{Step: "away", To: v.away}
	if found, ok := p.Settings().SocialProvider(strategy); ok {
		next.Provider = found.Name
	}
	return next
}
