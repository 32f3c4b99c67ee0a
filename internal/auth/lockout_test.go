package auth_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestLockoutKeysAreApart(t *testing.T) {
	t.Parallel()
	pepper, other := []byte("pepper"), []byte("other")
	keys := map[[32]byte]string{}
	for name, k := range map[string][32]byte{
		"a user":                    auth.UserLockoutKey(pepper, "user_1"),
		"another user":              auth.UserLockoutKey(pepper, "user_2"),
		"an identifier like the id": auth.LockoutKey(pepper, "identifier", "user_1"),
		"kind and value shifted":    auth.LockoutKey(pepper, "use", "ruser_1"),
		"another instance":          auth.UserLockoutKey(other, "user_1"),
	} {
		if was, taken := keys[k]; taken {
			t.Errorf("%s and %s are counted together", name, was)
		}
		keys[k] = name
	}
	if auth.UserLockoutKey(pepper, "user_1") != auth.LockoutKey(pepper, "user", "user_1") {
		t.Error("the same account is counted in two places")
	}
}
