package frontendapi

import (
	"crypto/sha1" //nolint:gosec // the published cookie suffix is defined by SHA-1; nothing is protected by it
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/session"
)

const (
	clientCookie    = "__client"
	clientUATCookie = "__client_uat"

	// cookieLifetime is the longest that browsers keep a cookie; it starts
	// again with every answer.
	cookieLifetime = 400 * 24 * time.Hour
)

// cookieNames is how this instance sets cookies.
type cookieNames struct {
	production bool
	https      bool   // the instance is reached over TLS only, perhaps through a proxy
	domain     string // of __client_uat: the site that the app and this host share
	suffix     string // of the publishable key
}

func newCookieNames(c Config) cookieNames {
	sum := sha1.Sum([]byte(c.PublishableKey)) //nolint:gosec // see the import
	n := cookieNames{production: c.Settings().Production, suffix: base64.URLEncoding.EncodeToString(sum[:])[:8]}
	if u, err := url.Parse(c.PublicURL); err == nil && n.production {
		n.https = u.Scheme == "https"
		// clerk.example.com serves apps on example.com.
		if _, parent, ok := strings.Cut(u.Hostname(), "."); ok && strings.Contains(parent, ".") && net.ParseIP(u.Hostname()) == nil {
			n.domain = parent
		}
	}
	return n
}

// set hands the client token to a browser, or prolongs the one it has. In
// production it also tells pages of the site when somebody last signed in or
// out; in development clerk-js does that itself.
func (n cookieNames) set(w http.ResponseWriter, r *http.Request, caller session.Caller, now time.Time) {
	value := caller.Issued
	if value == "" && caller.Standing == session.Known {
		value = caller.Presented
	}
	if value == "" {
		return
	}
	http.SetCookie(w, n.client(r, value, int(cookieLifetime/time.Second)))
	uat := signedOut
	if at := caller.Client.Client.SignedInOrOutAt; len(caller.Client.SignedInSessions(now)) > 0 {
		uat = strconv.FormatInt(at.Unix(), 10)
	}
	n.tellSite(w, r, uat)
}

// signedOut is what pages are told while nobody is signed in.
const signedOut = "0"

// tellSite tells pages of the site, in production, when somebody last signed in.
func (n cookieNames) tellSite(w http.ResponseWriter, r *http.Request, uat string) {
	if !n.production {
		return
	}
	for _, name := range []string{clientUATCookie, clientUATCookie + "_" + n.suffix} {
		//nolint:gosec // pages must be able to read this one; it holds an instant
		http.SetCookie(w, &http.Cookie{
			Name: name, Value: uat, Path: "/", Domain: n.domain, MaxAge: int(cookieLifetime / time.Second),
			Secure: n.https || r.TLS != nil, SameSite: http.SameSiteLaxMode,
		})
	}
}

// clear takes the client token from a browser and tells pages of the site that
// nobody is signed in: one that believed otherwise would start a handshake.
func (n cookieNames) clear(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, n.client(r, "", -1))
	n.tellSite(w, r, signedOut)
}

// client is the cookie of the client token. No page can read it.
func (n cookieNames) client(r *http.Request, value string, maxAge int) *http.Cookie {
	cookie := &http.Cookie{
		Name: clientCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		Secure: n.https || r.TLS != nil, SameSite: http.SameSiteLaxMode,
	}
	if cookie.Secure && !n.production {
		// A page under development is on another site than this host.
		cookie.SameSite = http.SameSiteNoneMode
	}
	return cookie
}
