package password

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // as PBKDF2 of other systems uses it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// Bounds of imported parameters: a digest must not be able to stop the server.
const (
	maxRounds       = 5_000_000
	maxScryptMemory = 256 << 20 // bytes
	maxScryptLanes  = 16
)

func rounds(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxRounds {
		return 0, errEncoding
	}
	return n, nil
}

// pbkdf2Form is one published spelling of PBKDF2: name$iterations$salt$hash.
type pbkdf2Form struct {
	name      string
	new       func() hash.Hash
	salt, sum func(string) ([]byte, error)
}

var (
	pbkdf2SHA256    = pbkdf2Form{"pbkdf2_sha256", sha256.New, base64Text, base64Text}
	pbkdf2Django    = pbkdf2Form{"pbkdf2_sha256", sha256.New, rawText, base64Text}
	pbkdf2SHA512    = pbkdf2Form{"pbkdf2_sha512", sha512.New, rawText, hex.DecodeString}
	pbkdf2SHA512Hex = pbkdf2Form{"pbkdf2_sha512_hex", sha512.New, hex.DecodeString, hex.DecodeString}
	pbkdf2SHA1      = pbkdf2Form{"pbkdf2_sha1", sha1.New, hexOrRaw, hex.DecodeString}
)

func rawText(s string) ([]byte, error) { return []byte(s), nil }

// base64Text accepts the text with and without padding, and no line breaks.
func base64Text(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errEncoding
	}
	return base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}

// hexOrRaw takes what is no hex as it is.
func hexOrRaw(s string) ([]byte, error) {
	if b, err := hex.DecodeString(s); err == nil {
		return b, nil
	}
	return []byte(s), nil
}

func (f pbkdf2Form) parse(digest string) (check, error) {
	fields := strings.Split(digest, "$")
	if len(fields) != 4 || fields[0] != f.name {
		return nil, errEncoding
	}
	rounds, err := rounds(fields[1])
	if err != nil {
		return nil, err
	}
	salt, err := f.salt(fields[2])
	if err != nil || len(salt) == 0 {
		return nil, errEncoding
	}
	want, err := f.sum(fields[3])
	if err != nil || len(want) < 16 || len(want) > 128 || len(want)%4 != 0 { // one that was cut short
		return nil, errEncoding
	}
	return func(plain string) (bool, error) {
		got, err := pbkdf2.Key(f.new, plain, salt, rounds, len(want))
		return err == nil && equals(got, want), err
	}, nil
}

// parsePBKDF2SHA1 accepts the length of the key, in bytes, as a last field.
func parsePBKDF2SHA1(digest string) (check, error) {
	fields := strings.Split(digest, "$")
	if len(fields) == 5 {
		if size, err := strconv.Atoi(fields[4]); err != nil || hex.EncodedLen(size) != len(fields[3]) {
			return nil, errEncoding
		}
		digest = strings.Join(fields[:4], "$")
	}
	return pbkdf2SHA1.parse(digest)
}

// scryptCost are the parameters of RFC 7914.
type scryptCost struct{ n, r, p int }

func (c scryptCost) bounded() bool {
	return c.n > 1 && c.n&(c.n-1) == 0 && c.r > 0 && c.p > 0 && c.p <= maxScryptLanes &&
		c.n <= maxScryptMemory/128 && c.r <= maxScryptMemory/128/c.n
}

// parseWerkzeug reads scrypt:N:r:p$salt$hash, with or without a leading $. The
// framework writes the hash in hex; base64 is accepted too.
func parseWerkzeug(digest string) (check, error) {
	fields := strings.Split(strings.TrimPrefix(digest, "$"), "$")
	if len(fields) != 3 || fields[1] == "" {
		return nil, errEncoding
	}
	cost, err := werkzeugCost(fields[0])
	if err != nil {
		return nil, err
	}
	want, err := hex.DecodeString(fields[2])
	if err != nil {
		want, err = base64Text(fields[2])
	}
	if err != nil || len(want) != 64 {
		return nil, errEncoding
	}
	return func(plain string) (bool, error) {
		got, err := scrypt.Key([]byte(plain), []byte(fields[1]), cost.n, cost.r, cost.p, len(want))
		return err == nil && equals(got, want), err
	}, nil
}

func werkzeugCost(text string) (cost scryptCost, _ error) {
	fields := strings.Split(text, ":")
	if len(fields) != 4 || fields[0] != "scrypt" {
		return cost, errEncoding
	}
	for i, into := range []*int{&cost.n, &cost.r, &cost.p} {
		var err error
		if *into, err = strconv.Atoi(fields[i+1]); err != nil {
			return cost, errEncoding
		}
	}
	if !cost.bounded() {
		return cost, errEncoding
	}
	return cost, nil
}

// parseFirebase reads hash$salt$signerKey$saltSeparator$rounds$memoryCost, the
// first four in base64. The hash is the signer key, encrypted by AES-256 in
// counter mode under what scrypt makes of the password.
func parseFirebase(digest string) (check, error) {
	fields := strings.Split(digest, "$")
	if len(fields) != 6 {
		return nil, errEncoding
	}
	var parts [4][]byte
	for i := range parts {
		var err error
		// Exports use either alphabet.
		if parts[i], err = base64Text(strings.NewReplacer("-", "+", "_", "/").Replace(fields[i])); err != nil {
			return nil, errEncoding
		}
	}
	want, salt, signer := parts[0], append(parts[1], parts[3]...), parts[2]
	r, err := strconv.Atoi(fields[4])
	memory, err2 := strconv.Atoi(fields[5])
	if err != nil || err2 != nil || memory < 1 || memory > 24 || len(want) == 0 || len(want) != len(signer) || len(salt) == 0 {
		return nil, errEncoding
	}
	cost := scryptCost{n: 1 << memory, r: r, p: 1}
	if !cost.bounded() {
		return nil, errEncoding
	}
	return func(plain string) (bool, error) {
		key, err := scrypt.Key([]byte(plain), salt, cost.n, cost.r, cost.p, 32)
		if err != nil {
			return false, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return false, err
		}
		got := make([]byte, len(signer))
		cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(got, signer)
		return equals(got, want), nil
	}, nil
}
