package password

import (
	"crypto/md5"  //nolint:gosec // digests of other systems, replaced at the next sign-in
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strings"
)

// The hashers here are too fast to protect a password. They are read so that a
// user base can be moved, and each digest lives until its owner signs in.

func md5Of(b []byte) []byte {
	sum := md5.Sum(b) //nolint:gosec // see above
	return sum[:]
}

func sha256Of(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

func parseMD5(digest string) (check, error)       { return plainDigest(digest, md5.Size, md5Of) }
func parseSHA256(digest string) (check, error)    { return plainDigest(digest, sha256.Size, sha256Of) }
func parseSaltedMD5(digest string) (check, error) { return saltedDigest(digest, md5.Size, md5Of) }
func parseSaltedSHA256(digest string) (check, error) {
	return saltedDigest(digest, sha256.Size, sha256Of)
}

// hexSum reads a sum of exactly size bytes.
func hexSum(text string, size int) ([]byte, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != size {
		return nil, errEncoding
	}
	return sum, nil
}

func plainDigest(digest string, size int, of func([]byte) []byte) (check, error) {
	want, err := hexSum(digest, size)
	if err != nil {
		return nil, err
	}
	return func(plain string) (bool, error) { return equals(of([]byte(plain)), want), nil }, nil
}

func saltedDigest(digest string, size int, of func([]byte) []byte) (check, error) {
	salt, sum, ok := strings.Cut(digest, "$")
	want, err := hexSum(sum, size)
	if err != nil || !ok || salt == "" {
		return nil, errEncoding
	}
	return func(plain string) (bool, error) {
		before, after := equals(of([]byte(salt+plain)), want), equals(of([]byte(plain+salt)), want)
		return before || after, nil
	}, nil
}

// parseSymfony reads sha512_symfony$iterations$salt$base64, the legacy message
// digest of that framework: the salt in braces is mixed into every round.
func parseSymfony(digest string) (check, error) {
	fields := strings.Split(digest, "$")
	if len(fields) != 4 || fields[0] != "sha512_symfony" || fields[2] == "" {
		return nil, errEncoding
	}
	rounds, err := rounds(fields[1])
	if err != nil {
		return nil, err
	}
	want, err := base64Text(fields[3])
	if err != nil || len(want) != sha512.Size {
		return nil, errEncoding
	}
	return func(plain string) (bool, error) {
		salted := []byte(plain + "{" + fields[2] + "}")
		sum := sha512.Sum512(salted)
		for range rounds - 1 {
			sum = sha512.Sum512(append(sum[:], salted...))
		}
		return equals(sum[:], want), nil
	}, nil
}

// parseSSHA reads {SSHA}base64(SHA-1(password, salt), salt), as RFC 2307 user
// passwords of LDAP servers have it.
func parseSSHA(digest string) (check, error) {
	encoded, ok := strings.CutPrefix(digest, "{SSHA}")
	raw, err := base64Text(encoded)
	if err != nil || !ok || len(raw) <= sha1.Size || len(raw) > sha1.Size+64 {
		return nil, errEncoding
	}
	want, salt := raw[:sha1.Size], string(raw[sha1.Size:])
	return func(plain string) (bool, error) {
		sum := sha1.Sum([]byte(plain + salt)) //nolint:gosec // see above
		return equals(sum[:], want), nil
	}, nil
}
