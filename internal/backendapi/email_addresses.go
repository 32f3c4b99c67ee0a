package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

func emailID(r *http.Request) (auth.EmailID, error) {
	return pathID[auth.EmailID](r, "email_address_id", "idn")
}

// email is the answer of every operation on one address.
func (a *API) email(e auth.EmailAddress, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toEmail(e), nil
}

func (a *API) createEmail(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	id := auth.UserID(f.Required("user_id"))
	in := user.NewEmail{Address: f.Required("email_address"), Verified: f.Bool("verified"), Primary: f.Bool("primary"), Tell: tellPrimary(f)}
	refuseUnsupported(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.email(a.Users.AddEmail(r.Context(), id, in))
}

func (a *API) getEmail(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := emailID(r)
	if err != nil {
		return nil, err
	}
	return a.email(a.Users.Email(r.Context(), id))
}

func (a *API) updateEmail(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := emailID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := user.EmailUpdate{Verified: f.OptionalBool("verified"), Primary: f.OptionalBool("primary"), Tell: tellPrimary(f)}
	refuseUnsupported(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.email(a.Users.UpdateEmail(r.Context(), id, in))
}

func (a *API) deleteEmail(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := emailID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Users.DeleteEmail(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("email_address", string(id)), nil
}

// replaceEmail leaves a user with one address.
func (a *API) replaceEmail(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := user.NewEmail{Address: f.Required("email_address"), Verified: vouchedFor(f), Tell: tellPrimary(f)}
	refuseUnsupported(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.email(a.Users.ReplaceEmails(r.Context(), id, in))
}
