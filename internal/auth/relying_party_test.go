package auth_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

const certificate = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

func TestRelyingParty(t *testing.T) {
	t.Parallel()
	only := func(origins ...string) func(string) bool {
		return func(asked string) bool {
			for _, o := range origins {
				if o == asked {
					return true
				}
			}
			return false
		}
	}
	for _, tt := range []struct {
		name       string
		production bool
		rpID       string
		host       string
		origin     string // of the request
		pages      func(string) bool
		made       string // for which origin; the request's when empty
		wantID     string
		want       bool // the proof may be brought
	}{
		{name: "page of the site", production: true, host: "clerk.example.com", origin: "https://example.com", pages: only("https://example.com"), wantID: "example.com", want: true},
		{name: "page of a subdomain", production: true, host: "clerk.example.com", origin: "https://a.b.example.com", pages: only("https://a.b.example.com"), wantID: "example.com", want: true},
		{name: "page that is not listed", production: true, host: "clerk.example.com", origin: "https://x.example.com", pages: only("https://example.com"), wantID: "example.com"},
		{name: "page that ends alike", production: true, host: "clerk.example.com", origin: "https://evilexample.com", pages: only("https://evilexample.com"), wantID: "example.com"},
		{name: "page without TLS", production: true, host: "clerk.example.com", origin: "http://example.com", pages: only("http://example.com"), wantID: "example.com"},
		{name: "host without subdomain", production: true, host: "example.com", origin: "https://example.com", pages: only("https://example.com"), wantID: "example.com", want: true},
		{name: "configured RP ID", production: true, rpID: "app.example.com", host: "clerk.example.com", origin: "https://app.example.com", pages: only("https://app.example.com"), wantID: "app.example.com", want: true},
		{name: "page above the configured RP ID", production: true, rpID: "app.example.com", host: "clerk.example.com", origin: "https://example.com", pages: only("https://example.com"), wantID: "app.example.com"},
		{name: "related origin", production: true, rpID: "clerk.example.com", host: "clerk.example.com", origin: "https://elsewhere.net", pages: only("https://elsewhere.net"), wantID: "clerk.example.com", want: true},
		{name: "unlisted related origin", production: true, rpID: "clerk.example.com", host: "clerk.example.com", origin: "https://evil.net", pages: only("https://elsewhere.net"), wantID: "clerk.example.com"},
		{name: "proof of another listed page", production: true, host: "clerk.example.com", origin: "https://a.example.com", pages: only("https://a.example.com", "https://b.example.com"), made: "https://b.example.com", wantID: "example.com"},
		{name: "development page", host: "127.0.0.1", origin: "http://localhost:3000", wantID: "localhost", want: true},
		{name: "development page by a name", host: "127.0.0.1", origin: "http://app.localhost:3000", wantID: "app.localhost", want: true},
		{name: "development page elsewhere", host: "127.0.0.1", origin: "https://evil.example", wantID: "evil.example"},
		{name: "null origin", host: "localhost", origin: "null", wantID: "localhost"},
		{name: "listed Android app", production: true, host: "clerk.example.com", made: "android:apk-key-hash:ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8", wantID: "example.com", want: true},
		{name: "Android app in a page's request", production: true, host: "clerk.example.com", origin: "https://example.com", pages: only("https://example.com"), made: "android:apk-key-hash:ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8", wantID: "example.com"},
		{name: "unknown Android app", production: true, host: "clerk.example.com", made: "android:apk-key-hash:AAAA", wantID: "example.com"},
		{name: "Apple app", production: true, host: "clerk.example.com", made: "https://example.com", wantID: "example.com", want: true},
		{name: "app that says it is a page", production: true, host: "clerk.example.com", made: "https://app.example.com", wantID: "example.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set := auth.DefaultSettings()
			set.Production, set.Passkeys.RPID = tt.production, tt.rpID
			set.NativeApps = auth.NativeApps{
				Apple: []string{"ABCDE12345.com.example"}, Android: []auth.AndroidApp{{PackageName: "com.example", SHA256: []string{certificate}}},
			}
			if err := set.Check(); err != nil {
				t.Fatal(err)
			}
			r := set.RelyingParty(tt.host, tt.origin, tt.pages)
			made := tt.made
			if made == "" {
				made = tt.origin
			}
			if got := r.Allows(made); r.ID != tt.wantID || got != tt.want {
				t.Errorf("RP ID %s, allows %v; want %s, %v", r.ID, got, tt.wantID, tt.want)
			}
		})
	}
}

// An address is no RP ID: no browser answers for one, and it may be anybody's.
func TestRelyingPartyOfAnAddress(t *testing.T) {
	t.Parallel()
	if err := auth.DefaultSettings().RelyingParty("127.0.0.1", "http://127.0.0.1:3000", nil).Usable(); err == nil {
		t.Error("an address is usable")
	}
}

func TestNativeAppsAreChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*auth.Settings){
		"team":   func(s *auth.Settings) { s.NativeApps.Apple = []string{"ABC.com.example"} },
		"bundle": func(s *auth.Settings) { s.NativeApps.Apple = []string{"ABCDE12345.com example"} },
		"package": func(s *auth.Settings) {
			s.NativeApps.Android = []auth.AndroidApp{{PackageName: "example", SHA256: []string{certificate}}}
		},
		"fingerprint": func(s *auth.Settings) {
			s.NativeApps.Android = []auth.AndroidApp{{PackageName: "com.example", SHA256: []string{"00"}}}
		},
		"no certificate": func(s *auth.Settings) {
			s.NativeApps.Android = []auth.AndroidApp{{PackageName: "com.example"}}
		},
		"RP ID with a scheme": func(s *auth.Settings) { s.Passkeys.RPID = "https://example.com" },
		"RP ID in capitals":   func(s *auth.Settings) { s.Passkeys.RPID = "Example.com" },
		"address as RP ID":    func(s *auth.Settings) { s.Passkeys.RPID = "127.0.0.1" },
		"empty label":         func(s *auth.Settings) { s.Passkeys.RPID = "example..com" },
	} {
		set := auth.DefaultSettings()
		if change(&set); set.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
