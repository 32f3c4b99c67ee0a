package hosted_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// signedInAs is a browser in which somebody new is signed in.
func signedInAs(t *testing.T, s *apitest.Server, email string) *browser {
	t.Helper()
	s.Native().SignUp(t, email)
	s.Advance(time.Second) // mails are told apart by when they were written
	b := visit(t, s)
	b.signIn("/sign-in", email)
	return b
}

// founds creates an organization and returns the path of its page.
func (b *browser) founds(name string) string {
	b.t.Helper()
	b.post("/organization/create", "do", "create", "name", name)
	b.must(http.StatusSeeOther)
	path, said, _ := strings.Cut(b.last.Header.Get("Location"), "?")
	if said != "said=created" {
		b.t.Fatalf("sent to %s", b.last.Header.Get("Location"))
	}
	return path
}

// joins makes whoever is signed in in another browser a member.
func (b *browser) joins(path string, other *browser, address string) {
	b.t.Helper()
	b.post(path+"/invitations", "do", "invite", "email_address", address, "role", "org:member")
	b.sentTo(path + "/invitations?said=invited")
	other.get("/organization")
	other.post("/organization", "do", "accept", "invitation", other.first(`orginv_\w+`))
	other.sentTo("/organization?said=joined")
}

// first is the first text of the page that matches.
func (b *browser) first(pattern string) string {
	b.t.Helper()
	found := regexp.MustCompile(pattern).FindString(b.body)
	if found == "" {
		b.t.Fatalf("no %s in\n%s", pattern, b.body)
	}
	return found
}

// upload sends a form with a file.
func (b *browser) upload(target, field string, file []byte, pairs ...string) {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = form.WriteField(pairs[i], pairs[i+1])
	}
	part, err := form.CreateFormFile(field, "logo.png")
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = form.Close()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "https://"+b.server.Host+target, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range b.cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value}) //nolint:gosec // as a browser sends it
	}
	rec := httptest.NewRecorder()
	b.server.Handler.ServeHTTP(rec, r)
	b.last, b.body = rec.Result(), rec.Body.String()
}

func logo(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOrganizationCreate(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedInAs(t, s, "ada@example.com")
	ada.get("/organization")
	ada.must(200, "You belong to no organization yet.", "Create an organization", "In use")
	ada.get("/organization/create")
	ada.must(200, `name="name"`, `name="slug"`, `enctype="multipart/form-data"`)
	ada.post("/organization/create", "do", "create", "name", "", "slug", "acme")
	ada.must(422, "This must not be empty.", `aria-invalid="true"`, `value="acme"`)
	ada.upload("/organization/create", "logo", logo(t), "do", "create", "name", "Acme & Söhne", "slug", "acme")
	ada.must(303)
	path, said, _ := strings.Cut(ada.last.Header.Get("Location"), "?")
	if said != "said=created" {
		t.Fatalf("sent to %s", ada.last.Header.Get("Location"))
	}
	ada.get(path + "?said=created")
	ada.must(200, "Acme &amp; Söhne", "/v1/images/img_", "The organization is there, and in use.", "Admin")
	ada.get(ada.first(`/v1/images/img_\w+`))
	ada.must(200)
	if doc := ada.client(); !strings.Contains(doc, `"last_active_organization_id":"`+strings.TrimPrefix(path, "/organization/")) {
		t.Errorf("the session acts elsewhere: %s", doc)
	}
	ada.upload("/organization/create", "logo", []byte("no picture"), "do", "create", "name", "Other")
	if to := ada.last.Header.Get("Location"); !strings.HasSuffix(to, "?said=created_without_logo") {
		t.Errorf("sent to %q", to)
	}
	ada.post("/organization/create", "do", "create", "name", "Third", "slug", "acme")
	ada.must(422, "This is taken already.", `value="Third"`)
}

// TestOrganizationCreateTwice: a form that is sent twice makes one organization.
func TestOrganizationCreateTwice(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedInAs(t, s, "ada@example.com")
	var sent []string
	for range 2 {
		ada.get("/organization/create")
		began := strings.TrimPrefix(ada.first(`began" value="\d+`), `began" value="`)
		for range 2 {
			ada.post("/organization/create", "do", "create", "name", " Acme ", "began", began)
			ada.must(303)
			sent = append(sent, ada.last.Header.Get("Location"))
		}
		s.Advance(time.Second)
	}
	if sent[0] != sent[1] || sent[1] == sent[2] || sent[2] != sent[3] {
		t.Errorf("sent to %v", sent)
	}
}

// TestOrganizationCreateIsNotOffered: where people create none, no page says
// that they may.
func TestOrganizationCreateIsNotOffered(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Organizations.CreateLimit = 1 })
	ada := signedInAs(t, s, "ada@example.com")
	ada.founds("Acme")
	ada.get("/organization")
	ada.must(200, "Acme")
	ada.lacks("/organization/create")
	ada.post("/organization/create", "do", "create", "name", "Second")
	ada.must(422)
	off := apitest.Start(t, func(o *apitest.Options) { o.Settings.Organizations.Enabled = false })
	bob := signedInAs(t, off, "bob@example.com")
	bob.get("/organization")
	bob.must(422)
}

