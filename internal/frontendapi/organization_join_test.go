package frontendapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func withDomains(o *apitest.Options) {
	o.Settings.Organizations.Domains = true
	o.Settings.Organizations.Enrollments = []auth.EnrollmentMode{auth.EnrollInvite, auth.EnrollSuggest}
}

func TestOrganizationInvitations(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	org := ada.founds(t, "Acme", "acme")
	one := "/v1/organizations/" + org
	a := ada.Form(t, "POST", one+"/invitations/bulk", "role", "org:member", "email_address", "bob@example.com",
		"email_address", "carl@example.com").OK(t)
	if a.Text("response", "1", "email_address") != "carl@example.com" || a.Get("response", "0", "url") != nil {
		t.Errorf("%s", a.Body)
	}
	android := ada.Send(t, apitest.Request{
		Method: "POST", Path: one + "/invitations/bulk", Body: "role=org:member&email_address=droid@example.com&notify=false",
		Header: http.Header{"X-Android-Sdk-Version": {"1.1.3"}},
	}).OK(t)
	if android.Text("0", "email_address") != "droid@example.com" {
		t.Errorf("to the Android SDK: %s", android.Body)
	}
	ada.Do(t, "POST", one+"/invitations/"+android.Text("0", "id")+"/revoke", "").OK(t)
	mails := s.Messages(t, "bob@example.com")
	if len(mails) != 1 || !strings.Contains(mails[0].Subject, "Acme") || !strings.Contains(mails[0].Body, "/v1/tickets/accept?ticket=") {
		t.Errorf("mail to the invited: %+v", mails)
	}
	ada.Form(t, "POST", one+"/invitations", "role", "org:member", "email_address", "quiet@example.com", "notify", "false").OK(t)
	if mails := s.Messages(t, "quiet@example.com"); len(mails) != 0 {
		t.Errorf("a mail although none was wanted: %+v", mails)
	}
	if got := ada.Do(t, "GET", one, "").OK(t).Get("response", "pending_invitations_count"); got != 3.0 {
		t.Errorf("%v open invitations", got)
	}
	carl := a.Text("response", "1", "id")
	for range 2 { // revoking again is a success
		ada.Do(t, "POST", one+"/invitations/"+carl+"/revoke", "").OK(t)
	}
	ada.Run(t, []apitest.Scenario{
		{Name: "open ones", Request: apitest.Request{Method: "GET", Path: one + "/invitations?status=pending&status=expired"}, Status: 200, Contains: []string{`"total_count":2`}, Lacks: []string{"carl@"}},
		{Name: "open ones, the old way", Request: apitest.Request{Method: "GET", Path: one + "/invitations/pending"}, Status: 200, Contains: []string{`"total_count":2`}},
		{Name: "revoked ones", Request: apitest.Request{Method: "GET", Path: one + "/invitations?status=revoked"}, Status: 200, Contains: []string{`"total_count":2`, "carl@"}},
	})

	bob := signedUp(t, s, "bob@example.com")
	mine := bob.Do(t, "GET", "/v1/me/organization_invitations?status=pending", "").OK(t)
	if mine.Text("response", "data", "0", "public_organization_data", "name") != "Acme" {
		t.Errorf("%s", mine.Body)
	}
	accept := "/v1/me/organization_invitations/" + mine.Text("response", "data", "0", "id") + "/accept"
	for range 2 { // accepting again is a success
		if got := bob.Do(t, "POST", accept, "").OK(t).Text("response", "status"); got != "accepted" {
			t.Errorf("accepted: %s", got)
		}
	}
	if got := ada.Do(t, "GET", one, "").OK(t); got.Get("response", "members_count") != 2.0 || got.Get("response", "pending_invitations_count") != 1.0 {
		t.Errorf("%s", got.Body)
	}
	s.Advance(auth.OrgInvitationLifetime)
	quiet := signedUp(t, s, "quiet@example.com")
	if a := quiet.Do(t, "GET", "/v1/me/organization_invitations?status=pending", "").OK(t); a.Get("response", "total_count") != 0.0 {
		t.Errorf("an invitation whose time is over is open: %s", a.Body)
	}
	ada = person{Caller: ada.Caller, email: ada.email, user: ada.user, session: ada.session}
	ada.Form(t, "POST", one+"/invitations", "role", "org:member", "email_address", "quiet@example.com").OK(t)
	if a := quiet.Do(t, "GET", "/v1/me/organization_invitations", "").OK(t); a.Get("response", "total_count") != 2.0 {
		t.Errorf("after the second invitation: %s", a.Body)
	}
}

