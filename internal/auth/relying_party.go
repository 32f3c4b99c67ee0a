package auth

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// PasskeySettings are what an instance does with passkeys.
type PasskeySettings struct {
	Enabled          bool `json:"enabled"`
	AllowAutofill    bool `json:"allow_autofill"`      // browsers suggest passkeys in the form
	ShowSignInButton bool `json:"show_sign_in_button"` // components offer them by a button
	// SatisfiesSecondFactor lets a passkey stand for both factors: it proves the
	// possession of a device and that its owner unlocked it.
	SatisfiesSecondFactor bool `json:"satisfies_second_factor"`
	// RPID is the domain that passkeys are scoped to (WebAuthn Level 3, section
	// 4, RP ID). Empty is the site that the Frontend API and the application
	// share; under development, the host of the page.
	RPID string `json:"rp_id"`
}

func (p PasskeySettings) valid() bool {
	if p.RPID == "" {
		return true
	}
	for label := range strings.SplitSeq(p.RPID, ".") {
		if len(label) > 63 || !made(label, lower+digits+"-") || strings.Trim(label, "-") != label {
			return false
		}
	}
	return len(p.RPID) <= 253 && net.ParseIP(p.RPID) == nil
}

// RelyingParty is who a passkey is for, and who may bring its proof here.
type RelyingParty struct {
	ID   string // RP ID
	Name string // of the application
	// Origin is that of the page that asks; empty for an app without pages.
	Origin string
	// related lets pages of other sites in, which the RP ID's host lists.
	related bool
	pages   func(origin string) bool
	android []string
	apple   bool
}

// RelyingParty decides the RP ID for a request of a page of origin, or of an
// app when it is empty. Host is the Frontend API's, without a port. Pages says
// which origins may use the instance; nil allows those on this machine.
func (s Settings) RelyingParty(host, origin string, pages func(origin string) bool) RelyingParty {
	r := RelyingParty{
		ID: s.Passkeys.RPID, Name: s.ApplicationName, Origin: origin, pages: pages,
		android: s.NativeApps.origins(), apple: len(s.NativeApps.Apple) > 0,
	}
	page, _ := pageHost(origin)
	switch {
	case r.ID != "":
		r.related = r.ID == host
	case s.Production:
		r.ID = Site(host)
	case page != "":
		r.ID = page
	default:
		r.ID = host
	}
	return r
}

// RelatedOrigins says whether the instance lists the pages of other sites at
// its own host (WebAuthn Level 3, section 5.11): it does when that host is the
// RP ID.
func (s Settings) RelatedOrigins(host string) bool {
	return s.Passkeys.Enabled && s.Passkeys.RPID == host
}

// Site is what a host has in common with the application it serves:
// clerk.example.com serves example.com. A host without subdomain is its own.
func Site(host string) string {
	if _, parent, ok := strings.Cut(host, "."); ok && strings.Contains(parent, ".") && net.ParseIP(host) == nil {
		return parent
	}
	return host
}

// Usable refuses with [CodeOriginInvalid] what no authenticator would answer: an
// address in place of a name, or a page that may not ask.
func (r RelyingParty) Usable() error {
	if net.ParseIP(r.ID) != nil || (r.Origin != "" && !r.allowsPage(r.Origin)) {
		return Refuse(CodeOriginInvalid)
	}
	return nil
}

// Allows says whether a proof made for origin may be brought by this request. A
// page brings only its own.
func (r RelyingParty) Allows(origin string) bool {
	switch {
	case r.Origin != "":
		return origin == r.Origin && r.allowsPage(origin)
	case strings.HasPrefix(origin, androidOrigin):
		return slices.Contains(r.android, origin)
	default: // Apple's platforms give an app the origin of the associated domain
		return r.apple && origin == "https://"+r.ID
	}
}

func (r RelyingParty) allowsPage(origin string) bool {
	host, secure := pageHost(origin)
	if host == "" || !secure {
		return false
	}
	if !r.related && host != r.ID && !strings.HasSuffix(host, "."+r.ID) {
		return false
	}
	if r.pages == nil {
		return loopbackName(host)
	}
	return r.pages(origin)
}

// pageHost is the host of a page's origin and whether browsers trust it with
// passkeys: by TLS, or because it is on this machine.
func pageHost(origin string) (host string, secure bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	host = strings.ToLower(u.Hostname())
	switch u.Scheme {
	case "https":
		return host, true
	case "http":
		return host, loopbackName(host)
	default:
		return "", false
	}
}

func loopbackName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
}
