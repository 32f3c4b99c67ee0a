package hosted

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// redirectParam is where a visit goes in the end; the names beside it are those
// that SDKs use for what an application always, or else, wants.
const redirectParam = "redirect_url"

var askedParams = []string{
	"sign_in_force_redirect_url", "sign_up_force_redirect_url", redirectParam,
	"sign_in_fallback_redirect_url", "sign_up_fallback_redirect_url",
}

// asked is the first address in a query that a visit may end at, or empty. One
// that it may not is as good as none: a page that said so would be no help to
// whoever was sent here.
func (p *Pages) asked(q url.Values) string {
	for _, name := range askedParams {
		if address := q.Get(name); p.mayReturnTo(address) {
			return address
		}
	}
	return ""
}

// maxReturn bounds an address to return to, in bytes.
const maxReturn = 2048

// mayReturnTo says whether a visit may end at an address: one of the instance's
// own pages, one that the instance lists as a whole, or a page of an allowed
// origin.
func (p *Pages) mayReturnTo(address string) bool {
	if address == "" || len(address) > maxReturn || strings.ContainsFunc(address, oddInAddress) {
		return false
	}
	set := p.Settings()
	listed := slices.ContainsFunc(set.RedirectURLs, func(r auth.RedirectURL) bool { return r.URL == address })
	return listed || address == set.HomeURL || ownPage(address) || respond.MayRedirect(address, p.AllowedOrigin)
}

// ownPage says whether an address is the path of a page that belongs to whoever
// is signed in.
func ownPage(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" || strings.Contains(u.EscapedPath(), "%") {
		return false
	}
	if path.Clean(u.Path) != u.Path {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return strings.HasPrefix(u.Path, "/") && slices.Contains([]string{"user", "organization"}, first)
}

// oddInAddress are the characters that browsers and this server read
// differently: an address that holds one unescaped was made to deceive.
func oddInAddress(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"'<>^`{|}", r) }

// next is where a visitor goes who is signed in: where they were to go, or else
// to their account.
func (p *Pages) next(v *visit) string {
	if v.back == "" {
		return userPath
	}
	if strings.HasPrefix(v.back, "/") || p.Settings().Production {
		return v.back
	}
	u, err := url.Parse(v.back)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return v.back
	}
	// Under development an application on another site learns by this that it is
	// to look again who is signed in.
	q := u.Query()
	q.Set(respond.DevBrowserName, respond.DevBrowser(v.r.URL.Query().Get(respond.DevBrowserName)))
	u.RawQuery = q.Encode()
	return u.String()
}
