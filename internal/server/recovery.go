package server

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// recoverPanics answers a panic with an internal error in the published
// envelope and logs the stack. When part of an answer is out already the
// connection is cut instead: a body that ends early must not look complete.
//
// GET client is answered 503: the SDKs read a 500 there as "signed out"
// after they saw a 401 elsewhere.
func recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, ok := w.(*recorder)
		if !ok {
			rec = &recorder{ResponseWriter: w}
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			if rec.status != 0 {
				panic(http.ErrAbortHandler)
			}
			if path.Clean(r.URL.Path) == "/v1/client" {
				respond.Unavailable(w, r, err)
				return
			}
			respond.Error(w, r, &auth.Error{Code: auth.CodeInternal, Cause: err})
		}()
		next.ServeHTTP(rec, r)
	})
}
