package password_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/password"
)

// The argon2 digests are vectors of the reference implementation
// (salt "somesalt", m=64 MiB, t=2, p=1).
const (
	argon2idPassword = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	argon2iPassword  = "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
	// From the original crypt_blowfish test suite.
	bcryptU = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
)

func TestParseDigestVerifies(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Cheapest())
	for _, tc := range []struct{ name, hasher, digest, plain string }{
		{"argon2id", "argon2id", argon2idPassword, "password"},
		{"argon2i", "argon2i", argon2iPassword, "password"},
		{"bcrypt 2a", "bcrypt", bcryptU, "U*U"},
		{"bcrypt 2y", "bcrypt", strings.Replace(bcryptU, "$2a", "$2y", 1), "U*U"},
		{"bcrypt 2b", "bcrypt", strings.Replace(bcryptU, "$2a", "$2b", 1), "U*U"},
	} {
		hash, err := password.ParseDigest(tc.hasher, tc.digest)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if ok, err := h.Verify(t.Context(), hash, tc.plain); !ok || err != nil {
			t.Errorf("%s: the right password: %v, %v", tc.name, ok, err)
		}
		if ok, err := h.Verify(t.Context(), hash, tc.plain+"x"); ok || err != nil {
			t.Errorf("%s: a wrong password: %v, %v", tc.name, ok, err)
		}
		if !h.Outdated(hash) {
			t.Errorf("%s: would be kept for ever", tc.name)
		}
	}
}

func TestParseDigestRefuses(t *testing.T) {
	t.Parallel()
	own, err := bcrypt.GenerateFromPassword([]byte("x"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, hasher, digest string
		code                 auth.Code
	}{
		{"no hasher", "", bcryptU, auth.CodePasswordHasherUnknown},
		{"unsupported hasher", "awscognito", "awscognito#pool#client#name", auth.CodePasswordHasherUnknown},
		{"plain text as bcrypt", "bcrypt", "hunter2", auth.CodePasswordDigestInvalid},
		{"cost that stops the server", "bcrypt", strings.Replace(bcryptU, "$05", "$31", 1), auth.CodePasswordDigestInvalid},
		{"broken bcrypt variant", "bcrypt", strings.Replace(bcryptU, "$2a", "$2x", 1), auth.CodePasswordDigestInvalid},
		{"bcrypt with a tail", "bcrypt", string(own) + "x", auth.CodePasswordDigestInvalid},
		{"bcrypt cut short", "bcrypt", bcryptU[:50], auth.CodePasswordDigestInvalid},
		{"the other argon2", "argon2id", argon2iPassword, auth.CodePasswordDigestInvalid},
		{"memory that stops the server", "argon2id", strings.Replace(argon2idPassword, "m=65536", "m=4194304", 1), auth.CodePasswordDigestInvalid},
		{"passes that stop the server", "argon2id", strings.Replace(argon2idPassword, "t=2", "t=99999", 1), auth.CodePasswordDigestInvalid},
		{"argon2 of an old version", "argon2id", strings.Replace(argon2idPassword, "v=19", "v=16", 1), auth.CodePasswordDigestInvalid},
	} {
		_, err := password.ParseDigest(tc.hasher, tc.digest)
		if !errors.Is(err, auth.Refuse(tc.code)) {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.code)
		}
		if err != nil && tc.digest != "" && strings.Contains(err.Error(), tc.digest) {
			t.Errorf("%s: the error shows the digest", tc.name)
		}
	}
}
