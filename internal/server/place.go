package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/respond"
)

// PlaceHeaders are the names of the headers in which a proxy says where a
// client is. Empty for none.
type PlaceHeaders struct {
	Country string
	City    string
}

// maxCity is the most bytes of the name of a city.
const maxCity = 128

// place is what the proxy said that the request came from. Nobody else is
// believed: people would otherwise choose the place that others are shown.
func (h PlaceHeaders) place(r *http.Request, trusted []netip.Prefix) (p respond.Place) {
	if h.Country == "" && h.City == "" {
		return p
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !isTrusted(host, trusted) {
		return p
	}
	return respond.Place{Country: country(r.Header.Get(h.Country)), City: city(r.Header.Get(h.City))}
}

// country is a code of two letters, or nothing: proxies write XX or digits for
// what they do not know.
func country(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) != 2 || text == "XX" {
		return ""
	}
	for _, r := range text {
		if r < 'A' || r > 'Z' {
			return ""
		}
	}
	return text
}

// city is a name, or nothing when it cannot be one. Some proxies write what is
// not ASCII as in URLs, others as it is.
func city(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	text = strings.TrimSpace(text)
	if len(text) > maxCity || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}
