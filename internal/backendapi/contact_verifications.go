package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

func (a *API) contactVerificationRoutes() map[string]handler {
	return map[string]handler{
		"POST /v1/email_addresses/{email_address_id}/prepare_verification": a.prepareEmail,
		"POST /v1/email_addresses/{email_address_id}/attempt_verification": a.attemptEmail,
		"POST /v1/phone_numbers/{phone_number_id}/prepare_verification":    a.preparePhone,
		"POST /v1/phone_numbers/{phone_number_id}/attempt_verification":    a.attemptPhone,
	}
}

type contactVerificationJSON struct {
	ID string `json:"id"`
	verificationJSON
	Channel *string `json:"channel"` // of a code to a number
}

// contactVerification is the answer of every operation on one proof.
func (a *API) contactVerification(v auth.ContactVerification, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return contactVerificationJSON{string(v.ID), *toVerification(v.Proof, a.Now()), respond.OrNull(v.Proof.Channel)}, nil
}

func (a *API) prepareEmail(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := emailID(r)
	if err != nil {
		return nil, err
	}
	return a.contactVerification(a.Users.PrepareEmail(r.Context(), id))
}

func (a *API) preparePhone(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := phoneID(r)
	if err != nil {
		return nil, err
	}
	return a.contactVerification(a.Users.PreparePhone(r.Context(), id))
}

func (a *API) attemptEmail(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := emailID(r)
	if err != nil {
		return nil, err
	}
	which, code, err := submittedCode(w, r)
	if err != nil {
		return nil, err
	}
	return a.contactVerification(a.Users.AttemptEmail(r.Context(), id, which, code))
}

func (a *API) attemptPhone(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := phoneID(r)
	if err != nil {
		return nil, err
	}
	which, code, err := submittedCode(w, r)
	if err != nil {
		return nil, err
	}
	return a.contactVerification(a.Users.AttemptPhone(r.Context(), id, which, code))
}

// submittedCode reads a code and which proof it is for.
func submittedCode(w http.ResponseWriter, r *http.Request) (auth.ContactVerificationID, string, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return "", "", err
	}
	which, code := f.Required("verification_id"), f.Required("code")
	if err := f.Err(); err != nil {
		return "", "", err
	}
	if !auth.ValidID("ver", which) {
		return "", "", auth.RefuseParam(auth.CodeResourceNotFound, "verification_id")
	}
	return auth.ContactVerificationID(which), code, nil
}
