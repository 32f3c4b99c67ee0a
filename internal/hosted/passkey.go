package hosted

import (
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// relyingParty is who a passkey is for that is used on these pages.
func (p *Pages) relyingParty(v *visit) auth.RelyingParty {
	set := p.Settings()
	own := respond.OwnBase(v.r, p.PublicURL, set.Production)
	host := ""
	if u, err := url.Parse(own); err == nil {
		host = u.Hostname()
	}
	return set.RelyingParty(host, own, func(origin string) bool { return origin == own })
}

// hasPasskeys says whether passkeys can be used on this page: the instance has
// them, and this host is one that they can be for.
func (p *Pages) hasPasskeys(v *visit) bool {
	return p.Settings().Passkeys.Enabled && p.relyingParty(v).Usable() == nil
}

// challenge answers the script of the page where a sign-in begins: with what the
// browser offers passkeys for beside the names that it knows, while somebody
// writes theirs. It is asked for by a form as everything else is, because a page
// that is only looked at begins nothing.
func (p *Pages) challenge(v *visit) {
	options := ""
	if attempt := v.caller.Client.SignIn; attempt != nil {
		options = attempt.FirstFactor.Nonce
	}
	p.headers(v)
	p.handOut(v)
	respond.JSON(v.w, http.StatusOK, map[string]string{"options": options})
}