func TestOrganizationProfile(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob := signedInAs(t, s, "ada@example.com"), signedInAs(t, s, "bob@example.com")
	path := ada.founds("Acme")
	ada.get(path)
	ada.must(200, "You are the only one who can manage this organization.", "1 member")
	ada.lacks(`value="leave"`, "Use this organization")
	ada.post(path, "do", "update", "name", "Acme Two", "slug", "Not a slug")
	ada.must(422, "single hyphens only", `value="Acme Two"`, `value="Not a slug"`)
	ada.post(path, "do", "update", "name", "Acme Two", "slug", "acme-two")
	ada.sentTo(path + "?said=updated")
	ada.upload(path, "logo", []byte("no picture"), "do", "logo")
	ada.must(422, `id="logo-problem"`)
	ada.upload(path, "logo", logo(t), "do", "logo")
	ada.sentTo(path + "?said=logo_changed")
	ada.post(path, "do", "remove_logo")
	ada.sentTo(path + "?said=logo_removed")

	ada.joins(path, bob, "bob@example.com")
	bob.get(path)
	bob.must(200, "Acme Two", "2 members", "Member", "Use this organization")
	bob.lacks(`value="update"`, `value="delete"`, "/invitations", "/domains")
	for _, deed := range []string{"update", "remove_logo", "delete"} {
		bob.post(path, "do", deed, "name", "Bob's", "slug", "bobs", "confirm", "Acme Two")
		bob.must(422, "Your role does not allow that.")
	}
	bob.post(path, "do", "activate")
	bob.sentTo(path + "?said=switched")
	bob.post(path, "do", "leave")
	bob.sentTo("/organization?said=left")
	bob.post(path, "do", "leave") // sent twice
	bob.sentTo("/organization?said=gone")

	ada.post(path, "do", "leave")
	ada.must(422, "Somebody has to be able to manage this organization.")
	ada.post(path, "do", "delete", "confirm", "acme two")
	ada.must(422, "This is not the name of the organization.")
	ada.post(path, "do", "delete", "confirm", "Acme Two")
	ada.sentTo("/organization?said=deleted")
	ada.get("/organization?said=deleted")
	ada.must(200, "The organization is deleted.", "You belong to no organization yet.")
	ada.get(path)
	ada.sentTo("/organization?said=gone")
}

func TestOrganizationSwitch(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada := signedInAs(t, s, "ada@example.com")
	first, second := ada.founds("First"), ada.founds("Second")
	ada.get("/organization")
	ada.must(200, `href="`+first+`"`, `href="`+second+`"`, "Use First")
	ada.lacks("Use Second")
	ada.post("/organization", "do", "activate", "organization", strings.TrimPrefix(first, "/organization/"))
	ada.sentTo("/organization?said=switched")
	ada.get("/organization")
	ada.must(200, "Use Second")
	ada.lacks("Use First")
	ada.post("/organization", "do", "activate", "organization", "")
	ada.sentTo("/organization?said=personal")
	ada.post("/organization?redirect_url=%2Fuser", "do", "activate", "organization", strings.TrimPrefix(second, "/organization/"))
	ada.sentTo("/user")
	ada.post("/organization", "do", "activate", "organization", "org_0000000000000000000000000000")
	if ada.last.StatusCode != 422 {
		t.Errorf("an organization that there is not: %d", ada.last.StatusCode)
	}
}

