package backendapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

// receiver takes deliveries, or answers with another status while it is told to.
type receiver struct {
	*httptest.Server

	taken  chan delivered
	status func(n int) int
}

type delivered struct {
	Header http.Header
	Type   string          `json:"type"`
	Data   json.RawMessage `json:"data"`
	Object string          `json:"object"`
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{taken: make(chan delivered, 100), status: func(int) int { return http.StatusNoContent }}
	n := 0
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		d := delivered{Header: req.Header}
		if err != nil || json.Unmarshal(body, &d) != nil {
			t.Errorf("a body that is no event: %s %v", body, err)
		}
		n++
		w.WriteHeader(r.status(n))
		r.taken <- d
	}))
	t.Cleanup(r.Close)
	return r
}

// next waits for a delivery and holds its data against the published document.
func (r *receiver) next(t *testing.T) delivered {
	t.Helper()
	select {
	case d := <-r.taken:
		apitest.CheckEvent(t, d.Type, d.Data)
		return d
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was delivered")
		return delivered{}
	}
}

func (w *world) deliver(t *testing.T) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Webhooks.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
}

func TestWebhooksTellWhatHappens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newReceiver(t)
	w.deliver(t)
	endpoint := w.must("POST", "/v1/webhooks/endpoints", `{"url":"`+r.URL+`","description":"tells"}`)
	if signing, _ := endpoint["secret"].(string); !strings.HasPrefix(signing, "whsec_") {
		t.Errorf("no secret: %v", endpoint)
	}
	// Others may come too: a new session changes when its user was last there.
	expect := func(want ...string) {
		t.Helper()
		for len(want) > 0 {
			got := r.next(t).Type
			want = slices.DeleteFunc(want, func(w string) bool { return w == got })
		}
	}
	ana := w.must("POST", "/v1/users", `{"email_address":["ana@example.com"],"first_name":"Ana"}`)["id"].(string)
	expect("user.created")
	w.must("PATCH", "/v1/users/"+ana, `{"first_name":"Anna"}`)
	expect("user.updated")
	session := w.must("POST", "/v1/sessions", `{"user_id":"`+ana+`"}`)["id"].(string)
	expect("session.created")
	w.must("POST", "/v1/sessions/"+session+"/revoke", "")
	expect("session.revoked")
	org := w.must("POST", "/v1/organizations", `{"name":"Acme","created_by":"`+ana+`"}`)["id"].(string)
	expect("organization.created", "organizationMembership.created")
	invitation := w.must("POST", "/v1/organizations/"+org+"/invitations",
		`{"email_address":"bo@example.com","role":"org:member","inviter_user_id":"`+ana+`"}`)["id"].(string)
	expect("organizationInvitation.created")
	w.must("POST", "/v1/organizations/"+org+"/invitations/"+invitation+"/revoke", `{"requesting_user_id":"`+ana+`"}`)
	expect("organizationInvitation.revoked")
	w.must("DELETE", "/v1/organizations/"+org, "")
	expect("organization.deleted")
	w.must("DELETE", "/v1/users/"+ana, "")
	expect("user.deleted")
}

// What becomes of an entry of the waitlist is told under the published names.
func TestWebhooksTellOfTheWaitlist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newReceiver(t)
	w.deliver(t)
	w.must("POST", "/v1/webhooks/endpoints", `{"url":"`+r.URL+`","events":["waitlistEntry.*"]}`)
	told := func(wantType, wantStatus string) {
		t.Helper()
		d := r.next(t)
		var entry struct{ Status string }
		if err := json.Unmarshal(d.Data, &entry); err != nil || d.Type != wantType || entry.Status != wantStatus {
			t.Errorf("told %s %s (%v), want %s of one that is %s", d.Type, d.Data, err, wantType, wantStatus)
		}
	}
	first := w.must("POST", "/v1/waitlist_entries", `{"email_address":"ada@example.com"}`)["id"].(string)
	told("waitlistEntry.created", "pending")
	w.must("POST", "/v1/waitlist_entries", `{"email_address":"ada@example.com"}`) // is there, and nothing happens
	w.must("POST", "/v1/waitlist_entries/"+first+"/invite", `{}`)
	told("waitlistEntry.updated", "invited")
	second := w.must("POST", "/v1/waitlist_entries", `{"email_address":"bob@example.com"}`)["id"].(string)
	told("waitlistEntry.created", "pending")
	w.must("POST", "/v1/waitlist_entries/"+second+"/reject", "")
	told("waitlistEntry.updated", "rejected")
}

