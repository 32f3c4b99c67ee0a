package frontendapi

import (
	"maps"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

//go:generate go test ../apitest -run TestCoverage -rewrite

// Operations are the operations that do something, as "METHOD /path" with the
// parameters in braces, sorted.
func Operations() []string {
	a := &API{}
	all := slices.Collect(maps.Keys(a.routes()))
	all = slices.AppendSeq(all, maps.Keys(a.documents()))
	slices.Sort(all)
	return all
}

// notImplemented answers a published operation that does nothing yet: not
// "not found", which an app could take for the state of a resource.
func (a *API) notImplemented(*call) error { return auth.Refuse(auth.CodeNotImplemented) }
