package server

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/respond"
)

// overridable are the methods that a POST may stand for. Browsers send no
// other cross-origin method without asking first, so clerk-js names the real
// one in a parameter.
var overridable = map[string]bool{
	http.MethodGet: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true,
}

// overrideMethod replaces the method of a POST by the _method parameter of
// the query, else of a form body. Any other request is passed on unread.
func overrideMethod(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		method := ""
		if strings.Contains(r.URL.RawQuery, "_method=") {
			method = r.URL.Query().Get("_method")
		}
		if method == "" && isForm(r) {
			body, err := respond.Body(w, r)
			if err != nil {
				respond.Error(w, r, err)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			method = formMethod(body)
		}
		if overridable[method] {
			r = r.WithContext(r.Context())
			r.Method = method
		}
		next.ServeHTTP(w, r)
	})
}

func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// formMethod finds the parameter; bodies without it are not parsed here.
func formMethod(body []byte) string {
	if !bytes.Contains(body, []byte("_method=")) {
		return ""
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	return values.Get("_method")
}