func TestOrganizationMembers(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob, eve := signedInAs(t, s, "ada@example.com"), signedInAs(t, s, "bob@example.com"), signedInAs(t, s, "eve@example.com")
	path := ada.founds("Acme")
	members := path + "/members"
	ada.joins(path, bob, "bob@example.com")
	ada.joins(path, eve, "eve@example.com")
	ada.get(members)
	ada.must(200, "ada@example.com", "bob@example.com", "eve@example.com", "Remove bob@example.com", "Change role of bob@example.com", "You")
	ada.lacks("Remove ada@example.com", "Change role of ada@example.com")
	ada.get(members + "?search=bob")
	ada.must(200, "bob@example.com")
	ada.lacks("eve@example.com")
	user := ada.first(`user_\w+`)
	ada.get(members + "?search=%F0%9F%A6%84")
	ada.must(200, "No member was found for “🦄”.")

	bob.get(members)
	bob.must(200, "eve@example.com")
	bob.lacks("Remove", "Change role")
	bob.post(members, "do", "remove", "user", user)
	bob.sentTo(members + "?said=member_removed") // anybody may leave
	ada.joins(path, bob, "bob@example.com")

	eve.post(members, "do", "remove", "user", user)
	eve.must(422, "Your role does not allow that.")
	eve.post(members, "do", "change_role", "user", user, "role", "org:admin")
	eve.must(422, "Your role does not allow that.")
	ada.post(members, "do", "change_role", "user", user, "role", "org:admin")
	ada.sentTo(members + "?said=role_changed")
	bob.get(members)
	bob.must(200, "Change role of ada@example.com", "Change role of bob@example.com")
	bob.post(members, "do", "change_role", "user", user, "role", "org:nonsense")
	bob.must(422)
	ada.post(members, "do", "remove", "user", user)
	ada.sentTo(members + "?said=member_removed")
	ada.post(members, "do", "remove", "user", user)
	ada.must(422, "This is no longer there.")
	bob.get(members)
	bob.sentTo("/organization?said=gone")
}

func TestOrganizationInvitations(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Organizations.MaxMemberships = 4 })
	ada := signedInAs(t, s, "ada@example.com")
	path := ada.founds("Acme")
	here := path + "/invitations"
	ada.get(here)
	ada.must(200, "There are no open invitations.", `<option value="org:member" selected>Member</option>`)
	ada.post(here, "do", "invite", "email_address", "bob@example.com, nobody", "role", "org:member")
	ada.must(422, "Not an email address: nobody. Nobody was invited.", "bob@example.com, nobody</textarea>")
	ada.post(here, "do", "invite", "email_address", strings.Repeat("a@example.com ", 11), "role", "org:member")
	ada.must(422, "too many addresses at once")
	ada.post(here, "do", "invite", "email_address", " \n", "role", "org:member")
	ada.must(422, "This must not be empty.")
	ada.post(here, "do", "invite", "email_address", "bob@example.com;carl@example.com\r\ndora@example.com", "role", "org:admin")
	ada.sentTo(here + "?said=invited")
	ada.get(here + "?said=invited")
	ada.must(200, "The invitations are on their way.", "dora@example.com", "There is no room for more members at present.")
	ada.lacks("<textarea")
	if mails := s.Messages(t, "bob@example.com"); len(mails) != 1 {
		t.Errorf("%d mails to the invited", len(mails))
	}
	_, open, _ := strings.Cut(ada.first(`(?s)carl@example\.com.*?orginv_\w+`), `name="invitation" value="`)
	for range 2 { // doing it again changes nothing
		ada.post(here, "do", "revoke", "invitation", open)
		ada.sentTo(here + "?said=revoked")
	}
	ada.post(here, "do", "invite", "email_address", "bob@example.com dora@example.com", "role", "org:member")
	ada.must(422, "no room for that many members")
	ada.post(here, "do", "revoke", "invitation", ada.first(`orginv_\w+`))
	ada.get(here)
	left := "bob@example.com"
	if strings.Contains(ada.body, "dora@example.com") {
		left = "dora@example.com"
	}
	ada.post(here, "do", "invite", "email_address", "ada@example.com "+left, "role", "org:member")
	ada.must(422, "Already a member: ada@example.com. Nobody was invited.")
	ada.post(here, "do", "invite", "email_address", "fred@example.com "+left, "role", "org:member")
	ada.must(422, "Invited already: "+left+". Nobody was invited.")
	ada.post(here, "do", "invite", "email_address", "bob@example.com", "role", "org:member")
	bob := signedInAs(t, s, "bob@example.com")
	bob.get("/organization")
	bob.must(200, "Invitations for you", "Join Acme")
	mine := bob.first(`orginv_\w+`)
	ada.post(here, "do", "revoke", "invitation", mine)
	bob.post("/organization", "do", "accept", "invitation", mine)
	bob.must(422, "This invitation is not open any more.")
}