// TestWebhookIsTriedAgain moves the clock past the pauses between tries.
func TestWebhookIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newReceiver(t)
	r.status = func(n int) int {
		if n < 3 {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	}
	endpoint := w.must("POST", "/v1/webhooks/endpoints", `{"url":"`+r.URL+`","events":["user.*"]}`)["id"].(string)
	w.must("POST", "/v1/users", `{"email_address":["ana@example.com"]}`)
	w.deliver(t)
	first := r.next(t)
	deliveries := "/v1/webhooks/endpoints/" + endpoint + "/deliveries"
	for n := 1; n < 3; n++ {
		w.settled(t, deliveries, "pending", n)
		w.Advance(10 * time.Minute)
		w.Webhooks.Wake()
		if again := r.next(t); again.Header.Get("Svix-Id") != first.Header.Get("Svix-Id") {
			t.Errorf("another id: %v", again.Header)
		}
	}
	id := w.settled(t, deliveries, "delivered", 3)
	w.must("POST", "/v1/webhooks/deliveries/"+id+"/replay", "")
	if again := r.next(t); again.Header.Get("Webhook-Id") != first.Header.Get("Webhook-Id") {
		t.Errorf("replayed as another event: %v", again.Header)
	}
	w.settled(t, deliveries, "delivered", 1)
}

// settled waits until the only delivery is in a status after some tries.
func (w *world) settled(t *testing.T, path, status string, attempts int) (id string) {
	t.Helper()
	var last any
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		all := w.must("GET", path, "")["data"].([]any)
		if len(all) != 1 {
			t.Fatalf("deliveries: %v", all)
		}
		one := all[0].(map[string]any)
		last = one
		if one["status"] == status && one["attempts"] == float64(attempts) {
			return one["id"].(string)
		}
	}
	t.Fatalf("never %s after %d: %v", status, attempts, last)
	return ""
}

func TestWebhookEndpointsRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = "/v1/webhooks/endpoints"
	for body, code := range map[string]string{
		`{}`:                          "form_param_missing",
		`{"url":"ftp://example.com"}`: "form_param_format_invalid",
		`{"url":"not a url"}`:         "form_param_format_invalid",
		`{"url":"https://user:pass@example.com"}`:                                        "form_param_format_invalid",
		`{"url":"https://example.com","events":["user.exploded"]}`:                       "form_param_value_invalid",
		`{"url":"https://example.com","events":["*"]}`:                                   "form_param_value_invalid",
		`{"url":"https://example.com/` + strings.Repeat("x", 3000) + `"}`:                "form_param_max_length_exceeded",
		`{"url":"https://example.com","description":"` + strings.Repeat("x", 600) + `"}`: "form_param_max_length_exceeded",
	} {
		w.refused("POST", all, body, http.StatusUnprocessableEntity, code)
	}
	for _, missing := range []string{all + "/ep_2abc", all + "/nonsense", all + "/ep_2abc/deliveries", all + "/ep_2abc/secret"} {
		w.refused("GET", missing, "", http.StatusNotFound, "resource_not_found")
	}
	w.refused("POST", "/v1/webhooks/deliveries/atmpt_2abc/replay", "", http.StatusNotFound, "resource_not_found")
}

func TestWebhookEndpointLifeCycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = "/v1/webhooks/endpoints"
	made := w.must("POST", all, `{"url":"https://example.com/hook","events":["user.created","session.*","user.created"]}`)
	one := all + "/" + made["id"].(string)
	if got := w.must("GET", one, ""); got["secret"] != nil || len(got["events"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
	if got := w.must("GET", one+"/secret", ""); got["secret"] != made["secret"] {
		t.Errorf("another secret: %v", got)
	}
	rotated := w.must("POST", one+"/secret/rotate", "")["secret"]
	if rotated == made["secret"] || w.must("GET", one+"/secret", "")["secret"] != rotated {
		t.Errorf("not rotated: %v", rotated)
	}
	if got := w.must("PATCH", one, `{"disabled":true,"events":[]}`); got["disabled"] != true || len(got["events"].([]any)) != 0 {
		t.Errorf("%v", got)
	}
	w.must("DELETE", one, "")
	w.refused("GET", one, "", http.StatusNotFound, "resource_not_found")
	if got := w.must("GET", all, ""); got["total_count"] != float64(0) {
		t.Errorf("%v", got)
	}
}
