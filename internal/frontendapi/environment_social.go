package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// socialSettings are the providers that people may sign in with, by strategy.
func socialSettings(set auth.Settings) fields {
	out := fields{}
	for _, strategy := range set.SocialStrategies() {
		p, _ := set.SocialProvider(strategy)
		out[string(strategy)] = fields{
			"enabled": true, "required": false, "authenticatable": true, "block_email_subaddresses": false, "strategy": strategy,
			"not_selectable": false, "deprecated": false, "name": p.Name, "logo_url": p.LogoURL,
		}
	}
	return out
}

// oneTapClient is what Google's own prompt is shown for, null where Google is
// not offered.
func oneTapClient(set auth.Settings) *string {
	p, _ := set.SocialProvider("oauth_google")
	return respond.OrNull(p.ClientID)
}
