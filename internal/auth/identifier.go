package auth

import (
	"net/mail"
	"strings"
	"unicode/utf8"
)

const (
	maxEmailBytes = 254 // RFC 5321 §4.5.3.1.3, less the angle brackets
	maxLocalBytes = 64  // RFC 5321 §4.5.3.1.1
)

// NormalizeEmail returns the address as it is stored and compared: trimmed, in
// lower case, ASCII only. Case is folded in the local part too: no mail system
// in use tells two people apart by it, and an attacker would. Non-ASCII
// addresses are refused rather than folded, because look-alike letters would
// make two accounts that people cannot tell apart. The error has code
// [CodeParamFormatInvalid].
func NormalizeEmail(s, param string) (string, error) {
	s = strings.TrimSpace(s)
	bad := RefuseParam(CodeParamFormatInvalid, param)
	if s == "" || len(s) > maxEmailBytes || !utf8.ValidString(s) {
		return "", bad
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return "", bad
		}
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return "", bad
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], s[at+1:]
	if len(local) > maxLocalBytes || strings.ContainsAny(local, "\"()<>[]\\,;:") || !validDomain(domain) {
		return "", bad
	}
	return strings.ToLower(s), nil
}

// validDomain accepts dotted host names (RFC 1123 §2.1) with at least two labels.
func validDomain(d string) bool {
	labels := strings.Split(d, ".")
	if len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			c := l[i]
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	return true
}

// TestAddress says whether an address follows the published convention for test
// identities, for which no message is sent.
func TestAddress(email string) bool {
	local, _, _ := strings.Cut(email, "@")
	return strings.Contains(local, "+clerk_test")
}

// TestCode is the code that test identities verify with.
const TestCode = "424242"

// MaskEmail is the form in which an address is shown to somebody who typed it
// but has not proven it.
func MaskEmail(email string) string {
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" {
		return "*****"
	}
	return local[:1] + "*****@" + domain
}
