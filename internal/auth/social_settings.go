package auth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// SocialProvider is how an instance lets people sign in with a provider. What a
// ready provider leaves empty is known.
type SocialProvider struct {
	Enabled bool   `json:"enabled"`
	Name    string `json:"name,omitempty"` // shown to people
	LogoURL string `json:"logo_url,omitempty"`
	// ClientID and ClientSecret are what the provider knows this instance by.
	// The secret is sealed before it is stored, and never published.
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
	// Audiences are further client ids whose ID tokens are accepted: those of
	// the instance's native apps.
	Audiences []string `json:"audiences,omitempty"`
	// Issuer is that of an OpenID provider, which tells the rest by discovery.
	Issuer string `json:"issuer,omitempty"`
	// The addresses of a provider that speaks OAuth 2.0 only.
	AuthorizationURL string `json:"authorization_url,omitempty"`
	TokenURL         string `json:"token_url,omitempty"`
	UserInfoURL      string `json:"userinfo_url,omitempty"`
	// Scopes are asked for instead of the usual ones.
	Scopes []string `json:"scopes,omitempty"`
	// AppleTeamID and AppleKeyID name the private key that is Apple's client
	// secret, in PEM.
	AppleTeamID string `json:"apple_team_id,omitempty"`
	AppleKeyID  string `json:"apple_key_id,omitempty"`
}

// SocialSettings are the providers of an instance by their published names
// without "oauth_". One that is not ready begins with "custom_".
type SocialSettings map[string]SocialProvider

// UnmarshalJSON lays the given members over the providers that are there. It
// never changes the former map: settings are copied freely.
func (s *SocialSettings) UnmarshalJSON(text []byte) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	next := maps.Clone(*s)
	if next == nil {
		next = SocialSettings{}
	}
	for name, changes := range given {
		p := next[name]
		p.Audiences, p.Scopes = slices.Clone(p.Audiences), slices.Clone(p.Scopes)
		d := json.NewDecoder(bytes.NewReader(changes))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			return fmt.Errorf("social provider %s: %w", name, err)
		}
		next[name] = p
	}
	*s = next
	return nil
}

// readySocial are the providers whose addresses are known, by how people know
// them.
var readySocial = map[string]string{
	"apple": "Apple", "discord": "Discord", "facebook": "Facebook", "github": "GitHub", "gitlab": "GitLab", "google": "Google",
	"linkedin_oidc": "LinkedIn", "microsoft": "Microsoft", "slack": "Slack", "spotify": "Spotify", "twitch": "Twitch", "x": "X / Twitter",
}

// SocialProvider returns an enabled provider by its strategy, oauth_<name>.
func (s Settings) SocialProvider(strategy Strategy) (SocialProvider, bool) {
	name, ok := strings.CutPrefix(string(strategy), "oauth_")
	p := s.Social[name]
	if !ok || !p.Enabled {
		return SocialProvider{}, false
	}
	if p.Name == "" {
		p.Name = readySocial[name]
	}
	if p.Name == "" {
		p.Name = strings.TrimPrefix(name, "custom_")
	}
	return p, true
}

// SocialStrategies are those of the enabled providers, sorted.
func (s Settings) SocialStrategies() []Strategy {
	out := []Strategy{}
	for name, p := range s.Social {
		if p.Enabled {
			out = append(out, Strategy("oauth_"+name))
		}
	}
	slices.Sort(out)
	return out
}

// WithoutSecrets are the settings as they may be shown.
func (s Settings) WithoutSecrets() Settings {
	shown := make(SocialSettings, len(s.Social))
	for name, p := range s.Social {
		p.ClientSecret = ""
		shown[name] = p
	}
	s.Social = shown
	return s
}

// checkSocial says which provider is unusable.
func (s Settings) checkSocial() error {
	for name, p := range s.Social {
		param := "social." + name
		custom, isCustom := strings.CutPrefix(name, "custom_")
		_, ready := readySocial[name]
		switch {
		case !ready && (!isCustom || !plainName(custom)):
			return RefuseParam(CodeParamInvalid, param)
		case !p.Enabled:
			continue
		case p.ClientID == "":
			return RefuseParam(CodeParamInvalid, param+".client_id")
		case isCustom && p.Issuer == "" && (p.AuthorizationURL == "" || p.TokenURL == "" || p.UserInfoURL == ""):
			return RefuseParam(CodeParamInvalid, param+".issuer")
		}
		for member, address := range map[string]string{
			"issuer": p.Issuer, "authorization_url": p.AuthorizationURL, "token_url": p.TokenURL, "userinfo_url": p.UserInfoURL,
			"logo_url": p.LogoURL,
		} {
			if address != "" && !s.providerAddress(address) {
				return RefuseParam(CodeParamInvalid, param+"."+member)
			}
		}
	}
	return nil
}

// plainName says whether a custom provider's name is one that published clients
// accept in a strategy.
func plainName(name string) bool {
	const longest = 50
	return name != "" && len(name) <= longest && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}

// providerAddress is over TLS, or, under development, on this machine.
func (s Settings) providerAddress(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Host == "" || u.Fragment != "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := (err == nil && ip.IsLoopback()) || u.Hostname() == "localhost"
	return u.Scheme == "https" || (u.Scheme == "http" && !s.Production && loopback)
}
