package backendapi

import (
	"maps"
	"net/http"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

//go:generate go test ../apitest -run TestCoverage -rewrite

// Operations are the published operations that do something, as "METHOD /path"
// with the parameters in braces, sorted.
func Operations() []string {
	return slices.Sorted(maps.Keys((&API{}).routes()))
}

// notImplemented answers a published operation that does nothing yet: not
// "not found", which a back end could take for the state of a resource.
func notImplemented(http.ResponseWriter, *http.Request) (any, error) {
	return nil, auth.Refuse(auth.CodeNotImplemented)
}
