package frontendapi_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// withMode lets nobody sign up but whom the mode allows.
func withMode(m auth.SignUpMode) func(*apitest.Options) {
	return func(o *apitest.Options) { o.Settings.SignUpMode = m }
}

// invitationTicket is the ticket in the link of an invitation.
func invitationTicket(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("ticket") == "" {
		t.Fatalf("link %q: %v", link, err)
	}
	return u.Query().Get("ticket")
}

func TestSignUpByInvitation(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withMode(auth.SignUpRestricted))
	a := nativeApp(s)
	a.refused(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com", "password", password), 403, "sign_up_mode_restricted")
	made := backend(t, s, "POST", "/v1/invitations",
		`{"email_address":"Ada@Example.com","public_metadata":{"plan":"gold"},"redirect_url":"https://app.example.com/join"}`)
	mail := s.Messages(t, "ada@example.com")
	if len(mail) != 1 || !strings.Contains(mail[0].Body, made.text("url")) {
		t.Errorf("the mail has no link: %+v", mail)
	}
	ticket := invitationTicket(t, made.text("url"))
	a.refused(t, "POST", "/v1/client/sign_ins", form("strategy", "ticket", "ticket", ticket), 422, "invitation_account_not_exists")
	created := a.must(t, "POST", "/v1/client/sign_ups", form("strategy", "ticket", "ticket", ticket, "password", password))
	signedIn(t, a, created)
	me := a.must(t, "GET", "/v1/me", nil)
	if me.text("response.public_metadata.plan") != "gold" || me.text("response.email_addresses.0.email_address") != "ada@example.com" ||
		me.text("response.email_addresses.0.verification.strategy") != "ticket" {
		t.Errorf("the user lacks what the invitation brings: %v", me)
	}
	other := nativeApp(s)
	other.refused(t, "POST", "/v1/client/sign_ups", form("strategy", "ticket", "ticket", ticket), 422, "sign_in_token_already_used_code")
	if list := backend(t, s, "GET", "/v1/invitations?status=accepted", ""); list.text("0.id") != made.text("id") {
		t.Errorf("not accepted: %v", list)
	}
}

func TestInvitationRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withMode(auth.SignUpRestricted))
	invite := func(body string) string {
		return invitationTicket(t, backend(t, s, "POST", "/v1/invitations", body).text("url"))
	}
	a := nativeApp(s)
	const path = "/v1/client/sign_ups"
	a.refused(t, "POST", path, form("ticket", "made up"), 422, "ticket_invalid_code")
	revoked := backend(t, s, "POST", "/v1/invitations", `{"email_address":"a@example.com"}`)
	backend(t, s, "POST", "/v1/invitations/"+revoked.text("id")+"/revoke", "")
	a.refused(t, "POST", path, form("ticket", invitationTicket(t, revoked.text("url"))), 422, "ticket_invalid_code")
	late := invite(`{"email_address":"b@example.com","expires_in_days":1}`)
	// Revoked between the first step and the last.
	open := backend(t, s, "POST", "/v1/invitations", `{"email_address":"c@example.com"}`)
	backend(t, s, "PATCH", "/v1/instance/settings", `{"password_required":true}`)
	begun := a.must(t, "POST", path, form("ticket", invitationTicket(t, open.text("url"))))
	if begun.text("response.status") != "missing_requirements" {
		t.Fatalf("begun: %v", begun)
	}
	backend(t, s, "POST", "/v1/invitations/"+open.text("id")+"/revoke", "")
	a.refused(t, "PATCH", path+"/"+begun.text("response.id"), form("password", password), 422, "ticket_invalid_code")
	// The ticket of one address does not prove another.
	swap := invite(`{"email_address":"d@example.com"}`)
	swapped := a.must(t, "POST", path, form("ticket", swap, "email_address", "victim@example.com", "password", password))
	if swapped.text("response.email_address") != "d@example.com" {
		t.Errorf("another address passes as proven: %v", swapped)
	}
	s.Advance(25 * time.Hour)
	a = nativeApp(s)
	a.refused(t, "POST", path, form("ticket", late), 422, "ticket_expired_code")
}

