package respond

import "github.com/perennialauth/perennial/internal/auth"

const (
	defaultLimit = 10
	maxLimit     = 500
	maxOffset    = 1 << 31
)

// Page is one page of a list and how many there are altogether.
type Page[T any] struct {
	Data  []T `json:"data"`
	Total int `json:"total_count"`
}

// PageOf converts what a use case lists.
func PageOf[T, U any](list []T, total int, convert func(T) U) Page[U] {
	out := Page[U]{Data: make([]U, 0, len(list)), Total: total}
	for _, v := range list {
		out.Data = append(out.Data, convert(v))
	}
	return out
}

// Page reads limit and offset.
func (f *Form) Page() (limit, offset int) {
	return f.Bounded("limit", defaultLimit, 1, maxLimit), f.Bounded("offset", 0, 0, maxOffset)
}

// Bounded reads an integer that must lie within bounds.
func (f *Form) Bounded(name string, def, least, most int64) int {
	n := f.Int(name, def)
	if n < least || n > most {
		f.Fail(auth.CodeParamInvalid, name)
	}
	return int(n)
}
