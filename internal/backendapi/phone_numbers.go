package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

func (a *API) phoneRoutes() map[string]handler {
	return map[string]handler{
		"POST /v1/phone_numbers":                     a.createPhone,
		"GET /v1/phone_numbers/{phone_number_id}":    a.getPhone,
		"PATCH /v1/phone_numbers/{phone_number_id}":  a.updatePhone,
		"DELETE /v1/phone_numbers/{phone_number_id}": a.deletePhone,
		"PUT /v1/users/{user_id}/phone_number":       a.replacePhone,
	}
}

func phoneID(r *http.Request) (auth.PhoneID, error) {
	return pathID[auth.PhoneID](r, "phone_number_id", "idn")
}

// phone is the answer of every operation on one number.
func (a *API) phone(p auth.PhoneNumber, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toPhone(p), nil
}

func (a *API) createPhone(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	id := auth.UserID(f.Required("user_id"))
	in := user.NewPhone{
		Number: f.Required("phone_number"), Verified: f.Bool("verified"), Primary: f.Bool("primary"),
		SecondFactor: f.Bool("reserved_for_second_factor"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.phone(a.Users.AddPhone(r.Context(), id, in))
}

func (a *API) getPhone(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := phoneID(r)
	if err != nil {
		return nil, err
	}
	return a.phone(a.Users.Phone(r.Context(), id))
}

func (a *API) updatePhone(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := phoneID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := user.PhoneChange{
		Verified: f.OptionalBool("verified"), Primary: f.OptionalBool("primary"),
		SecondFactor: f.OptionalBool("reserved_for_second_factor"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.phone(a.Users.UpdatePhone(r.Context(), id, in))
}

func (a *API) deletePhone(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := phoneID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Users.DeletePhone(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("phone_number", string(id)), nil
}

// replacePhone leaves a user with one number.
func (a *API) replacePhone(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	number, verified := f.Required("phone_number"), vouchedFor(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.phone(a.Users.ReplacePhones(r.Context(), id, number, verified))
}

// vouchedFor says whether the one identification that replaces the others is
// to count as proven, as it does when nothing is said.
func vouchedFor(f *respond.Form) bool {
	switch f.String("identification_status") {
	case "", "verified":
		return true
	case "unverified":
	case "reserved":
		f.Fail(auth.CodeNotImplemented, "identification_status")
	default:
		f.Fail(auth.CodeParamInvalid, "identification_status")
	}
	return false
}
