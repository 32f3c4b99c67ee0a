package backendapi

import (
	"net/http"
	"net/url"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

const maxValues = 100 // of one list parameter

// query returns the query parameters. A malformed query is refused: a filter
// that got lost in it would show what was not asked for.
func query(r *http.Request) *respond.Form {
	f := respond.Query(r)
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		f.Fail(auth.CodeParamFormatInvalid, "query string")
	}
	return f
}

// page reads limit and offset.
func page(q *respond.Form) (limit, offset int) { return q.Page() }

// list reads a parameter with several values: repeated, with brackets, or
// joined by commas.
func list(q *respond.Form, name string) []string {
	values := q.CommaList(name)
	if len(values) > maxValues {
		q.Fail(auth.CodeParamTooLong, name)
		return nil
	}
	return values
}

// instant reads an optional RFC 3339 time.
func instant(f *respond.Form, name string) *time.Time {
	text := f.String(name)
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Year() < 1970 {
		f.Fail(auth.CodeParamFormatInvalid, name)
		return nil
	}
	return &t
}

// pathID returns an identifier in the path, or [auth.ErrNotFound] for text that
// cannot be one, without asking the store.
func pathID[T ~string](r *http.Request, name, prefix string) (T, error) {
	id := r.PathValue(name)
	if !auth.ValidID(prefix, id) {
		return "", auth.ErrNotFound
	}
	return T(id), nil
}

func userID(r *http.Request) (auth.UserID, error) { return pathID[auth.UserID](r, "user_id", "user") }

// paged is the form of a list when the request asks for it.
type paged struct {
	Data       any `json:"data"`
	TotalCount int `json:"total_count"`
}

// listed is data as an array, or with its total when paginated=true asks for it.
func listed(q *respond.Form, data any, total int) any {
	if q.Bool("paginated") {
		return paged{data, total}
	}
	return data
}
