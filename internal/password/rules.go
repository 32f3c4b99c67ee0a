package password

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/password/strength"
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

// CheckNew says whether plain may become a password where these settings are in
// force. The error is an [*auth.Error] about param and never contains the
// password.
func CheckNew(set auth.PasswordSettings, plain, param string) error {
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
	return strongEnough(set, plain, param)
}

// suggestion is one of those that clients show, by its published code.
type suggestion struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// strongEnough estimates only where it matters: the first estimate unpacks the
// lists of words, which then stay in memory.
func strongEnough(set auth.PasswordSettings, plain, param string) error {
	if set.MinStrength == 0 {
		return nil
	}
	e := strength.Of(plain)
	if e.Score >= set.MinStrength {
		return nil
	}
	told := []suggestion{}
	for _, s := range e.Suggestions {
		told = append(told, suggestion{string(s), s.Message()})
	}
	return &auth.Error{
		Code: auth.CodePasswordNotStrong, Param: param,
		Meta: map[string]any{"zxcvbn": map[string]any{"suggestions": told}},
	}
}

// CheckNew is the package's rule as a method, for callers that hold a [Hasher]
// as their port.
func (h *Hasher) CheckNew(set auth.PasswordSettings, plain, param string) error {
	return CheckNew(set, plain, param)
}

// isCommon catches the list in any case, and one character repeated.
func isCommon(plain string) bool {
	lower := strings.ToLower(plain)
	if _, found := slices.BinarySearch(common(), lower); found {
		return true
	}
	first, _ := utf8.DecodeRuneInString(lower)
	return strings.Trim(lower, string(first)) == ""
}