func TestInvitationsOfTheBackEnd(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	nativeApp(s).signUp(t, "taken@example.com")
	post := func(path, body string) apitest.Request {
		return apitest.Request{Method: "POST", Path: path, Body: body}
	}
	get := func(path string) apitest.Request { return apitest.Request{Method: "GET", Path: path} }
	s.BackEnd().Run(t, []apitest.Scenario{
		{Name: "create", Request: post("/v1/invitations", `{"email_address":"a@example.com","notify":false}`), Status: 200, Contains: []string{`"status":"pending"`}},
		{Name: "again", Request: post("/v1/invitations", `{"email_address":"A@example.com"}`), Status: 400, Code: "duplicate_invitation"},
		{Name: "again on purpose", Request: post("/v1/invitations", `{"email_address":"a@example.com","ignore_existing":true}`), Status: 200},
		{Name: "of a user", Request: post("/v1/invitations", `{"email_address":"taken@example.com"}`), Status: 422, Code: "form_identifier_exists"},
		{Name: "not an address", Request: post("/v1/invitations", `{"email_address":"a"}`), Status: 422, Code: "form_param_format_invalid"},
		{Name: "a script as link", Request: post("/v1/invitations", `{"email_address":"b@example.com","redirect_url":"javascript:alert(1)"}`),
			Status: 422, Code: "form_param_value_invalid", Param: "redirect_url"},
		{Name: "for ever", Request: post("/v1/invitations", `{"email_address":"b@example.com","expires_in_days":9999}`), Status: 422, Code: "form_param_value_invalid"},
		{Name: "bulk, one bad", Request: post("/v1/invitations/bulk", `[{"email_address":"x@example.com"},{"email_address":"taken@example.com"}]`),
			Status: 422, Code: "form_identifier_exists"},
		{Name: "bulk made none", Request: get("/v1/invitations?query=x@"), Status: 200, Lacks: []string{"x@example.com"}},
		{Name: "bulk", Request: post("/v1/invitations/bulk", `[{"email_address":"x@example.com"},{"email_address":"y@example.com"}]`), Status: 200,
			Contains: []string{"x@example.com", "y@example.com"}},
		{Name: "bulk twice the same", Request: post("/v1/invitations/bulk", `[{"email_address":"z@example.com"},{"email_address":"Z@example.com"}]`),
			Status: 422, Code: "form_param_duplicate"},
		{Name: "page", Request: get("/v1/invitations?paginated=true&limit=1&order_by=%2Bcreated_at"), Status: 200, Contains: []string{`"total_count":4`, `"data":[{`}},
		{Name: "an order without an index", Request: get("/v1/invitations?order_by=status"), Status: 422, Code: "form_param_value_invalid"},
		{Name: "revoke what is not there", Request: post("/v1/invitations/inv_x/revoke", ""), Status: 404, Code: "resource_not_found"},
	})
}

func TestAllowAndBlockLists(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPhones)
	nativeApp(s).signUp(t, "bad@evil.example.com")
	list := func(which, identifier string) answer {
		return backend(t, s, "POST", "/v1/"+which+"_identifiers", `{"identifier":"`+identifier+`"}`)
	}
	list("blocklist", "*@evil.example.com")
	list("blocklist", "+44*")
	friend := list("allowlist", "good@evil.example.com")
	a := nativeApp(s)
	const signUps, signIns = "/v1/client/sign_ups", "/v1/client/sign_ins"
	// The lists count for nothing until they are switched on.
	a.must(t, "POST", signUps, form("email_address", "x@evil.example.com"))
	backend(t, s, "PATCH", "/v1/instance/restrictions", `{"blocklist":true}`)
	refused := a.refused(t, "POST", signUps, form("email_address", "X@evil.example.com"), 403, "not_allowed_access")
	if refused.text("errors.0.meta.identifiers.0") != "x@evil.example.com" {
		t.Errorf("meta: %v", refused)
	}
	a.refused(t, "POST", signUps, form("phone_number", "+44 20 1234567"), 403, "not_allowed_access")
	a.must(t, "POST", signUps, form("email_address", "x@example.com", "phone_number", "+33 123456789"))
	a.refused(t, "POST", signIns, form("identifier", "bad@evil.example.com", "password", password), 403, "not_allowed_access")
	backend(t, s, "PATCH", "/v1/instance/restrictions", `{"allowlist_blocklist_disabled_on_sign_in":true}`)
	b := nativeApp(s)
	signedIn(t, b, b.must(t, "POST", signIns, form("identifier", "bad@evil.example.com", "password", password)))
	backend(t, s, "PATCH", "/v1/instance/restrictions", `{"allowlist":true,"block_email_subaddresses":true}`)
	a.refused(t, "POST", signUps, form("email_address", "y@example.com"), 403, "not_allowed_access")
	a.must(t, "POST", signUps, form("email_address", "good@evil.example.com"))
	a.must(t, "POST", signUps, form("email_address", "me+clerk_test@example.com")) // test identities always may
	backend(t, s, "DELETE", "/v1/allowlist_identifiers/"+friend.text("id"), "")
	a.refused(t, "POST", signUps, form("email_address", "good@evil.example.com"), 403, "not_allowed_access")
	back := s.BackEnd()
	back.Run(t, []apitest.Scenario{
		{Name: "twice", Request: apitest.Request{Method: "POST", Path: "/v1/blocklist_identifiers", Body: `{"identifier":"*@EVIL.example.com"}`},
			Status: 400, Code: "duplicate_record_for_list"},
		{Name: "nonsense", Request: apitest.Request{Method: "POST", Path: "/v1/blocklist_identifiers", Body: `{"identifier":"*"}`},
			Status: 422, Code: "form_param_format_invalid"},
		{Name: "the other list's", Request: apitest.Request{Method: "DELETE", Path: "/v1/blocklist_identifiers/" + friend.text("id")},
			Status: 404, Code: "resource_not_found"},
		{Name: "list", Request: apitest.Request{Method: "GET", Path: "/v1/blocklist_identifiers"}, Status: 200,
			Contains: []string{`"total_count":2`, `"+44*"`}},
		{Name: "empty list", Request: apitest.Request{Method: "GET", Path: "/v1/allowlist_identifiers"}, Status: 200, Contains: []string{`[]`}},
	})
}

