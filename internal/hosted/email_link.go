package hosted

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// verifyPath is where a link leads that was sent by one of these pages.
const verifyPath = "/verify"

// linkPage is what the page is given at which the link in a mail leads.
type linkPage struct {
	frame
	// State is what became of the link: confirm, elsewhere, mismatch, expired.
	State  string
	Token  string
	Action string
}

// linkRequest asks for a link that leads back here. As with a provider, the
// ticket of a flow is not in what is stored, but stays with the browser.
func (p *Pages) linkRequest(v *visit) auth.LinkRequest {
	base := respond.OwnBase(v.r, p.PublicURL, p.Settings().Production)
	back := base + v.r.URL.Path + "?" + resumeParam + "=1"
	if v.web() {
		back = base + v.r.URL.Path + v.query(resumeParam, "1")
	} else {
		p.setCookie(v, flowCookie, v.ticket, int(auth.EmailLinkLifetime.Seconds()))
	}
	return auth.LinkRequest{RedirectURL: back, Address: func(token string) string {
		return base + verifyPath + "?" + url.Values{"token": {token}}.Encode()
	}}
}

// verify takes a link that somebody has followed. In the browser that asked for
// it that is all there is to do. Elsewhere a person is asked first: programs that
// look into mails follow links, too, and send no form.
func (p *Pages) verify(w http.ResponseWriter, r *http.Request) {
	v := &visit{w: w, r: r, at: verifyPath}
	if err := p.accept(v); err != nil {
		p.fail(v, err)
		return
	}
	token := r.URL.Query().Get("token")
	if r.Method == http.MethodPost {
		token = v.r.PostForm.Get("token")
	}
	link, err := p.Links.Find(r.Context(), token)
	if err == nil && link.Native() {
		err = auth.Refuse(auth.CodeApprovalTokenInvalid) // an app completes it, see the Frontend API
	}
	here := false
	if err == nil {
		here, err = p.holds(v, link.Client)
	}
	switch {
	case errors.Is(err, auth.Refuse(auth.CodeApprovalTokenInvalid)):
		p.linkEnd(v, http.StatusUnprocessableEntity, "expired")
	case err != nil:
		p.fail(v, err)
	case !here && !p.Links.MayComplete(link, ""):
		p.linkEnd(v, http.StatusForbidden, "mismatch")
	case !here && r.Method != http.MethodPost:
		p.render(v, http.StatusOK, "verify", &linkPage{State: "confirm", Token: token, Action: verifyPath})
	default:
		p.follow(v, link, here)
	}
}

// follow completes the attempt of a link.
func (p *Pages) follow(v *visit, link auth.EmailLink, here bool) {
	var visitor auth.ClientID
	if here {
		visitor = link.Client
	}
	ctx := v.r.Context()
	var err error
	switch {
	case link.Email != "":
		err = p.Self.FollowEmailLink(ctx, link, visitor)
	case link.SignIn != "":
		_, err = p.SignIns.FollowLink(ctx, link, visitor, respond.Activity(v.r))
	default:
		_, err = p.SignUps.FollowLink(ctx, link, visitor, respond.Activity(v.r))
	}
	switch {
	case errors.Is(err, auth.Refuse(auth.CodeVerificationExpired)):
		p.linkEnd(v, http.StatusUnprocessableEntity, "expired")
	case err != nil:
		p.fail(v, err)
	case !here:
		p.linkEnd(v, http.StatusOK, "elsewhere")
	default:
		p.redirect(v, link.RedirectURL)
	}
}

func (p *Pages) linkEnd(v *visit, status int, state string) {
	p.render(v, status, "verify", &linkPage{State: state, Action: signInPath})
}

// holds says whether the browser has a client: its own, or one for a flow.
func (p *Pages) holds(v *visit, id auth.ClientID) (bool, error) {
	for _, name := range []string{respond.ClientCookie, visitorCookie} {
		credential := cookie(v.r, name)
		if credential == "" {
			continue
		}
		caller, err := p.Clients.Resolve(v.r.Context(), credential)
		if err != nil || (caller.Client.Client.ID == id && id != "") {
			return err == nil, err
		}
	}
	return false, nil
}
