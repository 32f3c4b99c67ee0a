package hosted

import (
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
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

// signInWithPasskey begins a sign-in in which the passkey says whose it is.
func (p *Pages) signInWithPasskey(v *visit) error {
	if err := p.enter(v); err != nil {
		return err
	}
	_, err := p.SignIns.Create(v.r.Context(), v.caller.Client, signin.Create{
		Strategy: auth.StrategyPasskey, RelyingParty: p.relyingParty(v), Activity: respond.Activity(v.r),
	})
	return err
}
