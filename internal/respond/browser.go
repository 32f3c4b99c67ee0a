package respond

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// MayRedirect says whether a browser may be sent to target: an absolute http
// or https URL of an allowed origin without user information. Without allowed,
// under development, those on loopback are.
func MayRedirect(target string, allowed func(origin string) bool) bool {
	u, err := url.Parse(target)
	if err != nil || u.User != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return false
	}
	if allowed != nil {
		return allowed(u.Scheme + "://" + u.Host)
	}
	return LoopbackHost(u.Host)
}

// AsksForHTML says whether whoever asks wants a page, as browsers do, and not data.
func AsksForHTML(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

const (
	// DevBrowserName is the cookie and the parameter of the opaque value by which
	// SDKs tell a browser under development apart.
	DevBrowserName = "__clerk_db_jwt"
	devBrowserID   = "dvb_"
)

// DevBrowser keeps the id that a browser under development has, or makes one.
func DevBrowser(given string) string {
	rest, ok := strings.CutPrefix(given, devBrowserID)
	if !ok || len(rest) == 0 || len(rest) > 64 || !auth.ValidID("dvb", given) {
		return devBrowserID + rand.Text()
	}
	return given
}
