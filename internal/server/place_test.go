package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/server"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, peer, country, city string
		want                      respond.Place
	}{
		{"of the proxy", "10.0.0.1:1", "pt", "Porto", respond.Place{Country: "PT", City: "Porto"}},
		{"of anybody else", "192.0.2.1:1", "PT", "Porto", respond.Place{}},
		{"written as in a URL", "10.0.0.1:1", "BR", "S%C3%A3o%20Paulo", respond.Place{Country: "BR", City: "São Paulo"}},
		{"written as it is", "10.0.0.1:1", "BR", "São Paulo", respond.Place{Country: "BR", City: "São Paulo"}},
		{"unknown", "10.0.0.1:1", "XX", "", respond.Place{}},
		{"an anonymous network", "10.0.0.1:1", "T1", "", respond.Place{}},
		{"no code", "10.0.0.1:1", "Portugal", "Porto", respond.Place{City: "Porto"}},
		{"too long", "10.0.0.1:1", "PT", strings.Repeat("x", 129), respond.Place{Country: "PT"}},
		{"not text", "10.0.0.1:1", "PT", "\xff\xfe", respond.Place{Country: "PT"}},
		{"lines", "10.0.0.1:1", "PT", "a%0Ab", respond.Place{Country: "PT"}},
	} {
		var got respond.Place
		h := server.Handler(server.Config{
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
			Places:         server.PlaceHeaders{Country: "X-Edge-Country", City: "X-Edge-City"},
		}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = respond.ClientPlace(r) }))
		r := httptest.NewRequest(http.MethodGet, "/v1/client", nil)
		r.RemoteAddr = tt.peer
		r.Header.Set("X-Edge-Country", tt.country)
		r.Header.Set("X-Edge-City", tt.city)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if got != tt.want || rec.Header().Get("X-Country") != tt.want.Country {
			t.Errorf("%s: %+v, told %q; want %+v", tt.name, got, rec.Header().Get("X-Country"), tt.want)
		}
	}
}
