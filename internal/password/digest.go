package password

import (
	"crypto/subtle"
	"errors"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/perennialauth/perennial/internal/auth"
)

// check says whether a password made the digest it was parsed from.
type check func(plain string) (bool, error)

// hashers are the published names of hashers whose digests are taken over, and
// how each reads a digest. Those of argon2 and bcrypt name themselves; any
// other is stored behind its hasher's name.
//
// Where the published form leaves something open: the salted fast hashes accept
// the salt before and after the password, and md5_phpass is phpass over the
// MD5 of the password in hex.
var hashers = map[string]func(digest string) (check, error){
	argon2id:               argon2Of(argon2id),
	argon2i:                argon2Of(argon2i),
	"bcrypt":               parseBcrypt,
	"bcrypt_sha256_django": parseBcryptDjango,
	"bcrypt_peppered":      parseBcryptPeppered,
	"pbkdf2_sha1":          parsePBKDF2SHA1,
	"pbkdf2_sha256":        pbkdf2SHA256.parse,
	"pbkdf2_sha256_django": pbkdf2Django.parse,
	"pbkdf2_sha512":        pbkdf2SHA512.parse,
	"pbkdf2_sha512_hex":    pbkdf2SHA512Hex.parse,
	"scrypt_firebase":      parseFirebase,
	"scrypt_werkzeug":      parseWerkzeug,
	"phpass":               parsePhpass,
	"md5_phpass":           parseMD5Phpass,
	"md5":                  parseMD5,
	"md5_salted":           parseSaltedMD5,
	"sha256":               parseSHA256,
	"sha256_salted":        parseSaltedSHA256,
	"sha512_symfony":       parseSymfony,
	"ldap_ssha":            parseSSHA,
}

// foreign marks a stored digest that does not name its hasher itself.
const foreign = "$foreign$"

// ParseDigest takes over a digest that another system made, by the published
// name of its hasher. The result is verified as what it is and is
// [Hasher.Outdated], so that the next sign-in replaces it. Errors have the
// code [auth.CodePasswordHasherUnknown] or [auth.CodePasswordDigestInvalid].
func ParseDigest(hasher, digest string) (auth.PasswordHash, error) {
	parse, ok := hashers[hasher]
	if !ok {
		return auth.PasswordHash{}, auth.RefuseParam(auth.CodePasswordHasherUnknown, "password_hasher")
	}
	if _, err := parse(digest); err != nil {
		return auth.PasswordHash{}, auth.RefuseParam(auth.CodePasswordDigestInvalid, "password_digest")
	}
	if namesItself(digest) && hasher != "bcrypt_peppered" {
		return auth.NewPasswordHash(digest), nil
	}
	return auth.NewPasswordHash(foreign + hasher + "$" + digest), nil
}

// namesItself says whether the form alone tells how to verify the digest.
func namesItself(digest string) bool {
	return strings.HasPrefix(digest, "$argon2") || strings.HasPrefix(digest, "$2")
}

// read returns the check of a stored hash.
func read(encoded string) (check, error) {
	if tagged, ok := strings.CutPrefix(encoded, foreign); ok {
		hasher, digest, _ := strings.Cut(tagged, "$")
		if parse, ok := hashers[hasher]; ok {
			return parse(digest)
		}
		return nil, errEncoding
	}
	if strings.HasPrefix(encoded, "$2") {
		return parseBcrypt(encoded)
	}
	return parseAnyArgon2(encoded)
}

// cheap says whether verifying costs so little that the answer's time would
// tell an imported account from one that does not exist.
func cheap(encoded string) bool { return strings.HasPrefix(encoded, foreign) }

// equals compares in constant time.
func equals(got, want []byte) bool { return subtle.ConstantTimeCompare(got, want) == 1 }

// maxBcryptCost bounds imported bcrypt hashes: one step more doubles the time
// of every sign-in with it, and 15 already takes seconds.
const maxBcryptCost = 15

// bcryptForm is the modular crypt form of the sound variants. The variant 2x
// marks hashes of a broken implementation and is not among them.
var bcryptForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)
})

func parseBcrypt(digest string) (check, error) {
	cost, err := bcrypt.Cost([]byte(digest))
	if err != nil || cost > maxBcryptCost || !bcryptForm().MatchString(digest) {
		return nil, errEncoding
	}
	return func(plain string) (bool, error) {
		err := bcrypt.CompareHashAndPassword([]byte(digest), []byte(plain))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		if err != nil {
			return false, errEncoding
		}
		return true, nil
	}, nil
}
