package auth_test

import (
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestReverificationStatus(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	proven := auth.Verification{Strategy: auth.StrategyPassword, Status: auth.VerificationVerified}
	for _, test := range []struct {
		name          string
		level         auth.ReverificationLevel
		hasSecond     bool
		first, second auth.Verification
		after         time.Duration
		want          auth.SignInStatus
	}{
		{"one factor, nothing proven", auth.LevelFirstFactor, true, auth.Verification{}, auth.Verification{}, 0, auth.SignInNeedsFirstFactor},
		{"one factor, proven", auth.LevelFirstFactor, true, proven, auth.Verification{}, 0, auth.SignInComplete},
		{"the second alone", auth.LevelSecondFactor, true, auth.Verification{}, auth.Verification{}, 0, auth.SignInNeedsSecondFactor},
		{"the second alone, proven", auth.LevelSecondFactor, true, auth.Verification{}, proven, 0, auth.SignInComplete},
		{"the second, which the user lacks", auth.LevelSecondFactor, false, auth.Verification{}, auth.Verification{}, 0, auth.SignInNeedsFirstFactor},
		{"both, the first proven", auth.LevelMultiFactor, true, proven, auth.Verification{}, 0, auth.SignInNeedsSecondFactor},
		{"both, proven", auth.LevelMultiFactor, true, proven, proven, 0, auth.SignInComplete},
		{"both, the second proven alone", auth.LevelMultiFactor, true, auth.Verification{}, proven, 0, auth.SignInNeedsFirstFactor},
		{"too late", auth.LevelMultiFactor, true, proven, auth.Verification{}, auth.ReverificationLifetime, auth.SignInAbandoned},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := auth.NewReverification(auth.Reverification{Version: 7}, "sess_1", test.level, test.hasSecond, now)
			if err != nil || r.Version != 7 {
				t.Fatalf("%+v, %v", r, err)
			}
			r.FirstFactor, r.SecondFactor = test.first, test.second
			if got := r.Status(now.Add(test.after)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if _, err := auth.NewReverification(auth.Reverification{}, "sess_1", "any", true, now); codeOf(err) != auth.CodeParamInvalid {
		t.Errorf("an unknown level: %v", err)
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	recent, old := now.Add(-time.Minute), now.Add(-time.Hour)
	with := auth.User{TOTP: auth.TOTP{Verified: true}}
	for _, test := range []struct {
		name   string
		user   auth.User
		s      auth.Session
		needed auth.ReverificationLevel
		fresh  bool
	}{
		{"just signed in", auth.User{}, auth.Session{FirstFactorAt: recent}, auth.LevelFirstFactor, true},
		{"an hour ago", auth.User{}, auth.Session{FirstFactorAt: old}, auth.LevelFirstFactor, false},
		{"with a second factor that was not proven", with, auth.Session{FirstFactorAt: recent}, auth.LevelSecondFactor, false},
		{"with a second factor proven an hour ago", with, auth.Session{FirstFactorAt: recent, SecondFactorAt: old}, auth.LevelSecondFactor, false},
		{"with both", with, auth.Session{FirstFactorAt: old, SecondFactorAt: recent}, auth.LevelSecondFactor, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if needed, fresh := test.s.Fresh(test.user, now); needed != test.needed || fresh != test.fresh {
				t.Errorf("got %s %v", needed, fresh)
			}
		})
	}
}

func TestMayChange(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	asks := auth.Settings{Reverification: true}
	recent, old := auth.Session{FirstFactorAt: now}, auth.Session{FirstFactorAt: now.Add(-time.Hour)}
	pending, acting := old, recent
	pending.Tasks, acting.Actor = "setup-mfa", `{"sub":"user_1"}`
	for _, test := range []struct {
		name string
		s    auth.Session
		set  auth.Settings
		want auth.Code
	}{
		{"proven a moment ago", recent, asks, ""},
		{"proven long ago", old, asks, auth.CodeReverificationRequired},
		{"proven long ago, where nobody asks", old, auth.Settings{}, ""},
		{"a new session with tasks", pending, asks, ""},
		{"somebody in the place of the person", acting, auth.Settings{}, auth.CodeActorForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.s.MayChange(auth.User{}, test.set, now)
			if (err == nil) != (test.want == "") || (err != nil && codeOf(err) != test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
