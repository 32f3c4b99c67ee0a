package oauth

import (
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/perennialauth/perennial/internal/auth"
)

// known is what does not have to be configured about a provider.
type known struct {
	issuer                   string // of an OpenID provider with discovery
	authorize, token, person string // of one without
	keys                     string // JWK set of an OpenID provider without usable discovery
	revoke                   string
	scopes                   []string
	style                    oauth2.AuthStyle
	params                   url.Values // further ones of the authorization request
	read                     reader     // of the answer about the person; nil for that of OpenID Connect
	more                     string     // a second address that the reader needs
	issuedBy                 func(claims) bool
	noNonce                  bool // does not repeat the nonce of the request
}

// ready are the providers that need no addresses, by their names without
// "oauth_".
var ready = map[string]known{
	"google": {
		issuer: "https://accounts.google.com", scopes: []string{"openid", "email", "profile"},
		params: url.Values{"access_type": {"offline"}},
	},
	"apple": {
		// Apple tells name and address only in a form that the browser posts.
		issuer: "https://appleid.apple.com", scopes: []string{"openid", "email", "name"}, style: oauth2.AuthStyleInParams,
		params: url.Values{"response_mode": {"form_post"}},
	},
	"microsoft": {
		authorize: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
		token:     "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		keys:      "https://login.microsoftonline.com/common/discovery/v2.0/keys",
		scopes:    []string{"openid", "email", "profile", "offline_access"}, style: oauth2.AuthStyleInParams, issuedBy: microsoftTenant,
	},
	"gitlab": {issuer: "https://gitlab.com", scopes: []string{"openid", "email", "profile"}},
	"linkedin_oidc": {
		issuer: "https://www.linkedin.com/oauth", scopes: []string{"openid", "email", "profile"}, style: oauth2.AuthStyleInParams, noNonce: true,
	},
	"slack": {issuer: "https://slack.com", scopes: []string{"openid", "email", "profile"}, style: oauth2.AuthStyleInParams},
	"twitch": {
		issuer: "https://id.twitch.tv/oauth2", scopes: []string{"openid", "user:read:email"}, style: oauth2.AuthStyleInParams,
		params: url.Values{"claims": {`{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}`}},
	},
	"github": {
		authorize: "https://github.com/login/oauth/authorize", token: "https://github.com/login/oauth/access_token",
		person: "https://api.github.com/user", more: "https://api.github.com/user/emails",
		scopes: []string{"read:user", "user:email"}, style: oauth2.AuthStyleInParams, read: readGitHub,
	},
	"discord": {
		authorize: "https://discord.com/oauth2/authorize", token: "https://discord.com/api/oauth2/token",
		person: "https://discord.com/api/users/@me", revoke: "https://discord.com/api/oauth2/token/revoke",
		scopes: []string{"identify", "email"}, style: oauth2.AuthStyleInHeader, read: readDiscord,
	},
	"facebook": {
		authorize: "https://www.facebook.com/dialog/oauth", token: "https://graph.facebook.com/oauth/access_token",
		person: "https://graph.facebook.com/me?fields=id,email,first_name,last_name,picture.type(large)",
		scopes: []string{"email", "public_profile"}, style: oauth2.AuthStyleInParams, read: readFacebook,
	},
	"spotify": {
		authorize: "https://accounts.spotify.com/authorize", token: "https://accounts.spotify.com/api/token",
		person: "https://api.spotify.com/v1/me", scopes: []string{"user-read-email"}, style: oauth2.AuthStyleInHeader, read: readSpotify,
	},
	"x": {
		authorize: "https://x.com/i/oauth2/authorize", token: "https://api.x.com/2/oauth2/token",
		person: "https://api.x.com/2/users/me?user.fields=profile_image_url", revoke: "https://api.x.com/2/oauth2/revoke",
		scopes: []string{"users.read", "tweet.read", "offline.access"}, style: oauth2.AuthStyleInHeader, read: readX,
	},
}

// resolve is a provider with what is configured in the place of what is known.
func resolve(strategy auth.Strategy, p auth.SocialProvider) known {
	k := ready[strings.TrimPrefix(string(strategy), "oauth_")]
	if p.Issuer != "" {
		k.issuer, k.issuedBy, k.keys = p.Issuer, nil, ""
		k.authorize, k.token, k.person = "", "", ""
	}
	for _, c := range []struct {
		given string
		to    *string
	}{{p.AuthorizationURL, &k.authorize}, {p.TokenURL, &k.token}, {p.UserInfoURL, &k.person}} {
		if c.given != "" {
			*c.to = c.given
		}
	}
	if len(p.Scopes) > 0 {
		k.scopes = p.Scopes
	}
	if len(k.scopes) == 0 && k.issuer != "" {
		k.scopes = []string{"openid", "email", "profile"}
	}
	return k
}

// openID says whether the provider proves people by ID tokens.
func (k known) openID() bool { return k.issuer != "" || k.keys != "" }

// microsoftTenant accepts the issuer of any tenant, which is named after it.
func microsoftTenant(c claims) bool {
	tenant := c.text("tid")
	const uuid = 36
	return len(tenant) == uuid && !strings.ContainsAny(tenant, "/?#") &&
		c.text("iss") == "https://login.microsoftonline.com/"+tenant+"/v2.0"
}
