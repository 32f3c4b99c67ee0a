package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/perennialauth/perennial/internal/auth"
)

// Variants of argon2 by their names in the encoded form.
const (
	argon2id = "argon2id"
	argon2i  = "argon2i"
)

const hashSize = 32

// params is the cost of one argon2 hash.
type params struct {
	variant string
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// Bounds of stored parameters: a hash brought in from elsewhere must not be
// able to stop the server.
const (
	maxMemory  = 256 * 1024 // KiB
	maxPasses  = 16
	maxThreads = 16
)

// errEncoding never repeats the hash.
var errEncoding = errors.New("stored password hash cannot be read")

func (p params) key(plain string, salt []byte, size uint32) []byte {
	if p.variant == argon2i {
		return argon2.Key([]byte(plain), salt, p.passes, p.memory, p.threads, size)
	}
	return argon2.IDKey([]byte(plain), salt, p.passes, p.memory, p.threads, size)
}

// hash computes the hash of plain.
func (p params) hash(plain string, salt []byte) auth.PasswordHash {
	return p.encode(salt, p.key(plain, salt, hashSize))
}

// encode returns the PHC string form, which names its own parameters, so that
// raising the cost leaves older hashes verifiable.
func (p params) encode(salt, sum []byte) auth.PasswordHash {
	b64 := base64.RawStdEncoding
	return auth.NewPasswordHash(fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", p.variant, argon2.Version,
		p.memory, p.passes, p.threads, b64.EncodeToString(salt), b64.EncodeToString(sum)))
}

// parseArgon2 reads the PHC string form.
func parseArgon2(encoded string) (p params, salt, sum []byte, err error) {
	fields := strings.Split(encoded, "$")
	if len(fields) != 6 || fields[0] != "" || (fields[1] != argon2id && fields[1] != argon2i) {
		return p, nil, nil, errEncoding
	}
	p.variant = fields[1]
	var version int
	if _, err := fmt.Sscanf(fields[2]+"\n", "v=%d\n", &version); err != nil || version != argon2.Version {
		return p, nil, nil, errEncoding
	}
	if _, err := fmt.Sscanf(fields[3]+"\n", "m=%d,t=%d,p=%d\n", &p.memory, &p.passes, &p.threads); err != nil {
		return p, nil, nil, errEncoding
	}
	if p.memory == 0 || p.memory > maxMemory || p.passes == 0 || p.passes > maxPasses || p.threads == 0 || p.threads > maxThreads {
		return p, nil, nil, errEncoding
	}
	if salt, err = base64.RawStdEncoding.DecodeString(fields[4]); err != nil || len(salt) == 0 {
		return p, nil, nil, errEncoding
	}
	if sum, err = base64.RawStdEncoding.DecodeString(fields[5]); err != nil || len(sum) < 16 || len(sum) > 128 {
		return p, nil, nil, errEncoding
	}
	return p, salt, sum, nil
}

// argon2Of returns the reader of one variant's PHC string form.
func argon2Of(variant string) func(string) (check, error) {
	return func(digest string) (check, error) {
		if !strings.HasPrefix(digest, "$"+variant+"$") {
			return nil, errEncoding
		}
		return parseAnyArgon2(digest)
	}
}

func parseAnyArgon2(encoded string) (check, error) {
	p, salt, sum, err := parseArgon2(encoded)
	if err != nil {
		return nil, err
	}
	return func(plain string) (bool, error) {
		return equals(p.key(plain, salt, uint32(len(sum))), sum), nil //nolint:gosec // bounded by parseArgon2
	}, nil
}
