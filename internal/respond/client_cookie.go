package respond

import (
	"crypto/sha1" //nolint:gosec // the published cookie suffix is defined by SHA-1; nothing is protected by it
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// ClientCookie holds the client token of a browser.
	ClientCookie = "__client"
	// ClientUATCookie tells pages of the site when somebody last signed in.
	ClientUATCookie = "__client_uat"
	// CookieLifetime is the longest that browsers keep a cookie; it starts
	// again with every answer.
	CookieLifetime = 400 * 24 * time.Hour
)

// ClientCookies are how an instance sets the cookies by which a browser has a
// client, on the Frontend API and on its own pages alike.
type ClientCookies struct {
	Production bool
	HTTPS      bool   // the instance is reached over TLS only, perhaps through a proxy
	Domain     string // of [ClientUATCookie]: the site that the app and this host share
	Suffix     string // of the publishable key
}

// NewClientCookies returns how the instance at publicURL sets cookies.
func NewClientCookies(publicURL, publishableKey string, production bool) ClientCookies {
	sum := sha1.Sum([]byte(publishableKey)) //nolint:gosec // see the import
	n := ClientCookies{Production: production, Suffix: base64.URLEncoding.EncodeToString(sum[:])[:8]}
	if u, err := url.Parse(publicURL); err == nil && production {
		n.HTTPS = u.Scheme == "https"
		// clerk.example.com serves apps on example.com.
		if _, parent, ok := strings.Cut(u.Hostname(), "."); ok && strings.Contains(parent, ".") && net.ParseIP(u.Hostname()) == nil {
			n.Domain = parent
		}
	}
	return n
}

// Set hands the client token to a browser, or prolongs the one it has; the empty
// one changes nothing. In production it also tells pages of the site when
// somebody last signed in, zero for nobody; in development clerk-js does that
// itself.
func (n ClientCookies) Set(w http.ResponseWriter, r *http.Request, credential string, signedInAt time.Time) {
	if credential == "" {
		return
	}
	http.SetCookie(w, n.Client(r, credential, int(CookieLifetime/time.Second)))
	uat := signedOut
	if !signedInAt.IsZero() {
		uat = strconv.FormatInt(signedInAt.Unix(), 10)
	}
	n.tellSite(w, r, uat)
}

// signedOut is what pages are told while nobody is signed in.
const signedOut = "0"

// tellSite tells pages of the site, in production, when somebody last signed in.
func (n ClientCookies) tellSite(w http.ResponseWriter, r *http.Request, uat string) {
	if !n.Production {
		return
	}
	for _, name := range []string{ClientUATCookie, ClientUATCookie + "_" + n.Suffix} {
		//nolint:gosec // pages must be able to read this one; it holds an instant
		http.SetCookie(w, &http.Cookie{
			Name: name, Value: uat, Path: "/", Domain: n.Domain, MaxAge: int(CookieLifetime / time.Second),
			Secure: n.HTTPS || r.TLS != nil, SameSite: http.SameSiteLaxMode,
		})
	}
}

// Clear takes the client token from a browser and tells pages of the site that
// nobody is signed in: one that believed otherwise would start a handshake.
func (n ClientCookies) Clear(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, n.Client(r, "", -1))
	n.tellSite(w, r, signedOut)
}

// Client is the cookie of the client token, maxAge in seconds. No page can read
// it.
func (n ClientCookies) Client(r *http.Request, value string, maxAge int) *http.Cookie {
	cookie := &http.Cookie{
		Name: ClientCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		Secure: n.HTTPS || r.TLS != nil, SameSite: http.SameSiteLaxMode,
	}
	if cookie.Secure && !n.Production {
		// A page under development is on another site than this host.
		cookie.SameSite = http.SameSiteNoneMode
	}
	return cookie
}