func withOrganizationDomains(o *apitest.Options) {
	o.Settings.Organizations.Domains = true
	o.Settings.Organizations.Enrollments = []auth.EnrollmentMode{auth.EnrollSuggest}
}

func TestOrganizationDomains(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withOrganizationDomains)
	ada, bob := signedInAs(t, s, "ada@acme.test"), signedInAs(t, s, "bob@acme.test")
	path := ada.founds("Acme")
	domains := path + "/domains"
	ada.get(domains)
	ada.must(200, "There are no domains yet.")
	ada.post(domains, "do", "add", "domain", "not a domain")
	ada.must(422, "This is no domain.", `value="not a domain"`)
	ada.post(domains, "do", "add", "domain", "gmail.com")
	ada.must(422, "Anybody can have an address in this domain")
	ada.post(domains, "do", "add", "domain", "acme.test")
	ada.must(303)
	one, _, _ := strings.Cut(ada.last.Header.Get("Location"), "?")
	ada.get(one)
	ada.must(200, "acme.test", "Not proven yet", `name="mailbox"`)
	ada.lacks(`name="code"`, `name="enrollment_mode"`)
	ada.post(one, "do", "mode", "enrollment_mode", "automatic_suggestion")
	ada.must(422)
	ada.post(one, "do", "send", "mailbox", "a b")
	ada.must(422, "This is no address.")
	ada.post(one, "do", "send", "mailbox", "office")
	ada.sentTo(one + "?said=code_sent")
	ada.get(one + "?said=code_sent")
	ada.must(200, "office@acme.test", `autocomplete="one-time-code"`, `name="mailbox" value="office"`, `data-resend="30"`)
	s.Advance(10 * time.Second)
	ada.post(one, "do", "send", "mailbox", "office")
	ada.must(429, "Try again in")
	ada.post(one, "do", "send", "mailbox", "elsewhere")
	ada.sentTo(one + "?said=code_sent")
	ada.post(one, "do", "send", "mailbox", "office")
	ada.sentTo(one + "?said=code_sent")
	ada.post(one, "do", "prove", "code", "000000")
	ada.must(422, `id="code-problem"`)
	code := s.Code(t, "office@acme.test")
	ada.post(one, "do", "prove", "code", code[:3]+" "+code[3:])
	ada.sentTo(one + "?said=domain_verified")
	ada.post(one, "do", "prove", "code", code) // sent twice
	ada.sentTo(one + "?said=domain_verified")
	ada.get(one)
	ada.must(200, "Proven", `aria-current="true"`, `value="automatic_suggestion"`)
	ada.lacks(`value="automatic_invitation"`)
	ada.post(one, "do", "mode", "enrollment_mode", "automatic_suggestion")
	ada.sentTo(one + "?said=domain_changed")

	bob.get("/organization")
	bob.must(200, "Ask to join Acme")
	bob.post("/organization", "do", "ask", "suggestion", bob.first(`orgsug_\w+`))
	bob.sentTo("/organization?said=asked")
	bob.get("/organization")
	bob.must(200, "Asked")
	ada.get(path + "/requests")
	ada.must(200, "bob@acme.test", "Accept bob@acme.test")
	request := ada.first(`orgsug_\w+`)
	ada.post(path+"/requests", "do", "accept", "request", request)
	ada.sentTo(path + "/requests?said=request_accepted")
	ada.post(path+"/requests", "do", "reject", "request", request)
	ada.must(422, "This request is answered already.")
	for _, page := range []string{"/domains", "/requests", "/invitations", strings.TrimPrefix(one, path)} {
		bob.get(path + page)
		bob.must(422)
		bob.lacks("acme.test")
	}

	ada.post(one, "do", "remove")
	ada.sentTo(domains + "?said=domain_removed")
	ada.post(one, "do", "remove") // sent twice
	ada.sentTo(domains + "?said=domain_removed")
}

