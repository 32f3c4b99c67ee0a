package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// TestProvesChallenge begins with the example of RFC 7636, appendix B.
func TestProvesChallenge(t *testing.T) {
	t.Parallel()
	const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	short := strings.Repeat("a", 42)
	sum := sha256.Sum256([]byte(short))
	for name, test := range map[string]struct {
		verifier, challenge string
		want                bool
	}{
		"the example":          {verifier, challenge, true},
		"another verifier":     {verifier[:42] + "l", challenge, false},
		"no verifier":          {"", challenge, false},
		"no challenge":         {verifier, "", false},
		"a verifier too short": {short, base64.RawURLEncoding.EncodeToString(sum[:]), false},
		"the plain method":     {verifier, verifier, false},
	} {
		if got := auth.ProvesChallenge(test.verifier, test.challenge); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, bad := range []string{"", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", challenge + "=", challenge[:42] + "+", challenge + "A"} {
		if auth.ValidChallenge(bad) {
			t.Errorf("%q counts as a challenge", bad)
		}
	}
	if !auth.ValidChallenge(challenge) {
		t.Error("the example does not count as a challenge")
	}
}

var flowBegun = time.UnixMilli(1_790_000_000_000)

func approvedFlow(t *testing.T) auth.BrowserFlow {
	t.Helper()
	f := auth.BrowserFlow{
		ID: "bfl_1", Client: "client_1", Challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
		ExpireAt: flowBegun.Add(auth.BrowserFlowLifetime),
	}
	f, err := f.Approve(auth.Approval{Visitor: "client_2", User: "user_1", Session: "sess_1", NonceHash: [32]byte{1}}, flowBegun)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRedeem(t *testing.T) {
	t.Parallel()
	right := auth.Redemption{Client: "client_1", NonceHash: [32]byte{1}, Verifier: verifier}
	with := func(change func(*auth.Redemption)) auth.Redemption { r := right; change(&r); return r }
	soon, late := flowBegun.Add(time.Minute), flowBegun.Add(auth.NonceLifetime)
	for name, test := range map[string]struct {
		r    auth.Redemption
		now  time.Time
		want auth.Code
	}{
		"the right one":          {right, soon, ""},
		"another client":         {with(func(r *auth.Redemption) { r.Client = "client_2" }), soon, auth.CodeParamInvalid},
		"another nonce":          {with(func(r *auth.Redemption) { r.NonceHash = [32]byte{2} }), soon, auth.CodeParamInvalid},
		"for an attempt":         {with(func(r *auth.Redemption) { r.SignIn = "sia_1" }), soon, auth.CodeParamInvalid},
		"without the verifier":   {with(func(r *auth.Redemption) { r.Verifier = "" }), soon, auth.CodePKCEFailed},
		"with another verifier":  {with(func(r *auth.Redemption) { r.Verifier = verifier + "x" }), soon, auth.CodePKCEFailed},
		"too late":               {right, late, auth.CodeVerificationExpired},
		"just in time":           {right, late.Add(-time.Millisecond), ""},
		"too late and a foreign": {with(func(r *auth.Redemption) { r.Client = "client_2" }), late, auth.CodeParamInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, first, err := approvedFlow(t).Redeem(test.r, test.now)
			if test.want != "" {
				if !errors.Is(err, auth.Refuse(test.want)) || !f.RedeemedAt.IsZero() {
					t.Fatalf("error %v, redeemed %v, want %s", err, f.RedeemedAt, test.want)
				}
				return
			}
			if err != nil || !first {
				t.Fatalf("first %v, %v", first, err)
			}
			// The answer was lost, and the app asks again, even much later.
			if _, first, err := f.Redeem(test.r, late.Add(time.Hour)); err != nil || first {
				t.Errorf("again: first %v, %v", first, err)
			}
			if _, _, err := f.Redeem(with(func(r *auth.Redemption) { r.Verifier = verifier + "x" }), test.now); err == nil {
				t.Error("redeemed again by somebody without the verifier")
			}
		})
	}
	if _, _, err := (auth.BrowserFlow{Client: "client_1"}).Redeem(auth.Redemption{Client: "client_1"}, soon); err == nil {
		t.Error("a flow that nobody approved was redeemed with no nonce at all")
	}
}

func TestApproveAgain(t *testing.T) {
	t.Parallel()
	f := approvedFlow(t)
	a := auth.Approval{Visitor: "client_2", User: "user_1", Session: "sess_2", NonceHash: [32]byte{2}}
	again, err := f.Approve(a, flowBegun.Add(time.Second))
	if err != nil || again.Session != "sess_1" || again.NonceHash != a.NonceHash {
		t.Errorf("the same visitor again: session %s, %v", again.Session, err)
	}
	a.Visitor = "client_3"
	if _, err := f.Approve(a, flowBegun.Add(time.Second)); !errors.Is(err, auth.Refuse(auth.CodeBrowserFlowOver)) {
		t.Errorf("another visitor took the flow over: %v", err)
	}
	f.RedeemedAt = flowBegun
	a.Visitor = "client_2"
	if _, err := f.Approve(a, flowBegun.Add(time.Second)); err == nil {
		t.Error("approved after it was redeemed")
	}
}
