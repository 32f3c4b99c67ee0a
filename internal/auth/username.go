package auth

import "strings"

// Codes of refused usernames.
const (
	CodeUsernameLength    Code = "form_username_invalid_length"
	CodeUsernameCharacter Code = "form_username_invalid_character"
)

// Bounds of a username in characters, as the environment publishes them.
const (
	UsernameMin = 4
	UsernameMax = 64
)

// NormalizeUsername returns the username as it is stored and compared: in
// lower case. Only ASCII letters, digits, '_' and '-' are taken, and one of
// them must not be a digit: look-alike letters of other scripts would make two
// names that people cannot tell apart, and digits alone look like a phone
// number. Errors: [CodeUsernameLength], [CodeUsernameCharacter].
func NormalizeUsername(s, param string) (string, error) {
	given := strings.TrimSpace(s)
	s = strings.ToLower(given)
	if len(s) < UsernameMin || len(s) > UsernameMax {
		return "", &Error{Code: CodeUsernameLength, Param: param,
			Meta: map[string]any{"min_length": UsernameMin, "max_length": UsernameMax}}
	}
	if strings.ContainsFunc(given, func(r rune) bool { return r >= 0x80 }) {
		return "", RefuseParam(CodeUsernameCharacter, param) // some have an ASCII letter for their lower case
	}
	digits := true
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
		case c >= 'a' && c <= 'z', c == '_', c == '-':
			digits = false
		default:
			return "", RefuseParam(CodeUsernameCharacter, param)
		}
	}
	if digits {
		return "", RefuseParam(CodeUsernameCharacter, param)
	}
	return s, nil
}
