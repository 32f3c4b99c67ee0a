package frontendapi_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// phoneOnly is an instance whose users have numbers and no addresses.
func phoneOnly(o *apitest.Options) {
	o.Settings.Phone, o.Settings.Email = auth.UseRequired, auth.UseOff
}

// signUpByPhone creates an account with a number alone.
func (a *app) signUpByPhone(t *testing.T, number string) answer {
	t.Helper()
	created := a.must(t, "POST", "/v1/client/sign_ups", form("phone_number", number, "strategy", "phone_code"))
	step := "/v1/client/sign_ups/" + created.text("response.id")
	return a.must(t, "POST", step+"/attempt_verification", form("strategy", "phone_code", "code", a.s.Code(t, number)))
}

func TestSignUpAndInByPhone(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, phoneOnly)
	for name, a := range apps(s) {
		t.Run(name, func(t *testing.T) {
			number := map[string]string{"native": "+493012345", "browser": "+493012346"}[name]
			done := a.signUpByPhone(t, number)
			signedIn(t, a, done)
			if done.text("client.sessions.0.public_user_data.identifier") != number {
				t.Errorf("identifier: %v", done)
			}
			b := a.other()
			begun := b.must(t, "POST", "/v1/client/sign_ins", form("identifier", number[:3]+" (30) "+number[5:], "strategy", "phone_code"))
			if begun.text("response.supported_first_factors.0.safe_identifier") != number {
				t.Errorf("factors: %v", begun)
			}
			step := "/v1/client/sign_ins/" + begun.text("response.id")
			b.refused(t, "POST", step+"/attempt_first_factor", form("strategy", "phone_code", "code", "000000"), 422, "form_code_incorrect")
			signedIn(t, b, b.must(t, "POST", step+"/attempt_first_factor", form("strategy", "phone_code", "code", s.Code(t, number))))
		})
	}
}

func TestPasswordResetByPhone(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, phoneOnly)
	nativeApp(s).signUpByPhone(t, "+493012345")
	a := nativeApp(s)
	begun := a.must(t, "POST", "/v1/client/sign_ins", form("identifier", "+493012345", "strategy", "reset_password_phone_code"))
	step := "/v1/client/sign_ins/" + begun.text("response.id")
	proven := a.must(t, "POST", step+"/attempt_first_factor", form("strategy", "reset_password_phone_code", "code", s.Code(t, "+493012345")))
	if proven.text("response.status") != "needs_new_password" {
		t.Fatalf("proven: %v", proven)
	}
	signedIn(t, a, a.must(t, "POST", step+"/reset_password", form("password", password)))
	b := nativeApp(s)
	signedIn(t, b, b.must(t, "POST", "/v1/client/sign_ins", form("identifier", "+493012345", "password", password)))
}

func TestPhoneRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withPhones)
	owner := nativeApp(s)
	owner.signUp(t, "a@example.com")
	mine := owner.must(t, "POST", "/v1/me/phone_numbers", form("phone_number", "+493012345"))
	path := "/v1/me/phone_numbers/" + mine.text("response.id")
	owner.must(t, "POST", path+"/prepare_verification", form("strategy", "phone_code"))
	owner.must(t, "POST", path+"/attempt_verification", form("code", s.Code(t, "+493012345")))
	a := nativeApp(s)
	a.signUp(t, "b@example.com")
	const me, signUps = "/v1/me/phone_numbers", "/v1/client/sign_ups"
	a.Run(t, []apitest.Scenario{
		{Name: "taken", Request: post(me, "phone_number", "+49 30 12345"), Status: 422, Code: "form_identifier_exists", Param: "phone_number"},
		{Name: "no country", Request: post(me, "phone_number", "03012345"), Status: 422, Code: "form_param_format_invalid"},
		{Name: "digits of another script", Request: post(me, "phone_number", "+４９３０１２３４５６"), Status: 422, Code: "form_param_format_invalid"},
		{Name: "too long", Request: post(me, "phone_number", "+"+strings.Repeat("1", 16)), Status: 422, Code: "form_param_format_invalid"},
		{Name: "letters", Request: post(me, "phone_number", "+49 30 CALLME"), Status: 422, Code: "form_param_format_invalid"},
		{Name: "a NUL byte", Request: post(me, "phone_number", "+4930\x0012345"), Status: 422, Code: "form_param_format_invalid"},
		{Name: "somebody else's", Request: post("/v1/me/phone_numbers/" + mine.text("response.id") + "/prepare_verification"), Status: 404, Code: "resource_not_found"},
		{Name: "somebody else's, changed", Request: apitest.Request{Method: "PATCH", Path: path, Body: form("reserved_for_second_factor", "true").Encode()},
			Status: 404, Code: "resource_not_found"},
		{Name: "by another channel", Request: post("/v1/client/sign_ins/sia_0/prepare_first_factor", "strategy", "phone_code", "channel", "pigeon"),
			Status: 422, Code: "form_param_value_invalid", Param: "channel"},
		{Name: "sign-up with a taken one", Request: post(signUps, "phone_number", "+493012345"), Status: 422, Code: "form_identifier_exists", Param: "phone_number"},
		{Name: "primary that is not mine", Request: apitest.Request{Method: "PATCH", Path: "/v1/me",
			Body: form("primary_phone_number_id", mine.text("response.id")).Encode()}, Status: 404, Code: "resource_not_found"},
	})
	off := nativeApp(apitest.Start(t))
	off.signUp(t, "a@example.com")
	off.refused(t, "POST", me, form("phone_number", "+493012345"), 422, "form_param_unknown")
	off.refused(t, "POST", signUps, form("phone_number", "+493012345"), 422, "form_param_unknown")
}

