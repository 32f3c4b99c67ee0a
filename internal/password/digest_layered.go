package password

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// parseBcryptDjango reads bcrypt_sha256$ and a bcrypt hash of the SHA-256 of
// the password in hex, which is how Django passes bcrypt's limit of 72 bytes.
func parseBcryptDjango(digest string) (check, error) {
	inner, ok := strings.CutPrefix(digest, "bcrypt_sha256$")
	if !ok {
		return nil, errEncoding
	}
	verify, err := parseBcrypt(inner)
	if err != nil {
		return nil, err
	}
	return func(plain string) (bool, error) {
		sum := sha256.Sum256([]byte(plain))
		return verify(hex.EncodeToString(sum[:]))
	}, nil
}

// bcryptSize is the length of a bcrypt hash in its crypt form.
const bcryptSize = 60

// parseBcryptPeppered reads a bcrypt hash, $ and the text that was appended to
// the password.
func parseBcryptPeppered(digest string) (check, error) {
	if len(digest) < bcryptSize+2 || digest[bcryptSize] != '$' {
		return nil, errEncoding
	}
	verify, err := parseBcrypt(digest[:bcryptSize])
	if err != nil {
		return nil, err
	}
	pepper := digest[bcryptSize+1:]
	return func(plain string) (bool, error) { return verify(plain + pepper) }, nil
}

// phpassAlphabet is the order of digits in phpass's own base 64.
const phpassAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// maxPhpassLog bounds imported hashes at two to this many rounds; the widely
// used costs are 8 to 13.
const maxPhpassLog = 20

// parsePhpass reads the portable form $P$ (or $H$), one digit of cost, eight of
// salt, and 22 of an iterated MD5.
func parsePhpass(digest string) (check, error) {
	if len(digest) != 34 || (digest[:3] != "$P$" && digest[:3] != "$H$") || strings.Trim(digest[3:], phpassAlphabet) != "" {
		return nil, errEncoding
	}
	log := strings.IndexByte(phpassAlphabet, digest[3])
	if log < 7 || log > maxPhpassLog {
		return nil, errEncoding
	}
	salt, want := digest[4:12], digest[12:]
	return func(plain string) (bool, error) {
		sum := md5Of([]byte(salt + plain))
		for range 1 << log {
			sum = md5Of(append(sum, plain...))
		}
		return equals([]byte(phpassText(sum)), []byte(want)), nil
	}, nil
}

// phpassText writes bytes in groups of three, least significant digit first.
func phpassText(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i += 3 {
		group, digits := 0, 1
		for j := i; j < min(i+3, len(b)); j++ {
			group |= int(b[j]) << (8 * (j - i))
			digits++
		}
		for range digits {
			out.WriteByte(phpassAlphabet[group&63])
			group >>= 6
		}
	}
	return out.String()
}

func parseMD5Phpass(digest string) (check, error) {
	verify, err := parsePhpass(digest)
	if err != nil {
		return nil, err
	}
	return func(plain string) (bool, error) {
		return verify(hex.EncodeToString(md5Of([]byte(plain))))
	}, nil
}
