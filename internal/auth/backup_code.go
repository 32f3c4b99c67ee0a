package auth

import (
	"fmt"
	"io"
	"strings"
)

const (
	// backupAlphabet has no letters or digits that are mistaken for another.
	backupAlphabet = "23456789abcdefghjkmnpqrstuvwxyz"
	// backupLength is the number of characters of a code: 49 bits, kept under a
	// keyed hash and behind the account's lockout.
	backupLength = 10
)

// NewBackupCode returns a fresh backup code. It fails only when entropy does.
func NewBackupCode(entropy io.Reader) (string, error) {
	// Values above are drawn again: a remainder would favour some letters.
	const usable = 256 / len(backupAlphabet) * len(backupAlphabet)
	var out strings.Builder
	for out.Len() < backupLength {
		var raw [16]byte
		if _, err := io.ReadFull(entropy, raw[:]); err != nil {
			return "", fmt.Errorf("read entropy for backup code: %w", err)
		}
		for _, b := range raw {
			if int(b) < usable && out.Len() < backupLength {
				out.WriteByte(backupAlphabet[int(b)%len(backupAlphabet)])
			}
		}
	}
	return out.String(), nil
}

// HashBackupCode hashes a code as it is stored, see [HashCode]. Spaces, dashes
// and case do not matter: people copy codes by hand.
func HashBackupCode(pepper []byte, user UserID, code string) [32]byte {
	clean := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	return HashCode(pepper, "backup code of "+string(user), clean)
}
