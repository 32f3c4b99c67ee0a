package auth_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"ann@example.com":          "ann@example.com",
		"  Ann@Example.COM ":       "ann@example.com",
		"a+clerk_test@example.com": "a+clerk_test@example.com",
		"o'neil@sub.example.co":    "o'neil@sub.example.co",
	}
	for in, want := range good {
		if got, err := auth.NormalizeEmail(in, "email_address"); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "@", "a@", "@example.com", "ann", "ann@localhost", "ann@-bad.com", "ann@bad-.com", "ann@a..b",
		"a b@example.com", "Ann <ann@example.com>", "ann@example.com\x00", "ann@example.com\nBcc: x@y.z",
		"аnn@example.com" /* Cyrillic a */, "ann@exämple.com", "\"a b\"@example.com", "a@b@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b", 250) + ".com", "\xff@example.com",
	} {
		got, err := auth.NormalizeEmail(in, "email_address")
		if codeOf(err) != auth.CodeParamFormatInvalid || got != "" {
			t.Errorf("%q: %q, %v; want a format refusal", in, got, err)
		}
	}
}

func FuzzNormalizeEmail(f *testing.F) {
	f.Add("Ann@Example.com")
	f.Add("a@b@c.d")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := auth.NormalizeEmail(in, "p")
		if err != nil {
			return
		}
		again, err := auth.NormalizeEmail(got, "p")
		if err != nil || again != got {
			t.Errorf("%q normalises to %q, then to %q, %v", in, got, again, err)
		}
		if strings.ContainsAny(got, "\r\n\x00 <>") || strings.Count(got, "@") != 1 {
			t.Errorf("%q let through as %q", in, got)
		}
	})
}

func TestIDs(t *testing.T) {
	t.Parallel()
	seen := map[auth.UserID]bool{}
	var last auth.UserID
	for i := range 100 {
		id, err := auth.NewUserID(t0.Add(time.Duration(i)*time.Second), bytes.NewReader(bytes.Repeat([]byte{byte(i * 37)}, 16)))
		if err != nil {
			t.Fatal(err)
		}
		if !auth.ValidID("user", string(id)) || len(id) != len("user_")+27 {
			t.Fatalf("malformed id %q", id)
		}
		if seen[id] || id <= last {
			t.Fatalf("id %q repeats or does not sort after %q", id, last)
		}
		seen[id], last = true, id
	}
	if _, err := auth.NewUserID(t0, bytes.NewReader(nil)); err == nil {
		t.Error("no entropy, but an id")
	}
	for _, bad := range []string{"", "user", "user_", "sess_abc", "user_a/b", "user_" + strings.Repeat("a", 65), "user_a b"} {
		if auth.ValidID("user", bad) {
			t.Errorf("%q passes for a user id", bad)
		}
	}
}

func TestPasswordHashDoesNotPrint(t *testing.T) {
	t.Parallel()
	u := auth.User{Password: auth.NewPasswordHash("s3cret-hash")}
	for _, f := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if out := fmt.Sprintf(f, u); strings.Contains(out, "s3cret-hash") {
			t.Errorf("%s prints the hash: %s", f, out)
		}
	}
}
