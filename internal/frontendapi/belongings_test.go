package frontendapi_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// having is what options for a server say about its settings, for [startTrip].
func having(options ...func(*apitest.Options)) func(*auth.Settings) {
	return func(set *auth.Settings) {
		o := apitest.Options{Settings: *set}
		for _, option := range options {
			option(&o)
		}
		*set = o.Settings
	}
}

// things makes one of each that a person can have, and returns their ids by the
// names of the parameters.
func (p person) things(t *testing.T, x *trip) map[string]string {
	t.Helper()
	bob, cleo := signedUp(t, x.server, "bob@acme.test"), signedUp(t, x.server, "cleo@other.test")
	org := p.founds(t, "Acme", "acme")
	p.acts(t, org).OK(t)
	acme := p.provesDomain(t, x.server, org, "acme.test")
	cleo.provesDomain(t, x.server, cleo.founds(t, "Other", "other"), "example.com")
	bob.Do(t, "POST", "/v1/me/organization_suggestions/"+bob.suggestion(t)+"/accept", "").OK(t)
	phone := &app{Caller: p.Caller, s: x.server}
	web := browserApp(x.server)
	web.signIn(t, p.email)
	x.web.SignIn(t, p.email)
	return map[string]string{
		"organization_id":     org,
		"user_id":             p.user,
		"session_id":          p.session,
		"template":            "none", // of the instance, and nobody's
		"invitation_id":       p.invites(t, org, "new@example.com", "org:member"),
		"domain_id":           acme,
		"email_id":            p.Form(t, "POST", "/v1/me/email_addresses", "email_address", "second@example.com").OK(t).Text("response", "id"),
		"phone_id":            p.Form(t, "POST", "/v1/me/phone_numbers", "phone_number", "+15555550100").OK(t).Text("response", "id"),
		"passkey_id":          web.addPasskey(t, passkeyDevice()),
		"external_account_id": x.connect("ada").Text("response", "external_accounts", "0", "id"),
		"trusted_device_id":   phone.enroll(t, newDeviceKey(t)),
		"suggestion_id":       p.suggestion(t),
		"request_id":          p.Do(t, "GET", "/v1/organizations/"+org+"/membership_requests", "").OK(t).Text("response", "data", "0", "id"),
		"sign_in_id":          p.Form(t, "POST", "/v1/client/sign_ins", "identifier", bob.email).OK(t).Text("response", "id"),
		"sign_up_id":          p.Form(t, "POST", "/v1/client/sign_ups", "email_address", "third@example.com").OK(t).Text("response", "id"),
	}
}

// provesDomain makes an organization own a domain whose people are told of it.
func (p person) provesDomain(t *testing.T, s *apitest.Server, org, domain string) (id string) {
	t.Helper()
	domains := "/v1/organizations/" + org + "/domains"
	id = p.Form(t, "POST", domains, "name", domain).OK(t).Text("response", "id")
	p.Form(t, "POST", domains+"/"+id+"/prepare_affiliation_verification", "affiliation_email_address", "post@"+domain).OK(t)
	p.Form(t, "POST", domains+"/"+id+"/attempt_affiliation_verification", "code", s.Code(t, "post@"+domain)).OK(t)
	p.Form(t, "POST", domains+"/"+id+"/update_enrollment_mode", "enrollment_mode", "automatic_suggestion").OK(t)
	return id
}

// suggestion is the id of the first that a person has.
func (p person) suggestion(t *testing.T) string {
	t.Helper()
	return p.Do(t, "GET", "/v1/me/organization_suggestions", "").OK(t).Text("response", "data", "0", "id")
}
