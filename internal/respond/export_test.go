package respond

import "github.com/perennialauth/perennial/internal/auth"

// Listed says whether the table has a row for code.
func Listed(code auth.Code) bool {
	_, ok := listed(code)
	return ok
}
