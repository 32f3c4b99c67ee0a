package hosted

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
)

//go:embed passkey.js
var passkeyScript string

// scriptHash names the one script that a page may run: it asks the browser for
// a passkey, and shows what only browsers that have them can use.
var scriptHash = hashSource(passkeyScript)

// hashSource is a text as a source of a Content-Security-Policy.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

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