// TestOrganizationDomainByRecord: a record of the DNS proves a domain, too.
func TestOrganizationDomainByRecord(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withOrganizationDomains)
	ada := signedInAs(t, s, "ada@acme.test")
	domains := ada.founds("Acme") + "/domains"
	ada.post(domains, "do", "add", "domain", "acme.test")
	one, _, _ := strings.Cut(ada.last.Header.Get("Location"), "?")
	ada.post(one, "do", "record")
	ada.sentTo(one + "?said=record_made")
	ada.get(one)
	ada.must(200, "_perennial.acme.test")
	value := ada.first(`perennial-domain-verification=\w+`)
	ada.post(one, "do", "check")
	ada.must(422, "The record is not there yet.")
	s.TXT.Store("_perennial.acme.test", []string{value})
	ada.post(one, "do", "check")
	ada.sentTo(one + "?said=domain_verified")
}

// TestOrganizationStrangers: who is nobody signs in first, who is no member
// learns nothing, and no other site acts for anybody.
func TestOrganizationStrangers(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withOrganizationDomains)
	ada, eve := signedInAs(t, s, "ada@example.com"), signedInAs(t, s, "eve@example.com")
	path := ada.founds("Secret name")
	ada.post(path+"/invitations", "do", "invite", "email_address", "bob@example.com", "role", "org:member")
	ada.get(path + "/invitations")
	invitation := ada.first(`orginv_\w+`)
	nobody := visit(t, s)
	for _, page := range []string{"", "/members", "/invitations", "/requests", "/domains", "/domains/orgdmn_0000000000000000000000000000"} {
		nobody.get(path + page)
		nobody.must(303)
		if to := nobody.last.Header.Get("Location"); !strings.HasPrefix(to, "/sign-in?redirect_url=%2Forganization%2Forg_") {
			t.Errorf("%s: nobody is sent to %s", page, to)
		}
		for _, deed := range []string{"", "remove", "delete", "revoke", "invite"} {
			if deed == "" {
				eve.get(path + page)
			} else {
				eve.post(path+page, "do", deed, "invitation", invitation, "confirm", "Secret name")
			}
			eve.sentTo("/organization?said=gone")
		}
	}
	eve.get("/organization/org_tampered%00")
	if eve.last.StatusCode != 303 && eve.last.StatusCode != 404 {
		t.Errorf("a tampered name: %d", eve.last.StatusCode)
	}
	eve.post("/organization", "do", "accept", "invitation", invitation)
	eve.must(422, "This is no longer there.")
	eve.lacks("Secret name")
	eve.get("/organization?said=%3Cscript%3E")
	eve.must(200)
	eve.lacks("<script>", `class="notice"`)
	for _, page := range []string{"/organization", path} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.Host+page, strings.NewReader("do=delete&confirm=Secret+name"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://evil.test")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		for _, cookie := range ada.cookies {
			r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value}) //nolint:gosec // as a browser sends it
		}
		rec := httptest.NewRecorder()
		s.Handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusForbidden {
			t.Errorf("a form of another site: %d", rec.Code)
		}
	}
	ada.get(path)
	ada.must(200, "Secret name")
}

// TestOrganizationLanguages: every page in every language, with names in every
// script.
func TestOrganizationLanguages(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withOrganizationDomains)
	ada := signedInAs(t, s, "ada@acme.test")
	path := ada.founds("شركة 🦄 " + strings.Repeat("ö", 200))
	ada.post(path+"/invitations", "do", "invite", "email_address", "bob@example.com", "role", "org:member")
	ada.post(path+"/domains", "do", "add", "domain", "acme.test")
	one, _, _ := strings.Cut(ada.last.Header.Get("Location"), "?")
	raw := regexp.MustCompile(`>\s*organization\.[a-z_.]+`)
	for _, language := range []string{"en", "de", "fr", "es", "ja", "ar"} {
		ada.cookies["__perennial_lang"] = &http.Cookie{Name: "__perennial_lang", Value: language} //nolint:gosec // as a browser sends it
		for _, page := range []string{"/organization", "/organization/create", path, path + "/members", path + "/invitations", path + "/requests", path + "/domains", one} {
			ada.get(page)
			ada.must(200, `lang="`+language+`"`, "<h1", `class="wide"`)
			if found := raw.FindString(ada.body); found != "" {
				t.Errorf("%s in %s says %s", page, language, found)
			}
		}
	}
}
