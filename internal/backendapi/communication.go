package backendapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

func (a *API) communicationRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/instance/communication":   a.getCommunication,
		"PATCH /v1/instance/communication": a.updateCommunication,
	}
}

// maxCountries is how many a request may name.
const maxCountries = 250

type communicationJSON struct {
	Object           string   `json:"object"`
	BlockedCountries []string `json:"blocked_country_codes"`
}

func toCommunication(s auth.Settings) communicationJSON {
	return communicationJSON{"instance_communication", append([]string{}, s.BlockedCountries...)}
}

func (a *API) getCommunication(http.ResponseWriter, *http.Request) (any, error) {
	return toCommunication(a.Settings()), nil
}

// updateCommunication replaces the list when there is one. Codes of countries
// that no number belongs to are dropped, as published.
func (a *API) updateCommunication(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	codes, given := countries(f, "blocked_country_codes")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if !given {
		return toCommunication(a.Settings()), nil
	}
	set, err := a.Live.Update(r.Context(), func(s *auth.Settings) error {
		s.BlockedCountries = auth.KnownCountries(codes)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return toCommunication(set), nil
}

// countries reads a list of country codes; null and absent are none given.
func countries(f *respond.Form, name string) (codes []string, given bool) {
	codes = f.Strings(name)
	slices.Sort(codes)
	switch {
	case len(codes) > maxCountries:
		f.Fail(auth.CodeParamTooLong, name)
	case len(slices.Compact(slices.Clone(codes))) != len(codes):
		f.Fail(auth.CodeParamDuplicate, name)
	case slices.ContainsFunc(codes, func(c string) bool { return len(c) != 2 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" }):
		f.Fail(auth.CodeParamInvalid, name)
	}
	return codes, f.Given(name)
}
