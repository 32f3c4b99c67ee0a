package factor_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
	"github.com/perennialauth/perennial/internal/secret"
)

// rfcSecret is that of the SHA-1 vectors in RFC 6238 appendix B.
var rfcSecret = base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))

// TestVectors are those of RFC 6238 appendix B, of which apps show the last six
// digits.
func TestVectors(t *testing.T) {
	t.Parallel()
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got, err := factor.Password(rfcSecret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s, %v; want %s", at, got, err, want)
		}
	}
}

func mustAuthenticators(t *testing.T) *factor.Authenticators {
	t.Helper()
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return factor.NewAuthenticators(master, rand.Reader)
}

// TestMatch allows one step of drift in either direction and no more.
func TestMatch(t *testing.T) {
	t.Parallel()
	a := mustAuthenticators(t)
	sealed, err := a.Import("user_1", rfcSecret, "totp_secret")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1111111109, 0)
	for steps := int64(-2); steps <= 2; steps++ {
		then := now.Add(time.Duration(steps) * 30 * time.Second)
		code, err := factor.Password(rfcSecret, then)
		if err != nil {
			t.Fatal(err)
		}
		step, ok, err := a.Match("user_1", sealed, code, now)
		if want := steps >= -1 && steps <= 1; err != nil || ok != want || ok && step != then.Unix()/30 {
			t.Errorf("%d steps away: step %d, %v, %v; want %v", steps, step, ok, err, want)
		}
	}
	for _, code := range []string{"", "0", "0818040", "08180", "081805", "０８１８０４"} {
		if _, ok, err := a.Match("user_1", sealed, code, now); ok || err != nil {
			t.Errorf("%q: %v, %v", code, ok, err)
		}
	}
	if _, ok, err := a.Match("user_1", sealed, "081 804", now); !ok || err != nil {
		t.Errorf("as apps show it: %v, %v", ok, err)
	}
}

// TestSealedForOneUser moves a secret to another user's row.
func TestSealedForOneUser(t *testing.T) {
	t.Parallel()
	a := mustAuthenticators(t)
	text, sealed, err := a.New("user_1")
	if err != nil {
		t.Fatal(err)
	}
	if raw, _ := base32.StdEncoding.DecodeString(text); len(raw) != 20 || bytes.Contains(sealed, raw) {
		t.Errorf("secret of %d bytes, or stored in clear", len(raw))
	}
	if _, _, err := a.Match("user_2", sealed, "000000", time.Unix(0, 0)); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("got %v", err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	a := mustAuthenticators(t)
	for _, text := range []string{"", "AAAA", "not base 32!", "11111111111111111111"} {
		if _, err := a.Import("user_1", text, "totp_secret"); !errors.Is(err, auth.Refuse(auth.CodeParamInvalid)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestURI(t *testing.T) {
	t.Parallel()
	const want = "otpauth://totp/My%20App:ada@example.com?algorithm=SHA1&digits=6&issuer=My%20App&period=30&secret=ABC"
	if got := factor.URI("My App", "ada@example.com", "ABC"); got != want {
		t.Errorf("got %s", got)
	}
}