// ticketOf is the ticket in the newest mail to an address.
func ticketOf(t *testing.T, s *apitest.Server, email string) string {
	t.Helper()
	for _, m := range s.Messages(t, email) {
		if _, rest, ok := strings.Cut(m.Body, "/v1/tickets/accept?ticket="); ok {
			ticket, err := url.QueryUnescape(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return ticket
		}
	}
	t.Fatalf("no link was sent to %s", email)
	return ""
}

func TestOrganizationTicketLink(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com")
	org := ada.founds(t, "Acme", "acme")
	ada.invites(t, org, "bob@example.com", "org:member")
	ada.invites(t, org, "new@example.com", "org:member")
	open := func(c *apitest.Caller, ticket string) *url.URL {
		a := c.Do(t, "GET", "/v1/tickets/accept?ticket="+url.QueryEscape(ticket), "")
		if a.Status != 303 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		u, err := url.Parse(a.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for email, want := range map[string]string{"bob@example.com": "sign_in", "new@example.com": "sign_up"} {
		ticket := ticketOf(t, s, email)
		u := open(s.Native(), ticket)
		if u.Query().Get("__clerk_status") != want || u.Query().Get("__clerk_ticket") != ticket || u.Host != "127.0.0.1:4343" {
			t.Errorf("%s is sent to %s", email, u)
		}
	}
	if u := open(bob.Caller, ticketOf(t, s, "bob@example.com")); u.Query().Get("__clerk_status") != "complete" || u.Query().Has("__clerk_ticket") {
		t.Errorf("who is signed in is sent to %s", u)
	}
	bob.acts(t, org).OK(t)
	for name, ticket := range map[string]string{"made up": "pst_x", "none": "", "used": ticketOf(t, s, "bob@example.com")} {
		if a := s.Native().Do(t, "GET", "/v1/tickets/accept?ticket="+ticket, ""); a.Status != 422 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

func TestOrganizationDomains(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDomains)
	ada, bob := signedUp(t, s, "ada@acme.test"), signedUp(t, s, "bob@acme.test")
	eve := signedUp(t, s, "eve@example.com")
	org, other := ada.founds(t, "Acme", "acme"), eve.founds(t, "Other", "other")
	one := "/v1/organizations/" + org
	d := ada.Form(t, "POST", one+"/domains", "name", "ACME.test.").OK(t)
	id := d.Text("response", "id")
	domain := one + "/domains/" + id
	post := func(path, body string) apitest.Request {
		return apitest.Request{Method: "POST", Path: path, Body: body}
	}
	ada.Run(t, []apitest.Scenario{
		{Name: "again", Request: post(one+"/domains", "name=acme.test"), Status: 422, Code: "form_identifier_exists"},
		{Name: "of everybody", Request: post(one+"/domains", "name=gmail.com"), Status: 422, Code: "organization_domain_common"},
		{Name: "none at all", Request: post(one+"/domains", "name=acme"), Status: 422, Code: "form_param_format_invalid"},
		{Name: "mode before the proof", Request: post(domain+"/update_enrollment_mode", "enrollment_mode=automatic_suggestion"), Status: 403, Code: "organization_domain_not_verified"},
		{Name: "an address elsewhere", Request: post(domain+"/prepare_affiliation_verification", "affiliation_email_address=ada@example.com"), Status: 422, Code: "organization_domain_mismatch"},
		{Name: "a code", Request: post(domain+"/prepare_affiliation_verification", "affiliation_email_address=post@acme.test"), Status: 200, Contains: []string{`"status":"unverified"`}},
		{Name: "a wrong code", Request: post(domain+"/attempt_affiliation_verification", "code=000000"), Status: 422, Code: "form_code_incorrect"},
		{Name: "bulk", Request: post(one+"/domains/bulk", "names=more.test&names=gmail.com"), Status: 200, Contains: []string{"more.test", `"code":"organization_domain_common"`}},
	})
	if a := eve.Do(t, "GET", "/v1/organizations/"+other+"/domains/"+id, ""); a.Status != 404 {
		t.Errorf("the domain of another organization: %d", a.Status)
	}
	a := ada.Form(t, "POST", domain+"/attempt_affiliation_verification", "code", s.Code(t, "post@acme.test")).OK(t)
	if a.Text("response", "verification", "status") != "verified" {
		t.Errorf("%s", a.Body)
	}
	if a := eve.Form(t, "POST", "/v1/organizations/"+other+"/domains", "name", "acme.test"); a.Status != 422 {
		t.Errorf("a domain that another organization has proven: %d %s", a.Status, a.Body)
	}

	ada.Form(t, "POST", domain+"/update_enrollment_mode", "enrollment_mode", "automatic_suggestion").OK(t)
	g := bob.Do(t, "GET", "/v1/me/organization_suggestions?status=pending&status=accepted", "").OK(t)
	if g.Text("response", "data", "0", "public_organization_data", "id") != org {
		t.Fatalf("%s", g.Body)
	}
	if a := eve.Do(t, "GET", "/v1/me/organization_suggestions", "").OK(t); a.Get("response", "total_count") != 0.0 {
		t.Errorf("a suggestion to somebody elsewhere: %s", a.Body)
	}
	suggestion := g.Text("response", "data", "0", "id")
	if a := eve.Do(t, "POST", "/v1/me/organization_suggestions/"+suggestion+"/accept", ""); a.Status != 404 {
		t.Errorf("somebody else's suggestion: %d", a.Status)
	}
	bob.Do(t, "POST", "/v1/me/organization_suggestions/"+suggestion+"/accept", "").OK(t)
	requests := ada.Do(t, "GET", one+"/membership_requests?status=pending", "").OK(t)
	if requests.Text("response", "data", "0", "public_user_data", "identifier") != "bob@acme.test" {
		t.Fatalf("%s", requests.Body)
	}
	request := requests.Text("response", "data", "0", "id")
	if a := eve.Do(t, "POST", "/v1/organizations/"+other+"/membership_requests/"+request+"/accept", ""); a.Status != 404 {
		t.Errorf("a request to another organization: %d", a.Status)
	}
	for range 2 {
		ada.Do(t, "POST", one+"/membership_requests/"+request+"/accept", "").OK(t)
	}
	bob.acts(t, org).OK(t)

	ada.Form(t, "POST", domain+"/update_enrollment_mode", "enrollment_mode", "automatic_invitation").OK(t)
	carl := signedUp(t, s, "carl@acme.test")
	i := carl.Do(t, "GET", "/v1/me/organization_invitations", "").OK(t)
	if i.Text("response", "data", "0", "role") != "org:member" {
		t.Fatalf("%s", i.Body)
	}
	carl.Do(t, "POST", "/v1/me/organization_invitations/"+i.Text("response", "data", "0", "id")+"/accept", "").OK(t)
	carl.acts(t, org).OK(t)
	if a := ada.Do(t, "GET", one+"/domains?verified=true&enrollment_mode=automatic_invitation", "").OK(t); a.Get("response", "total_count") != 1.0 {
		t.Errorf("%s", a.Body)
	}
	ada.Do(t, "DELETE", domain, "").OK(t)
	if a := ada.Do(t, "GET", domain, ""); a.Status != 404 {
		t.Errorf("a deleted domain: %d", a.Status)
	}
}

// TestForcedOrganization makes sessions choose an organization.
func TestForcedOrganization(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	if _, err := s.Live.Update(context.Background(), func(set *auth.Settings) error {
		set.Organizations.ForceSelection = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	c := s.Native()
	ada := person{Caller: c, email: "ada@example.com", session: c.SignUp(t, "ada@example.com")}
	client := ada.Do(t, "GET", "/v1/client", "").OK(t)
	at := []string{"response", "sessions", "0"}
	if client.Text(append(at, "status")...) != "pending" || client.Text(append(at, "tasks", "0", "key")...) != "choose-organization" {
		t.Errorf("%s", client.Body)
	}
	if got := ada.claims(t)["sts"]; got != "pending" {
		t.Errorf("sts %v", got)
	}
	org := ada.founds(t, "Acme", "acme")
	a := ada.acts(t, org).OK(t)
	if a.Text("response", "status") != "active" || a.Get("response", "tasks") != nil {
		t.Errorf("%s", a.Body)
	}
	if a := ada.acts(t, "").OK(t); a.Text("response", "last_active_organization_id") != org {
		t.Errorf("no organization, where one has to be chosen: %s", a.Body)
	}
	if got := ada.claims(t)["sts"]; got != "active" {
		t.Errorf("sts %v", got)
	}
	ada.Do(t, "DELETE", "/v1/organizations/"+org, "").OK(t)
	if got := ada.claims(t)["sts"]; got != "pending" {
		t.Errorf("sts %v after the organization is gone", got)
	}
}

// TestOrganizationRaces lets people do at once what only one of them may.
func TestOrganizationRaces(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Organizations.CreateLimit = 3 })
	ada, bob := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com")
	org := ada.founds(t, "Acme", "acme")
	bob.joins(t, org, ada, "org:admin")
	one := "/v1/organizations/" + org
	together := func(do ...func() *apitest.Answer) (won int) {
		var gate, done sync.WaitGroup
		var mu sync.Mutex
		gate.Add(1)
		for _, d := range do {
			done.Go(func() {
				gate.Wait()
				if d().Status == 200 {
					mu.Lock()
					won++
					mu.Unlock()
				}
			})
		}
		gate.Done()
		done.Wait()
		return won
	}
	won := together(
		func() *apitest.Answer { return ada.Do(t, "DELETE", one+"/memberships/"+bob.user, "") },
		func() *apitest.Answer { return bob.Do(t, "DELETE", one+"/memberships/"+ada.user, "") },
		func() *apitest.Answer { return ada.Do(t, "DELETE", "/v1/me/organization_memberships/"+org, "") },
		func() *apitest.Answer { return bob.Do(t, "DELETE", "/v1/me/organization_memberships/"+org, "") },
	)
	if left := s.BackEnd().Do(t, "GET", one+"/memberships?role=org:admin", "").OK(t).Get("total_count"); won != 1 || left != 1.0 {
		t.Errorf("%d of two administrators left, %v stay", won, left)
	}
	var creations []func() *apitest.Answer
	for range 8 {
		creations = append(creations, func() *apitest.Answer { return bob.Form(t, "POST", "/v1/organizations", "name", "One of many") })
	}
	if won := together(creations...); won != 3 {
		t.Errorf("%d organizations were created, 3 may be", won)
	}
	carl := signedUp(t, s, "carl@example.com")
	b := s.BackEnd()
	b.Do(t, "PATCH", "/v1/organizations/"+org, `{"max_allowed_memberships":2}`).OK(t)
	b.Do(t, "POST", one+"/invitations", `{"email_address":"carl@example.com","role":"org:member"}`).OK(t)
	dora := signedUp(t, s, "dora@example.com")
	invitation := carl.Do(t, "GET", "/v1/me/organization_invitations", "").OK(t).Text("response", "data", "0", "id")
	together(
		func() *apitest.Answer {
			return carl.Do(t, "POST", "/v1/me/organization_invitations/"+invitation+"/accept", "")
		},
		func() *apitest.Answer {
			return carl.Do(t, "POST", "/v1/me/organization_invitations/"+invitation+"/accept", "")
		},
		func() *apitest.Answer {
			return b.Do(t, "POST", one+"/memberships", `{"user_id":"`+dora.user+`","role":"org:member"}`)
		},
	)
	members := b.Do(t, "GET", one+"/memberships", "").OK(t).Get("total_count")
	if count := b.Do(t, "GET", one, "").OK(t).Get("members_count"); members != 2.0 || count != 2.0 {
		t.Errorf("%v members, counted %v, of at most 2", members, count)
	}
}

// pngOf is a picture of one colour.
func pngOf(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOrganizationLogo(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com")
	org := ada.founds(t, "Acme", "acme")
	bob.joins(t, org, ada, "org:member")
	put := func(file string) apitest.Request {
		return apitest.Request{Method: "PUT", Path: "/v1/organizations/" + org + "/logo", Body: file, ContentType: "application/octet-stream"}
	}
	first := ada.Send(t, put(pngOf(t))).OK(t)
	logo := first.Text("response", "image_url")
	if first.Get("response", "has_image") != true || !strings.Contains(logo, "/v1/images/img_") {
		t.Errorf("%s", first.Body)
	}
	second := ada.Send(t, put(pngOf(t))).OK(t).Text("response", "image_url")
	u, err := url.Parse(second)
	if err != nil || second == logo {
		t.Fatalf("%q after %q, %v", second, logo, err)
	}
	if a := bob.Send(t, put(pngOf(t))); a.Status != 403 {
		t.Errorf("a member: %d %s", a.Status, a.Body)
	}
	for name, file := range map[string]string{"a text": "hello", "a page": "<svg onload=alert(1)>"} {
		if a := ada.Send(t, put(file)); a.Status != 422 && a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	ada.Do(t, "DELETE", "/v1/organizations/"+org+"/logo", "").OK(t)
	if a := ada.Do(t, "GET", "/v1/organizations/"+org, "").OK(t); a.Get("response", "has_image") != false {
		t.Errorf("%s", a.Body)
	}
	if _, err := s.Store.Image(t.Context(), auth.ImageID(path.Base(u.Path))); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the deleted logo is still stored: %v", err)
	}
	b := s.BackEnd().Send(t, apitest.Request{Method: "PUT", Path: "/v1/organizations/" + org + "/logo", Body: pngOf(t), ContentType: "application/octet-stream"}).OK(t)
	if b.Get("has_image") != true {
		t.Errorf("%s", b.Body)
	}
	s.BackEnd().Do(t, "DELETE", "/v1/organizations/"+org+"/logo", "").OK(t)
}

// TestHandshakeSwitchesOrganization opens a page of an organization that is not
// the active one.
func TestHandshakeSwitchesOrganization(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := browserApp(s)
	a.signUp(t, "a@example.com")
	one := a.Form(t, "POST", "/v1/organizations", "name", "One", "slug", "one").OK(t).Text("response", "id")
	two := a.Form(t, "POST", "/v1/organizations", "name", "Two", "slug", "two").OK(t).Text("response", "id")
	foreign := signedUp(t, s, "b@example.com").founds(t, "Three", "three")
	const app = "http://localhost:3000/orgs"
	for _, step := range []struct{ asked, want string }{{one, one}, {"two", two}, {foreign, two}, {"", ""}} {
		c := claims(t, handshake(t, a, "redirect_url", app, "organization_id", step.asked)["__session"].Value)
		o, _ := c["o"].(map[string]any)
		if id, _ := o["id"].(string); id != step.want {
			t.Errorf("asked for %q, acts in %q", step.asked, id)
		}
	}
	a.refused(t, "GET", "/v1/client/handshake?"+form("redirect_url", "https://evil.example/", "organization_id", one).Encode(), nil, 422, "form_param_value_invalid")
	if got := a.Do(t, "GET", "/v1/client", "").OK(t).Get("response", "sessions", "0", "last_active_organization_id"); got != nil {
		t.Errorf("a refused handshake has switched to %v", got)
	}
}

// TestDomainOwnership proves domains by the DNS.
func TestOrganizationDomainOwnership(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDomains)
	ada, bob := signedUp(t, s, "ada@example.com"), signedUp(t, s, "bob@example.com")
	org, other := ada.founds(t, "Acme", "acme"), bob.founds(t, "Other", "other")
	one := "/v1/organizations/" + org
	id := ada.Form(t, "POST", one+"/domains", "name", "acme.test").OK(t).Text("response", "id")
	second := ada.Form(t, "POST", one+"/domains", "name", "second.test").OK(t).Text("response", "id")
	domain := one + "/domains/" + id
	if a := ada.Do(t, "POST", domain+"/attempt_ownership_verification", ""); a.Code() != "verification_missing" {
		t.Errorf("before it was begun: %d %s", a.Status, a.Body)
	}
	a := ada.Do(t, "POST", domain+"/prepare_ownership_verification", "").OK(t)
	proof := []string{"response", "ownership_verification"}
	name, value := a.Text(append(proof, "txt_record_name")...), a.Text(append(proof, "txt_record_value")...)
	if name != "_perennial.acme.test" || len(value) < 60 || a.Text(append(proof, "status")...) != "unverified" {
		t.Errorf("%s", a.Body)
	}
	for _, path := range []string{"/prepare_ownership_verification", "/attempt_ownership_verification"} {
		if a := bob.Do(t, "POST", "/v1/organizations/"+other+"/domains/"+id+path, ""); a.Status != 404 {
			t.Errorf("by another organization: %d", a.Status)
		}
	}
	for name, texts := range map[string][]string{"nothing": nil, "others": {"v=spf1 -all"}, "a part": {value[:40]}, "more": {value + "x"}} {
		s.TXT.Store("_perennial.acme.test", texts)
		if a := ada.Do(t, "POST", domain+"/attempt_ownership_verification", ""); a.Code() != "organization_domain_txt_record_not_found" {
			t.Errorf("%s in the DNS: %d %s", name, a.Status, a.Body)
		}
	}
	s.TXT.Store("_perennial.acme.test", []string{"v=spf1 -all", value})
	both := ada.Form(t, "POST", one+"/domains/attempt_ownership_verification/bulk", "organization_domain_ids", id, "organization_domain_ids", second).OK(t)
	if both.Text("response", "data", "0", "verification", "strategy") != "txt" || both.Text("response", "errors", "0", "code") != "verification_missing" {
		t.Errorf("%s", both.Body)
	}
	ada.Do(t, "POST", domain+"/attempt_ownership_verification", "").OK(t) // again is a success
	ada.Form(t, "POST", one+"/domains/prepare_ownership_verification/bulk", "organization_domain_ids", second).OK(t)
	s.Advance(auth.OwnershipLifetime)
	if a := ada.Do(t, "POST", one+"/domains/"+second+"/attempt_ownership_verification", ""); a.Code() != "verification_expired" {
		t.Errorf("a week later: %d %s", a.Status, a.Body)
	}
}

// TestOrganizationRaceOfMany lets many people accept their invitations at once: none
// is sent away because others were faster.
func TestOrganizationRaceOfMany(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedUp(t, s, "ada@example.com")
	org := ada.founds(t, "Acme", "acme")
	const people = 24
	var accepts []func() *apitest.Answer
	for n := range people {
		email := fmt.Sprintf("p%d@example.com", n)
		p := signedUp(t, s, email)
		path := "/v1/me/organization_invitations/" + ada.invites(t, org, email, "org:member") + "/accept"
		accepts = append(accepts, func() *apitest.Answer { return p.Do(t, "POST", path, "") })
	}
	var gate, done sync.WaitGroup
	gate.Add(1)
	for _, accept := range accepts {
		done.Go(func() {
			gate.Wait()
			if a := accept(); a.Status != 200 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	gate.Done()
	done.Wait()
	if got := ada.Do(t, "GET", "/v1/organizations/"+org, "").OK(t); got.Get("response", "members_count") != float64(people+1) || got.Get("response", "pending_invitations_count") != 0.0 {
		t.Errorf("%s", got.Body)
	}
}
