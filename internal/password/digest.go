package password

import (
	"regexp"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/perennialauth/perennial/internal/auth"
)

// maxBcryptCost bounds imported bcrypt hashes: one step more doubles the time
// of every sign-in with it, and 15 already takes seconds.
const maxBcryptCost = 15

// bcryptForm is the modular crypt form of the sound variants. The variant 2x
// marks hashes of a broken implementation and is not among them.
var bcryptForm = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

// ParseDigest takes over a digest that another system made, by the published
// name of its hasher. The result is verified as what it is and is
// [Hasher.Outdated], so that the next sign-in replaces it. Errors have the
// code [auth.CodePasswordHasherUnknown] or [auth.CodePasswordDigestInvalid].
func ParseDigest(hasher, digest string) (auth.PasswordHash, error) {
	invalid := auth.RefuseParam(auth.CodePasswordDigestInvalid, "password_digest")
	switch hasher {
	case "bcrypt":
		cost, err := bcrypt.Cost([]byte(digest))
		if err != nil || cost > maxBcryptCost || !bcryptForm.MatchString(digest) {
			return auth.PasswordHash{}, invalid
		}
	case argon2id, argon2i:
		if _, _, _, err := parseArgon2(digest); err != nil || !strings.HasPrefix(digest, "$"+hasher+"$") {
			return auth.PasswordHash{}, invalid
		}
	default:
		return auth.PasswordHash{}, auth.RefuseParam(auth.CodePasswordHasherUnknown, "password_hasher")
	}
	return auth.NewPasswordHash(digest), nil
}
