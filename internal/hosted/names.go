package hosted

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// nameOf is the name of somebody as far as they have given one.
func nameOf(u auth.User) string {
	return strings.TrimSpace(strings.TrimSpace(u.FirstName) + " " + strings.TrimSpace(u.LastName))
}

// fullName is how a person is called, or how they sign in when they have said no
// name.
func fullName(u auth.User) string {
	if name := nameOf(u); name != "" {
		return name
	}
	return u.Identifier()
}

// initial stands for a picture that there is not.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return string(unicode.ToUpper(r))
		}
	}
	first, _ := utf8.DecodeRuneInString(name)
	return string(first)
}
