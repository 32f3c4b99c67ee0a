package hosted

import (
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
