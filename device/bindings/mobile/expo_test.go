package mobile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/bindings/mobile"
)

// heard collects the payloads of events.
type heard struct{ payloads chan string }

func (h heard) OnEvent(payload string) { h.payloads <- payload }

func (h heard) next(t *testing.T) string {
	t.Helper()
	select {
	case payload := <-h.payloads:
		return payload
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
		return ""
	}
}

func TestExpoModule(t *testing.T) {
	t.Parallel()
	store := &keychain{values: map[string][]byte{}}
	m, err := mobile.OpenExpoModule(`{"vault":"host"}`, store)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, flows := heard{make(chan string, 100)}, heard{make(chan string, 100)}
	early, err := m.Listen("perennialVerdictChanged", verdicts)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Call("endSession", ""); !strings.Contains(got, "E_NOT_INITIALIZED") {
		t.Errorf("before configure: %s", got)
	}
	arguments, _ := json.Marshal(map[string]any{"publishableKey": key, "bearerToken": nil})
	if got := m.Call("configure", string(arguments)); !strings.Contains(got, `"verdict":"signed-out"`) {
		t.Errorf("configure: %s", got)
	}
	for payload := ""; !strings.Contains(payload, `"verdict":"signed-out"`); {
		payload = verdicts.next(t)
	}
	early.Stop()
	if _, err := m.Listen("clerkNativeAuthFlowChanged", flows); err != nil {
		t.Fatal(err)
	}
	if got := flows.next(t); got != `{"isLoaded":true,"isAuthFlowComplete":false}` {
		t.Errorf("a late listener hears %s", got)
	}
	m.Close()
	if got := m.Call("getSession", ""); !strings.Contains(got, `"closed"`) {
		t.Errorf("after close: %s", got)
	}
}

func TestExpoModuleMistakes(t *testing.T) {
	t.Parallel()
	for options, kind := range map[string]string{
		`{"vault":"host"}`: "not-configured", `{`: "usage", `{"publishable_key":"x"}`: "usage", `{}`: "not-configured",
	} {
		m, err := mobile.OpenExpoModule(options, nil)
		if err == nil {
			got := m.Call("configure", `{"publishableKey":"`+key+`"}`)
			if !strings.Contains(got, kind) {
				t.Errorf("%s: %s", options, got)
			}
			m.Close()
			continue
		}
		if got := mobile.KindOf(err.Error()); got != kind {
			t.Errorf("%s: kind %s, want %s", options, got, kind)
		}
	}
	m, err := mobile.OpenExpoModule(`{"vault":"memory"}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := m.Listen("onSomethingElse", heard{}); err == nil || mobile.KindOf(err.Error()) != "usage" {
		t.Errorf("an event that there is not: %v", err)
	}
}
