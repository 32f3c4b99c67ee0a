package auth_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestNewCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"small numbers keep their leading zeros", []byte{0, 0, 7}, "000007"},
		{"the code space wraps", []byte{0x0f, 0x42, 0x41}, "000001"}, // 1,000,001
		// 16,777,215 lies above the last whole code space and would favour
		// codes below 777,216.
		{"what would be favoured is drawn again", []byte{0xff, 0xff, 0xff, 0, 0, 9}, "000009"},
	}
	for _, tt := range tests {
		got, err := auth.NewCode(bytes.NewReader(tt.raw))
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if _, err := auth.NewCode(bytes.NewReader([]byte{1})); err == nil {
		t.Error("a code without entropy")
	}
}

func TestReprepare(t *testing.T) {
	t.Parallel()
	v := auth.NewCodeVerification(auth.StrategyEmailCode, "idn_1", [32]byte{1}, t0)
	done := v
	done.Status, done.VerifiedAt = auth.VerificationVerified, t0
	failed := v
	failed.Status = auth.VerificationFailed
	tests := []struct {
		name     string
		v        auth.Verification
		strategy auth.Strategy
		email    auth.EmailID
		after    time.Duration
		send     bool
		code     auth.Code
	}{
		{"nothing prepared yet", auth.Verification{}, auth.StrategyEmailCode, "idn_1", 0, true, ""},
		{"the same request at once is the same answer", v, auth.StrategyEmailCode, "idn_1", time.Second, false, ""},
		{"soon after is refused", v, auth.StrategyEmailCode, "idn_1", 10 * time.Second, false, auth.CodeTooManyRequests},
		{"a spent code is not replayed", failed, auth.StrategyEmailCode, "idn_1", time.Second, false, auth.CodeTooManyRequests},
		{"after the interval a new code", v, auth.StrategyEmailCode, "idn_1", auth.CodeResendInterval, true, ""},
		{"another strategy is another proof", v, auth.StrategyResetPasswordEmail, "idn_1", 0, true, ""},
		{"another address is another proof", v, auth.StrategyEmailCode, "idn_2", 0, true, ""},
		{"nothing left to prove", done, auth.StrategyEmailCode, "idn_1", time.Hour, false, auth.CodeVerificationAlreadyVerified},
		{"a clock that went back sends", v, auth.StrategyEmailCode, "idn_1", -time.Hour, true, ""},
	}
	for _, tt := range tests {
		send, err := tt.v.Reprepare(tt.strategy, tt.email, t0.Add(tt.after))
		if send != tt.send || codeOf(err) != tt.code {
			t.Errorf("%s: send %v, %v; want %v, %q", tt.name, send, err, tt.send, tt.code)
		}
	}
}

func TestResendIn(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	v := auth.NewCodeVerification(auth.StrategyEmailCode, "idn_1", [32]byte{1}, now)
	for after, want := range map[time.Duration]time.Duration{
		0: auth.CodeResendInterval, 10 * time.Second: auth.CodeResendInterval - 10*time.Second,
		auth.CodeResendInterval: 0, time.Hour: 0, -time.Hour: 0,
	} {
		if got := v.ResendIn(now.Add(after)); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
	}
	if got := (auth.Verification{}).ResendIn(now); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
}

func TestRetryGivesUpAsUnavailable(t *testing.T) {
	t.Parallel()
	n := 0
	err := auth.Retry(func() error { n++; return auth.ErrConflict })
	if !errors.Is(err, auth.ErrUnavailable) || errors.Is(err, auth.ErrConflict) || n != auth.ConflictRetries {
		t.Errorf("after %d tries: %v", n, err)
	}
	n = 0
	if err := auth.Retry(func() error {
		if n++; n < 3 {
			return auth.ErrConflict
		}
		return nil
	}); err != nil || n != 3 {
		t.Errorf("after %d tries: %v", n, err)
	}
}
