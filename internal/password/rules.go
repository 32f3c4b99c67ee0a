package password

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// Length limits of a new password in characters, published in the
// environment document.
const (
	MinLength = 8
	MaxLength = 72
)

// commonText is a sorted list of passwords that guessing tools try first, in
// lower case, all at least [MinLength] long.
//
//go:embed common.txt
var commonText string

// common is split at first use: device commands link this package's importers
// and must not pay for it at their start.
var common = sync.OnceValue(func() []string { return strings.Fields(commonText) })

// CheckNew says whether plain may become a password. The error is an
// [*auth.Error] about param and never contains the password.
func CheckNew(plain, param string) error {
	if !utf8.ValidString(plain) || strings.ContainsRune(plain, 0) {
		return auth.RefuseParam(auth.CodeParamFormatInvalid, param)
	}
	switch n := utf8.RuneCountInString(plain); {
	case n < MinLength:
		return auth.RefuseParam(auth.CodePasswordTooShort, param)
	case n > MaxLength:
		return auth.RefuseParam(auth.CodePasswordTooLong, param)
	}
	if isCommon(plain) {
		return auth.RefuseParam(auth.CodePasswordPwned, param)
	}
	return nil
}

// CheckNew is the package's rule as a method, for callers that hold a [Hasher]
// as their port.
func (h *Hasher) CheckNew(plain, param string) error { return CheckNew(plain, param) }

// isCommon catches the list in any case, and one character repeated.
func isCommon(plain string) bool {
	lower := strings.ToLower(plain)
	if _, found := slices.BinarySearch(common(), lower); found {
		return true
	}
	first, _ := utf8.DecodeRuneInString(lower)
	return strings.Trim(lower, string(first)) == ""
}
