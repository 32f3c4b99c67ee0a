package jsonapi_test

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/bindings/jsonapi"
)

// key names an instance where nobody listens.
const key = "pk_test_MTI3LjAuMC4xOjEk"

type reply struct {
	OK     bool
	Error  *bindings.Failure
	Result struct {
		Device, Module, Watch int64
		State                 *bindings.State
		Over                  bool
		Step, Text            string
	}
}

func parse(t testing.TB, text string) reply {
	t.Helper()
	var r reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return r
}

func open(t testing.TB, h *jsonapi.Host) int64 {
	t.Helper()
	r := parse(t, h.Open(`{"publishable_key":"`+key+`","vault":"memory"}`, nil))
	if !r.OK || r.Result.State.Verdict == "signed-out" && r.Result.State.Cause != "none" {
		t.Fatalf("open: %+v", r)
	}
	t.Cleanup(func() { h.Close(r.Result.Device) })
	return r.Result.Device
}

func TestMistakesAreAnswers(t *testing.T) {
	t.Parallel()
	var h jsonapi.Host
	device := open(t, &h)
	cases := []struct{ name, text, kind, message string }{
		{"options are not JSON", h.Open("{", nil), "usage", "not a JSON object"},
		{"options are a list", h.Open("[]", nil), "usage", "not a JSON object"},
		{"an option is misspelt", h.Open(`{"publishable_kye":1}`, nil), "usage", "publishable_kye"},
		{"two objects", h.Open(`{} {}`, nil), "usage", "after the end"},
		{"far too long", h.Open(strings.Repeat(" ", 2<<20), nil), "usage", "bytes of text"},
		{"no key", h.Open(`{"vault":"memory"}`, nil), "not-configured", ""},
		{"no folder", h.Open(`{"publishable_key":"`+key+`"}`, nil), "not-configured", "Dir"},
		{"keyring without folder", h.Open(`{"publishable_key":"`+key+`","vault":"keyring"}`, nil), "not-configured", "dir"},
		{"no such vault", h.Open(`{"publishable_key":"`+key+`","vault":"x"}`, nil), "not-configured", `"x"`},
		{"host vault without store", h.Open(`{"publishable_key":"`+key+`","vault":"host"}`, nil), "not-configured", "store"},
		{"authority is not there", h.Open(`{"publishable_key":"`+key+`","vault":"memory","ca_file":"/nowhere"}`, nil), "not-configured", "ca_file"},
		{"authority is a device", h.Open(`{"publishable_key":"`+key+`","vault":"memory","ca_file":"/dev/zero"}`, nil), "not-configured", "not a file"},
		{"authority is no certificate", h.Open(`{"publishable_key":"`+key+`","vault":"memory","ca_pem":"x"}`, nil), "not-configured", "certificate"},
		{"no such method", h.Call(device, "tokne", ""), "usage", "tokne"},
		{"argument of another type", h.Call(device, "token", `{"fresh":"s3cret"}`), "usage", "fresh"},
		{"no such device", h.Call(device+100, "token", ""), "closed", ""},
		{"no such device to watch", h.Watch(device + 100), "closed", ""},
		{"nobody is signed in", h.Call(device, "token", ""), "signed-out", ""},
		{"no attempt", h.Call(device, "submit_code", `{"code":"1"}`), "no-attempt", ""},
		{"no callback", h.Call(device, "handle_callback", `{"url":"myapp://callback"}`), "callback", ""},
		{"no flow", h.Call(device, "handle_callback", `{"url":"myapp://callback?state=s&rotating_token_nonce=n&created_session_id=sess_1"}`), "no-flow", ""},
		{"no return", h.Call(device, "start_browser_flow", `{"redirect_url":"/relative"}`), "invalid", ""},
	}
	for _, c := range cases {
		r := parse(t, c.text)
		if r.OK || r.Error == nil || r.Error.Kind != c.kind || !strings.Contains(r.Error.Message, c.message) {
			t.Errorf("%s: got %s, want %s %q", c.name, c.text, c.kind, c.message)
		}
		if strings.Contains(c.text, "s3cret") {
			t.Errorf("%s: the answer repeats an argument: %s", c.name, c.text)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	var h jsonapi.Host
	device := open(t, &h)
	if r := parse(t, h.Call(device, "restore", `{"timeout_ms":9223372036854775807}`)); !r.OK {
		t.Errorf("a limit beyond all bounds: %+v", r.Error)
	}
	// Nobody listens at the instance, so a sign-in can only wait or fail.
	r := parse(t, h.Call(device, "sign_in", `{"identifier":"a@example.com","password":"x","timeout_ms":1}`))
	if r.OK || r.Error.Kind != "timeout" && r.Error.Kind != "offline" {
		t.Errorf("got %+v", r)
	}
}

// subscribers miss nothing: first the current state, then every later one.
func TestWatch(t *testing.T) {
	t.Parallel()
	var h jsonapi.Host
	device := open(t, &h)
	first, second := parse(t, h.Watch(device)), parse(t, h.Watch(device))
	sequence := int64(-1)
	for settled := false; !settled; {
		state := parse(t, h.Next(first.Result.Watch, 10_000)).Result.State
		if sequence >= 0 && state.Sequence != sequence+1 {
			t.Errorf("state %d after %d", state.Sequence, sequence)
		}
		sequence, settled = state.Sequence, state.Settled
	}
	if r := parse(t, h.Next(first.Result.Watch, 1)); r.Result.State != nil || r.Result.Over {
		t.Errorf("with nothing new: %+v", r)
	}
	h.Unwatch(first.Result.Watch)
	if r := parse(t, h.Next(first.Result.Watch, -1)); !r.Result.Over {
		t.Errorf("after unwatch: %+v", r)
	}

	var waiting sync.WaitGroup
	waiting.Go(func() {
		for over := false; !over; {
			over = parse(t, h.Next(second.Result.Watch, -1)).Result.Over
		}
	})
	h.Close(device)
	waiting.Wait()
	if r := parse(t, h.Close(device)); !r.OK {
		t.Errorf("closing twice: %+v", r)
	}
}

func TestMethodsAreDocumented(t *testing.T) {
	t.Parallel()
	var undocumented []string
	page := mustRead(t, "../../../docs/bindings.md")
	for _, name := range append(jsonapi.Methods(), jsonapi.ModuleMethods()...) {
		if !strings.Contains(page, "`"+name+"`") {
			undocumented = append(undocumented, name)
		}
	}
	if diff := cmp.Diff([]string(nil), undocumented); diff != "" {
		t.Errorf("methods that docs/bindings.md leaves out:\n%s", diff)
	}
}

func TestModuleMistakesAreAnswers(t *testing.T) {
	t.Parallel()
	var h jsonapi.Host
	r := parse(t, h.OpenModule(`{"vault":"memory"}`, nil))
	if !r.OK {
		t.Fatalf("open: %+v", r.Error)
	}
	module := r.Result.Module
	defer h.Close(module)
	cases := []struct{ name, text, kind, code string }{
		{"options are not JSON", h.OpenModule("[", nil), "usage", ""},
		{"a key among the options", h.OpenModule(`{"publishable_key":"`+key+`","vault":"memory"}`, nil), "usage", ""},
		{"no folder", h.OpenModule("", nil), "not-configured", ""},
		{"a device's method", h.Call(module, "sign_in", ""), "usage", ""},
		{"a device's argument", h.Call(module, "configure", `{"credential":"x"}`), "usage", ""},
		{"state before configure", h.Call(module, "state", ""), "invalid", "E_NOT_INITIALIZED"},
		{"sync before configure", h.Call(module, "syncClientStateFromJs", ""), "invalid", "E_NOT_INITIALIZED"},
		{"no key", h.Call(module, "configure", "{}"), "not-configured", "E_CONFIGURE_FAILED"},
		{"hardware", h.Call(module, "enrollTrustedDevice", ""), "unsupported", "E_NOT_SUPPORTED"},
		{"no such event", h.Listen(module, "onAuthStateChanged"), "usage", ""},
		{"an event of a device", h.Listen(open(t, &h), "onAuthStateChange"), "usage", ""},
	}
	for _, c := range cases {
		r := parse(t, c.text)
		if r.OK || r.Error == nil || r.Error.Kind != c.kind || r.Error.Code != c.code {
			t.Errorf("%s: got %s, want %s %s", c.name, c.text, c.kind, c.code)
		}
	}
	for _, method := range []string{"getSession", "getClientToken"} {
		if got := h.Call(module, method, ""); got != `{"ok":true,"result":{"value":null}}` {
			t.Errorf("%s before configure: %s", method, got)
		}
	}
	state := parse(t, h.Call(module, "configure", `{"publishableKey":"`+key+`","bearerToken":null}`)).Result.State
	if state == nil || state.Verdict != "signed-out" {
		t.Errorf("configure: %+v", state)
	}
	flow := parse(t, h.Listen(module, "clerkNativeAuthFlowChanged"))
	if got := h.Next(flow.Result.Watch, 10_000); !strings.Contains(got, `"isLoaded":`) {
		t.Errorf("event: %s", got)
	}
}

func TestHostsStore(t *testing.T) {
	t.Parallel()
	var h jsonapi.Host
	store := &bindings.Store{
		Get:    func(string) ([]byte, error) { panic("host bug") },
		Set:    func(string, []byte) error { panic("host bug") },
		Delete: func(string) error { panic("host bug") },
	}
	r := parse(t, h.Open(`{"publishable_key":"`+key+`","vault":"host"}`, store))
	if !r.OK {
		t.Fatalf("open: %+v", r.Error)
	}
	defer h.Close(r.Result.Device)
	state := parse(t, h.Call(r.Result.Device, "restore", "")).Result.State
	if state.Verdict != "undetermined" || state.Cause != "storage-failed" {
		t.Errorf("over a store that panics: %s %s", state.Verdict, state.Cause)
	}
}

func FuzzCall(f *testing.F) {
	f.Add("token", `{"fresh":true}`)
	f.Add("restore", `{"timeout_ms":1}`)
	f.Add("\x00", "{\"a\":\xff}")
	f.Add("submit_code", `{"code":"000000"}{`)
	var h jsonapi.Host
	f.Fuzz(func(t *testing.T, method, args string) {
		// A device that is closed: what is tried is the border.
		for _, text := range []string{h.Call(7, method, args), h.Open(args, &bindings.Store{})} {
			if r := parse(t, text); r.OK || !utf8.ValidString(text) {
				t.Errorf("%q %q: %s", method, args, text)
			}
		}
	})
}
func mustRead(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
