package backendapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/ratelimit"
)

// unprovenEmail is a user with a second address that nobody has proven.
func (w *world) unprovenEmail(user, address string) (id string) {
	w.t.Helper()
	return w.must("POST", "/v1/email_addresses", fmt.Sprintf(`{"user_id":%q,"email_address":%q}`, user, address))["id"].(string)
}

// prepare begins a proof and returns its id.
func (w *world) prepare(contact string) string {
	w.t.Helper()
	return w.must("POST", contact+"/prepare_verification", "")["id"].(string)
}

// attempt submits a code and returns the proof.
func (w *world) attempt(contact, verification, code string) map[string]any {
	w.t.Helper()
	return w.must("POST", contact+"/attempt_verification", fmt.Sprintf(`{"verification_id":%q,"code":%q}`, verification, code))
}

// A back end proves an address of a user with a code of its own: told by the
// status, once, and without disturbing the proof that the owner is giving.
func TestProveEmailFromBackEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.newUser("ada@example.com")
	id := w.unprovenEmail(ada, "second@example.com")
	path := "/v1/email_addresses/" + id

	begun := w.must("POST", path+"/prepare_verification", "")
	if begun["object"] != "verification_otp" || begun["status"] != "unverified" || begun["strategy"] != "email_code" ||
		begun["attempts"] != 0.0 || begun["channel"] != nil || !strings.HasPrefix(begun["id"].(string), "ver_") {
		t.Errorf("begun: %v", begun)
	}
	if e := w.must("GET", path, ""); e["verification"] != nil {
		t.Errorf("the address itself is being proven: %v", e["verification"])
	}
	ver, code := begun["id"].(string), w.Code(t, "second@example.com")
	if got := w.attempt(path, ver, "x"); got["status"] != "unverified" || got["attempts"] != 1.0 || got["id"] != ver {
		t.Errorf("a wrong code: %v", got)
	}
	if got := w.attempt(path, ver, code); got["status"] != "verified" || got["attempts"] != 2.0 {
		t.Errorf("the right code: %v", got)
	}
	e := w.must("GET", path, "")
	if v, ok := e["verification"].(map[string]any); !ok || v["status"] != "verified" || v["strategy"] != "email_code" {
		t.Errorf("the address is not proven: %v", e["verification"])
	}
	again := fmt.Sprintf(`{"verification_id":%q,"code":%q}`, ver, code)
	w.refused("POST", path+"/attempt_verification", again, 422, "verification_already_verified")
	if u := w.must("GET", "/v1/users/"+ada, ""); u["primary_email_address_id"] == id {
		t.Error("a proof made the address primary although there was one")
	}
}

// An address that is proven can be proven again, which leaves it as it is.
func TestProveProvenEmailFromBackEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.newUser("ada@example.com")
	before := w.must("GET", "/v1/users/"+ada, "")
	path := "/v1/email_addresses/" + before["primary_email_address_id"].(string)
	ver := w.prepare(path)
	w.Advance(time.Minute)
	if got := w.attempt(path, ver, w.Code(t, "ada@example.com")); got["status"] != "verified" {
		t.Errorf("proof: %v", got)
	}
	after := w.must("GET", "/v1/users/"+ada, "")
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the user changed:\n%v\n%v", before, after)
	}
}

func TestProvePhoneFromBackEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	ada := w.newUser("ada@example.com")
	id := w.must("POST", "/v1/phone_numbers", `{"user_id":"`+ada+`","phone_number":"+491701234567"}`)["id"].(string)
	path := "/v1/phone_numbers/" + id
	begun := w.must("POST", path+"/prepare_verification", "")
	if begun["strategy"] != "phone_code" || begun["channel"] != "sms" {
		t.Errorf("begun: %v", begun)
	}
	if got := w.attempt(path, begun["id"].(string), w.Code(t, "+491701234567")); got["status"] != "verified" {
		t.Errorf("proof: %v", got)
	}
	if u := w.must("GET", "/v1/users/"+ada, ""); u["primary_phone_number_id"] != id {
		t.Errorf("the first proven number is not primary: %v", u["primary_phone_number_id"])
	}
}

// Codes end: with time, with five wrong ones, and the account with ten.
func TestBackEndCodesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.newUser("ada@example.com")
	path := "/v1/email_addresses/" + w.unprovenEmail(ada, "second@example.com")
	late := w.prepare(path)
	w.Advance(auth.CodeLifetime + time.Second)
	if got := w.attempt(path, late, w.Code(t, "second@example.com")); got["status"] != "expired" || got["attempts"] != 0.0 {
		t.Errorf("too late: %v", got)
	}
	ver := w.prepare(path)
	for n := range auth.CodeAttempts {
		want := "unverified"
		if n == auth.CodeAttempts-1 {
			want = "failed"
		}
		if got := w.attempt(path, ver, "x"); got["status"] != want || got["attempts"] != float64(n+1) {
			t.Errorf("wrong code %d: %v", n+1, got)
		}
	}
	if got := w.attempt(path, ver, w.Code(t, "second@example.com")); got["status"] != "failed" || got["attempts"] != float64(auth.CodeAttempts) {
		t.Errorf("the right code too late: %v", got)
	}
	for n := auth.CodeAttempts; n < auth.LockoutFailures; {
		for ver = w.prepare(path); n < auth.LockoutFailures && w.attempt(path, ver, "x")["status"] == "unverified"; n++ {
		}
		n++
	}
	w.refused("POST", path+"/prepare_verification", "", 403, "user_locked")
	w.refused("POST", path+"/attempt_verification", fmt.Sprintf(`{"verification_id":%q,"code":"x"}`, ver), 403, "user_locked")
	if u := w.must("GET", "/v1/users/"+ada, ""); u["locked"] != true {
		t.Errorf("the account is not locked: %v", u["locked"])
	}
}

func TestBackEndProofRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withPhones)
	ada, bob := w.newUser("ada@example.com"), w.newUser("bob@example.com")
	one, two := w.unprovenEmail(ada, "one@example.com"), w.unprovenEmail(bob, "two@example.com")
	path, other := "/v1/email_addresses/"+one, "/v1/email_addresses/"+two
	phone := "/v1/phone_numbers/" + w.newPhone(ada, "+15555550100")
	ver := w.prepare(path)
	body := fmt.Sprintf(`{"verification_id":%q,"code":%q}`, ver, w.Code(t, "one@example.com"))

	w.refused("POST", other+"/attempt_verification", body, 404, "resource_not_found")
	w.refused("POST", phone+"/attempt_verification", body, 404, "resource_not_found")
	w.refused("POST", "/v1/phone_numbers/"+one+"/attempt_verification", body, 404, "resource_not_found")
	w.refused("POST", "/v1/phone_numbers/"+one+"/prepare_verification", "", 404, "resource_not_found")
	w.refused("POST", "/v1/email_addresses/"+phone[len("/v1/phone_numbers/"):]+"/prepare_verification", "", 404, "resource_not_found")
	for bad, want := range map[string]struct {
		status int
		code   string
	}{
		`{}`:                                     {422, "form_param_missing"},
		`{"verification_id":"` + ver + `"}`:      {422, "form_param_missing"},
		`{"code":"000000"}`:                      {422, "form_param_missing"},
		`{"verification_id":7,"code":"000000"}`:  {422, "form_param_value_invalid"},
		`{"verification_id":"ver_x","code":"1"}`: {404, "resource_not_found"},
		`{"verification_id":"` + strings.Repeat("v", 1<<17) + `","code":"1"}`: {404, "resource_not_found"},
		`{"verification_id":"` + ver + `\u0000","code":"1"}`:                  {400, "request_body_invalid"},
	} {
		w.refused("POST", path+"/attempt_verification", bad, want.status, want.code)
	}
	// What is not published is not taken: the proof stays unproven.
	evil := fmt.Sprintf(`{"verification_id":%q,"code":"x","status":"verified","attempts":-9,"user_id":%q}`, ver, bob)
	if got := w.must("POST", path+"/attempt_verification", evil); got["status"] != "unverified" || got["attempts"] != 1.0 {
		t.Errorf("mass assignment: %v", got)
	}
	// An address that somebody proves meanwhile is theirs.
	w.must("POST", "/v1/email_addresses", fmt.Sprintf(`{"user_id":%q,"email_address":"one@example.com","verified":true}`, bob))
	w.refused("POST", path+"/attempt_verification", body, 422, "form_identifier_exists")
	w.refused("POST", path+"/prepare_verification", "", 422, "form_identifier_exists")
	w.must("DELETE", "/v1/users/"+ada, "")
	w.refused("POST", path+"/attempt_verification", body, 404, "resource_not_found")
	w.refused("POST", path+"/prepare_verification", "", 404, "resource_not_found")
}

// Codes to one address are limited together with those that its owner asks for.
func TestBackEndCodesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *apitest.Options) { o.Codes = ratelimit.Config{Burst: 2, Every: time.Minute} })
	path := "/v1/email_addresses/" + w.unprovenEmail(w.newUser("ada@example.com"), "second@example.com")
	w.prepare(path)
	w.prepare(path)
	a := w.back.Do(t, http.MethodPost, path+"/prepare_verification", "")
	if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("a third code at once: %d %s", a.Status, a.Body)
	}
	if n := len(w.Messages(t, "second@example.com")); n != 2 {
		t.Errorf("%d codes were sent", n)
	}
}

// Of any number of requests with the right code exactly one proves.
func TestBackEndProofRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/email_addresses/" + w.unprovenEmail(w.newUser("ada@example.com"), "second@example.com")
	body := fmt.Sprintf(`{"verification_id":%q,"code":%q}`, w.prepare(path), w.Code(t, "second@example.com"))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			switch status, text := w.send("POST", path+"/attempt_verification", body); {
			case status == http.StatusOK:
				won.Add(1)
			case firstCode(text) != "verification_already_verified":
				t.Errorf("%d %s", status, text)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d requests consumed the code", won.Load())
	}
}
