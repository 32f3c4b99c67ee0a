package frontendapi_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// TestOrganizationSignInTicket signs in with the ticket of an invitation: who
// holds it reads the invited address.
func TestOrganizationSignInTicket(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	signedUp(t, s, "bob@example.com")
	org := ada.founds(t, "Acme", "acme")
	ada.invites(t, org, "bob@example.com", "org:member")
	ticket := ticketOf(t, s, "bob@example.com")

	device := s.Native()
	a := device.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", ticket).OK(t)
	if a.Text("response", "status") != "complete" {
		t.Fatalf("%s", a.Body)
	}
	session := []string{"client", "sessions", "0"}
	if a.Text(append(session, "last_active_organization_id")...) != org ||
		a.Text(append(session, "user", "organization_memberships", "0", "role")...) != "org:member" {
		t.Errorf("the client does not show the membership: %s", a.Body)
	}
	o, _ := claims(t, a.Text(append(session, "last_active_token", "jwt")...))["o"].(map[string]any)
	if o["id"] != org {
		t.Errorf("the first token is about %v", o)
	}
	if a := s.Native().Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", ticket); a.Status != 422 || a.Code() != "sign_in_token_already_used_code" {
		t.Errorf("a used ticket: %d %s", a.Status, a.Body)
	}
	if got := ada.Do(t, "GET", "/v1/organizations/"+org, "").OK(t).Get("response", "members_count"); got != 2.0 {
		t.Errorf("%v members", got)
	}
}

// TestOrganizationSignUpTicket signs up with the ticket of an invitation, also
// where nobody else can sign up.
func TestOrganizationSignUpTicket(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	org := ada.founds(t, "Acme", "acme")
	ada.invites(t, org, "new@example.com", "org:admin")
	ticket := ticketOf(t, s, "new@example.com")
	device := s.Native()
	if a := device.Form(t, "POST", "/v1/client/sign_ins", "strategy", "ticket", "ticket", ticket); a.Code() != "invitation_account_not_exists" {
		t.Errorf("signing in without an account: %d %s", a.Status, a.Body)
	}
	a := device.Form(t, "POST", "/v1/client/sign_ups", "strategy", "ticket", "ticket", ticket, "password", apitest.Password).OK(t)
	if a.Text("response", "status") != "complete" {
		t.Fatalf("%s", a.Body)
	}
	user := []string{"client", "sessions", "0", "user"}
	if a.Text(append(user, "email_addresses", "0", "email_address")...) != "new@example.com" ||
		a.Text(append(user, "email_addresses", "0", "verification", "status")...) != "verified" {
		t.Errorf("the account is not that of the invited: %s", a.Body)
	}
	if a.Text(append(user, "organization_memberships", "0", "role")...) != "org:admin" {
		t.Errorf("the client does not show the membership: %s", a.Body)
	}
	if a := s.Native().Form(t, "POST", "/v1/client/sign_ups", "strategy", "ticket", "ticket", ticket, "password", apitest.Password); a.Status != 422 {
		t.Errorf("a used ticket: %d %s", a.Status, a.Body)
	}

	ada.invites(t, org, "late@example.com", "org:member")
	late := ticketOf(t, s, "late@example.com")
	page := ada.Do(t, "GET", "/v1/organizations/"+org+"/invitations?status=pending", "").OK(t)
	ada.Do(t, "POST", "/v1/organizations/"+org+"/invitations/"+page.Text("response", "data", "0", "id")+"/revoke", "").OK(t)
	if a := s.Native().Form(t, "POST", "/v1/client/sign_ups", "strategy", "ticket", "ticket", late, "password", apitest.Password); a.Code() != "ticket_invalid_code" {
		t.Errorf("a revoked invitation: %d %s", a.Status, a.Body)
	}
}