// TestLastWayInStays keeps an account enterable, whatever is removed.
func TestLastWayInStays(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, phoneOnly, func(o *apitest.Options) { o.Settings.SecondFactors.PhoneCode = true })
	a := nativeApp(s)
	id := a.signUpByPhone(t, "+493012345").text("client.sessions.0.user.primary_phone_number_id")
	a.refused(t, "DELETE", "/v1/me/phone_numbers/"+id, nil, 409, "last_identification_deletion_failed")
	a.refused(t, "PATCH", "/v1/me/phone_numbers/"+id, form("reserved_for_second_factor", "true"), 409, "last_identification_deletion_failed")
}

// TestPhonesLookAlike asks for a known and an unknown number where the instance
// protects who has an account.
func TestPhonesLookAlike(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, phoneOnly, func(o *apitest.Options) { o.Settings.EnumerationProtection = true })
	nativeApp(s).signUpByPhone(t, "+493012345")
	walk := func(number string) (steps []string, stores int) {
		a, before := nativeApp(s), stored(t, s)
		note := func(r answer) answer {
			steps = append(steps, strings.ReplaceAll(shape(r, number), number[1:], "IDENTIFIER"))
			return r
		}
		begun := note(a.send(t, "POST", "/v1/client/sign_ins", form("identifier", number)))
		step := "/v1/client/sign_ins/" + begun.text("response.id")
		note(a.send(t, "POST", step+"/prepare_first_factor", form("strategy", "phone_code")))
		note(a.send(t, "POST", step+"/attempt_first_factor", form("strategy", "phone_code", "code", "00000")))
		up := note(a.send(t, "POST", "/v1/client/sign_ups", form("phone_number", number, "strategy", "phone_code")))
		note(a.send(t, "POST", "/v1/client/sign_ups/"+up.text("response.id")+"/attempt_verification", form("strategy", "phone_code", "code", "00000")))
		note(a.send(t, "GET", "/v1/client", nil))
		return steps, stored(t, s) - before
	}
	known, kept := walk("+493012345")
	unknown, keptToo := walk("+493012399")
	for i := range known {
		if known[i] != unknown[i] {
			t.Errorf("step %d differs:\n%s\n%s", i, known[i], unknown[i])
		}
	}
	if kept != keptToo || kept != 2 {
		t.Errorf("messages stored: %d and %d, want 2 each", kept, keptToo)
	}
	// A number that nobody has here is not sent anything for a sign-in: texts
	// to strangers cost money.
	if texts := s.Messages(t, "+493012399"); len(texts) != 1 {
		t.Errorf("texts to a stranger: %+v", texts)
	}
}

// TestRaceForANumber lets many finish with one number at once.
func TestRaceForANumber(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, phoneOnly)
	const number, rivals = "+15555550123", 8 // a test identity: the code is known
	var (
		starts   sync.WaitGroup
		finished = make([]answer, rivals)
		callers  = make([]*app, rivals)
		paths    = make([]string, rivals)
	)
	for i := range rivals {
		callers[i] = nativeApp(s)
		created := callers[i].must(t, "POST", "/v1/client/sign_ups", form("phone_number", number, "strategy", "phone_code"))
		paths[i] = "/v1/client/sign_ups/" + created.text("response.id") + "/attempt_verification"
	}
	for i := range rivals {
		starts.Go(func() {
			finished[i] = callers[i].send(t, "POST", paths[i], form("strategy", "phone_code", "code", auth.TestCode))
		})
	}
	starts.Wait()
	won := 0
	for i, r := range finished {
		switch {
		case r.Status == 200 && r.text("response.status") == "complete":
			won++
		case r.Status != 422 || r.Code() != "form_identifier_exists":
			t.Errorf("rival %s: %v", strconv.Itoa(i), r)
		}
	}
	if won != 1 {
		t.Errorf("%d accounts with one number", won)
	}
}
