package auth

import (
	"strings"
	"time"
)

// PhoneNumber is a stored identification: a number and how it was proven.
type PhoneNumber struct {
	ID                  PhoneID
	Number              string // E.164, see [NormalizePhone]; unique among verified numbers
	Verification        Verification
	SecondFactor        bool // reserved for the second factor: it does not identify at sign-in
	DefaultSecondFactor bool
	CreatedAt           time.Time
	UpdatedAt           time.Time
}

// Verified says whether the number was proven.
func (p PhoneNumber) Verified() bool { return p.Verification.Status == VerificationVerified }

// Phone returns the number with this id and whether the user has it.
func (u User) Phone(id PhoneID) (PhoneNumber, bool) {
	for _, p := range u.Phones {
		if p.ID == id {
			return p, true
		}
	}
	return PhoneNumber{}, false
}

// Bounds of a number in digits: E.164 §6.2.1 allows fifteen, and no country
// has subscribers with fewer than seven, its code included.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 15
)

// NormalizePhone returns the number in E.164: a plus sign, the country code
// and the subscriber's number, digits only. What people write between digits
// is dropped. A number without a country code is refused: guessing one would
// send the code to a stranger. So are digits of other scripts, which would
// make two texts of one number. The error has code [CodeParamFormatInvalid].
func NormalizePhone(s, param string) (string, error) {
	bad := RefuseParam(CodeParamFormatInvalid, param)
	s = strings.TrimSpace(s)
	if len(s) > 64 || !strings.HasPrefix(s, "+") {
		return "", bad
	}
	var out strings.Builder
	out.WriteByte('+')
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			out.WriteByte(c)
		case strings.IndexByte(" -.()/", c) >= 0:
		default:
			return "", bad
		}
	}
	number := out.String()
	digits := len(number) - 1
	if digits < minPhoneDigits || digits > maxPhoneDigits || number[1] == '0' {
		return "", bad
	}
	return number, nil
}

// TestPhone says whether a number follows the published convention for test
// identities, +1XXX55501XX, for which no message is sent.
func TestPhone(number string) bool {
	return len(number) == 12 && strings.HasPrefix(number, "+1") && number[5:10] == "55501"
}

// MaskPhone is the form in which a number is shown to somebody who has not
// proven it.
func MaskPhone(number string) string {
	if len(number) < 6 {
		return "*****"
	}
	return number[:2] + strings.Repeat("*", len(number)-4) + number[len(number)-2:]
}

// TestIdentity says whether a normalised address or number is a test identity.
func TestIdentity(to string) bool {
	if strings.HasPrefix(to, "+") {
		return TestPhone(to)
	}
	return TestAddress(to)
}
