package auth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

var t0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func codeOf(err error) auth.Code {
	var e *auth.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestAttemptCode(t *testing.T) {
	t.Parallel()
	pepper := []byte("pepper")
	right := auth.HashCode(pepper, "sia_1", "123456")
	wrong := auth.HashCode(pepper, "sia_1", "000000")
	fresh := auth.NewCodeVerification(auth.StrategyEmailCode, "idn_1", right, t0)

	after := func(v auth.Verification, tries int) auth.Verification {
		for range tries {
			v, _ = v.AttemptCode(wrong, t0)
		}
		return v
	}
	done, err := fresh.AttemptCode(right, t0)
	if err != nil {
		t.Fatalf("right code: %v", err)
	}
	tests := []struct {
		name       string
		v          auth.Verification
		hash       [32]byte
		at         time.Time
		wantCode   auth.Code
		wantStatus auth.VerificationStatus
	}{
		{"right code verifies", fresh, right, t0, "", auth.VerificationVerified},
		{"right code after four wrong ones verifies", after(fresh, 4), right, t0, "", auth.VerificationVerified},
		{"right code at the last moment verifies", fresh, right, t0.Add(auth.CodeLifetime), "", auth.VerificationVerified},
		{"wrong code is refused and can be retried", fresh, wrong, t0, auth.CodeCodeIncorrect, auth.VerificationUnverified},
		{"fifth wrong code ends the proof", after(fresh, 4), wrong, t0, auth.CodeVerificationFailed, auth.VerificationFailed},
		{"right code after five wrong ones is refused", after(fresh, 5), right, t0, auth.CodeVerificationFailed, auth.VerificationFailed},
		{"right code too late is refused", fresh, right, t0.Add(auth.CodeLifetime + 1), auth.CodeVerificationExpired, auth.VerificationExpired},
		{"same code at once again is the same success", done, right, t0.Add(time.Second), "", auth.VerificationVerified},
		{"same code much later is refused", done, right, t0.Add(2 * time.Minute), auth.CodeVerificationAlreadyVerified, auth.VerificationVerified},
		{"other code after success is refused", done, wrong, t0, auth.CodeVerificationAlreadyVerified, auth.VerificationVerified},
		{"nothing prepared", auth.Verification{}, right, t0, auth.CodeVerificationMissing, ""},
		// A password verification has no code hash; the zero hash must not pass for it.
		{"zero hash never matches", auth.Verification{Strategy: auth.StrategyPassword, Status: auth.VerificationUnverified}, [32]byte{}, t0, auth.CodeVerificationMissing, auth.VerificationUnverified},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := tt.v
			got, err := tt.v.AttemptCode(tt.hash, tt.at)
			if codeOf(err) != tt.wantCode || got.Status != tt.wantStatus {
				t.Errorf("got status %q, code %q; want %q, %q", got.Status, codeOf(err), tt.wantStatus, tt.wantCode)
			}
			if tt.v != before {
				t.Error("the input changed")
			}
		})
	}
}

func TestHashCodeBindsToAttempt(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]string{}
	for _, in := range [][3]string{
		{"p", "sia_1", "123456"}, {"q", "sia_1", "123456"}, {"p", "sia_2", "123456"},
		{"p", "sia_1", "123457"}, {"p", "sia_11", "23456"},
	} {
		h := auth.HashCode([]byte(in[0]), in[1], in[2])
		key := in[0] + "/" + in[1] + "/" + in[2]
		if other, dup := seen[h]; dup {
			t.Errorf("%s and %s hash alike", key, other)
		}
		seen[h] = key
	}
}