func TestWaitlist(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withMode(auth.SignUpWaitlist))
	a := nativeApp(s)
	a.refused(t, "POST", "/v1/client/sign_ups", form("email_address", "a@example.com"), 403, "sign_up_restricted_waitlist")
	joined := a.must(t, "POST", "/v1/waitlist", form("email_address", "A@example.com"))
	again := nativeApp(s).must(t, "POST", "/v1/waitlist", form("email_address", "a@example.com"))
	if joined.text("id") == "" || joined.text("id") != again.text("id") {
		t.Errorf("joined %v, again %v", joined, again)
	}
	a.refused(t, "POST", "/v1/waitlist", form("email_address", "a"), 422, "form_param_format_invalid")
	entry := "/v1/waitlist_entries/" + joined.text("id")
	backend(t, s, "POST", entry+"/invite", "")
	mail := s.Messages(t, "a@example.com")
	if len(mail) != 1 {
		t.Fatalf("mails: %+v", mail)
	}
	link := mail[0].Body[strings.Index(mail[0].Body, "https://"):]
	ticket := invitationTicket(t, strings.Fields(link)[0])
	signedIn(t, a, a.must(t, "POST", "/v1/client/sign_ups", form("ticket", ticket)))
	if list := backend(t, s, "GET", "/v1/waitlist_entries?status=completed", ""); list.text("data.0.id") != joined.text("id") {
		t.Errorf("not completed: %v", list)
	}
	s.BackEnd().Run(t, []apitest.Scenario{
		{Name: "invite again", Request: apitest.Request{Method: "POST", Path: entry + "/invite"}, Status: 409, Code: "waitlist_entry_not_pending"},
		{Name: "add", Request: apitest.Request{Method: "POST", Path: "/v1/waitlist_entries", Body: `{"email_address":"b@example.com"}`}, Status: 200},
		{Name: "add several", Request: apitest.Request{Method: "POST", Path: "/v1/waitlist_entries/bulk",
			Body: `[{"email_address":"c@example.com"},{"email_address":"b@example.com"}]`}, Status: 200, Contains: []string{"c@example.com"}},
		{Name: "several twice the same", Request: apitest.Request{Method: "POST", Path: "/v1/waitlist_entries/bulk",
			Body: `[{"email_address":"c@example.com"},{"email_address":"C@example.com"}]`}, Status: 422, Code: "form_param_duplicate"},
		{Name: "nobody", Request: apitest.Request{Method: "DELETE", Path: "/v1/waitlist_entries/wle_x"}, Status: 404, Code: "resource_not_found"},
	})
	open := nativeApp(apitest.Start(t))
	open.refused(t, "POST", "/v1/waitlist", form("email_address", "a@example.com"), 403, "waitlist_not_enabled")
}

// TestTransferFromSignIn begins with a sign-in of somebody who has no account.
func TestTransferFromSignIn(t *testing.T) {
	t.Parallel()
	for name, protect := range map[string]bool{"open": false, "with enumeration protection": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EnumerationProtection = protect })
			a := nativeApp(s)
			a.refused(t, "POST", "/v1/client/sign_ups", form("transfer", "true"), 422, "form_param_value_invalid")
			begun := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "new@example.com", "sign_up_if_missing", "true"))
			step := "/v1/client/sign_ins/" + begun.text("response.id")
			a.must(t, "POST", step+"/prepare_first_factor", form("strategy", "email_code"))
			a.refused(t, "POST", step+"/attempt_first_factor", form("strategy", "email_code", "code", "000000"), 422, "form_code_incorrect")
			a.refused(t, "POST", "/v1/client/sign_ups", form("transfer", "true"), 422, "form_param_value_invalid")
			proven := a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "email_code", "code", s.Code(t, "new@example.com")))
			if proven.text("response.first_factor_verification.status") != "transferable" || proven.at("response.created_session_id") != nil {
				t.Fatalf("proven: %v", proven)
			}
			other := nativeApp(s) // what one client proved is nothing to another
			other.refused(t, "POST", "/v1/client/sign_ups", form("transfer", "true"), 422, "form_param_value_invalid")
			signedIn(t, a, a.must(t, "POST", "/v1/client/sign_ups", form("transfer", "true")))
			me := a.must(t, "GET", "/v1/me", nil)
			if me.text("response.email_addresses.0.email_address") != "new@example.com" {
				t.Errorf("created: %v", me)
			}
		})
	}
}
