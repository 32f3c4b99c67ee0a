package hosted

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/oauth"
)

// connectPage asks whether Provider's account is to be connected.
type connectPage struct {
	frame
	Identifier string // of the account here, masked
	Provider   string
	Action     string
}

// connect asks whoever sits at the browser whether the account at a provider
// that they have just named is to become a way to sign in to the account of the
// app that began the trip. Nothing ties that browser to the app: without the
// question, somebody who sends others the address of a trip of their own would
// get accounts of theirs.
func (p *Pages) connect(w http.ResponseWriter, r *http.Request) {
	v := &visit{w: w, r: r}
	if err := p.accept(v); err != nil {
		p.fail(v, err)
		return
	}
	trip, err := p.Trips.Find(r.Context(), r.URL.Query().Get("state"))
	if err == nil && (!trip.Native || trip.Account == "") {
		err = auth.Refuse(auth.CodeOAuthStateInvalid)
	}
	if err != nil {
		p.fail(v, err)
		return
	}
	v.flow.RedirectURL = trip.RedirectURL
	switch {
	case !trip.Open(p.Now()): // it ended before: the app sees how
	case r.Method == http.MethodGet:
		p.ask(v, trip)
		return
	default:
		if err := p.connected(v, trip); err != nil {
			p.fail(v, err)
			return
		}
	}
	p.redirect(v, trip.RedirectURL)
}

// ask shows the question. The answer goes where the question came from, with
// what the provider sent.
func (p *Pages) ask(v *visit, trip auth.OAuthFlow) {
	user, err := p.Self.Find(v.r.Context(), trip.User)
	if err != nil {
		p.fail(v, err)
		return
	}
	next := connectPage{Identifier: masked(user.Identifier()), Action: v.r.URL.RequestURI()}
	if found, ok := p.Settings().SocialProvider(trip.Provider); ok {
		next.Provider = found.Name
	}
	p.render(v, http.StatusOK, "connect", &next)
}

// connected ends the trip as the person has decided.
func (p *Pages) connected(v *visit, trip auth.OAuthFlow) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	trip, release, err := p.Trips.Alone(ctx, trip.ID)
	if err != nil {
		return err
	}
	defer release()
	if !trip.Open(p.Now()) {
		return nil // answered a moment ago
	}
	arrival := auth.ExternalArrival{Flow: trip.End(p.Now()), Problem: auth.CodeOAuthAccessDenied}
	if v.r.PostForm.Get("do") == "connect" {
		if arrival, err = p.Trips.End(ctx, trip, oauth.Answer{Code: q.Get("code"), Issuer: q.Get("iss")}); err != nil {
			return err
		}
	}
	_, err = p.Self.ArriveExternal(ctx, arrival)
	return err
}

// masked is an identifier that its owner recognises and nobody else learns.
func masked(identifier string) string {
	switch {
	case strings.Contains(identifier, "@"):
		return auth.MaskEmail(identifier)
	case strings.HasPrefix(identifier, "+"):
		return auth.MaskPhone(identifier)
	default:
		return identifier
	}
}
