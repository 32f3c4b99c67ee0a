package frontendapi_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func TestOwnEmailAddresses(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app := s.Native()
	app.SignUp(t, "ada@example.com")
	const path = "/v1/me/email_addresses/"
	added := app.Form(t, "POST", path, "email_address", "Second@Example.com").OK(t)
	id := added.Text("response", "id")
	if added.Text("response", "email_address") != "second@example.com" || added.Get("response", "verification") != nil {
		t.Errorf("got %s", added.Body)
	}
	app.Form(t, "PATCH", "/v1/me", "primary_email_address_id", id).Is(t, 404, "resource_not_found") // not proven yet
	app.Form(t, "POST", path+id+"/attempt_verification", "code", "123456").Is(t, 422, "verification_missing")
	app.Form(t, "POST", path+id+"/prepare_verification", "strategy", "email_link").Is(t, 422, "strategy_not_supported")
	prepared := app.Form(t, "POST", path+id+"/prepare_verification", "strategy", "email_code").OK(t)
	if prepared.Text("response", "verification", "status") != "unverified" {
		t.Errorf("got %s", prepared.Body)
	}
	code := s.Code(t, "second@example.com")
	if strings.Contains(string(prepared.Body), code) {
		t.Error("the answer shows the code")
	}
	app.Form(t, "POST", path+id+"/prepare_verification", "strategy", "email_code").OK(t) // a double tap
	if n := len(s.Messages(t, "second@example.com")); n != 1 {
		t.Errorf("%d mails for a double tap", n)
	}
	app.Form(t, "POST", path+id+"/attempt_verification", "code", wrong(code)).Is(t, 422, "form_code_incorrect")
	for range 2 { // the second is a retry of a lost answer
		done := app.Form(t, "POST", path+id+"/attempt_verification", "code", code).OK(t)
		if done.Text("response", "verification", "status") != "verified" {
			t.Errorf("got %s", done.Body)
		}
	}
	app.Form(t, "POST", path+id+"/prepare_verification", "strategy", "email_code").Is(t, 422, "verification_already_verified")
	me := app.Form(t, "PATCH", "/v1/me", "primary_email_address_id", id).OK(t)
	if me.Text("response", "primary_email_address_id") != id {
		t.Errorf("got %s", me.Body)
	}
	other := s.Native()
	other.SignIn(t, "second@example.com")
	app.Do(t, "DELETE", path+id, "").OK(t)
	if got := app.Do(t, "GET", "/v1/me", "").Text("response", "primary_email_address_id"); got == id || got == "" {
		t.Errorf("primary is %q", got)
	}
	app.Do(t, "GET", path+id, "").Is(t, 404, "resource_not_found")
	last := app.Do(t, "GET", "/v1/me", "").Text("response", "primary_email_address_id")
	app.Do(t, "DELETE", path+last, "").Is(t, 409, "last_identification_deletion_failed")
	s.Native().Form(t, "POST", path, "email_address", "x@example.com").Is(t, 401, "authentication_invalid")
}

// wrong is another code of the same form.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// An address belongs to whoever proves it first, and to nobody else's account.
func TestForeignEmailAddresses(t *testing.T) {
	t.Parallel()
	for _, protect := range []bool{false, true} {
		s := apitest.Start(t, func(o *apitest.Options) { o.Settings.EnumerationProtection = protect })
		owner, thief := s.Native(), s.Native()
		owner.SignUp(t, "ada@example.com")
		thief.SignUp(t, "eve@example.com")
		const path = "/v1/me/email_addresses/"
		own := owner.Do(t, "GET", "/v1/me", "").Text("response", "primary_email_address_id")
		thief.Do(t, "GET", path+own, "").Is(t, 404, "resource_not_found")
		thief.Do(t, "DELETE", path+own, "").Is(t, 404, "resource_not_found")
		thief.Form(t, "POST", path+own+"/attempt_verification", "code", "123456").Is(t, 404, "resource_not_found")
		claim := thief.Form(t, "POST", path, "email_address", "ada@example.com")
		if !protect {
			claim.Is(t, 422, "form_identifier_exists")
			continue
		}
		// Protected: it looks like any address, warns the owner, and no code fits.
		id := claim.OK(t).Text("response", "id")
		before := len(s.Messages(t, "ada@example.com"))
		s.Advance(time.Minute)
		thief.Form(t, "POST", path+id+"/prepare_verification", "strategy", "email_code").OK(t)
		if all := s.Messages(t, "ada@example.com"); len(all) != before+1 || all[0].Code != "" {
			t.Errorf("the owner got %+v", all[0])
		}
		thief.Form(t, "POST", path+id+"/attempt_verification", "code", s.Code(t, "ada@example.com")).Is(t, 422, "form_code_incorrect")
	}
}

// Two accounts may try to prove one address; exactly one of them gets it.
func TestRaceToProveAnAddress(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	const path = "/v1/me/email_addresses/"
	var apps [2]*apitest.Caller
	var paths [2]string
	for i, name := range []string{"ada@example.com", "eve@example.com"} {
		apps[i] = s.Native()
		apps[i].SignUp(t, name)
		paths[i] = path + apps[i].Form(t, "POST", path, "email_address", "shared+clerk_test@example.com").OK(t).Text("response", "id")
		apps[i].Form(t, "POST", paths[i]+"/prepare_verification", "strategy", "email_code").OK(t)
	}
	var wg sync.WaitGroup
	var results [2]*apitest.Answer
	for i := range apps {
		wg.Go(func() {
			results[i] = apps[i].Form(t, "POST", paths[i]+"/attempt_verification", "code", auth.TestCode)
		})
	}
	wg.Wait()
	won := 0
	for _, a := range results {
		if a.Status == 200 {
			won++
		} else if a.Code() != "form_identifier_exists" {
			t.Errorf("loser got %d %s", a.Status, a.Body)
		}
	}
	if won != 1 {
		t.Errorf("%d accounts have the address", won)
	}
}

// Guessing is bounded by the code and by the account.
func TestGuessingAnAddressLocks(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	app := s.Native()
	app.SignUp(t, "eve@example.com")
	const path = "/v1/me/email_addresses/"
	id := app.Form(t, "POST", path, "email_address", "ada@example.com").OK(t).Text("response", "id")
	codes := map[string]bool{}
	for range 30 {
		s.Advance(time.Minute)
		app.Form(t, "POST", path+id+"/prepare_verification", "strategy", "email_code")
		a := app.Form(t, "POST", path+id+"/attempt_verification", "code", wrong(s.Code(t, "ada@example.com")))
		codes[a.Code()] = true
		if a.Code() == "user_locked" {
			break
		}
	}
	if !codes["user_locked"] {
		t.Errorf("guessing never ends: %v", codes)
	}
}
