package mobile_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/device/bindings/mobile"
)

// key names an instance where nobody listens.
const key = "pk_test_MTI3LjAuMC4xOjEk"

// keychain is an app's store that can be locked.
type keychain struct {
	mu     sync.Mutex
	values map[string][]byte
	answer string
}

func (k *keychain) Get(name string) *mobile.StoreValue {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answer != "" {
		return mobile.NewStoreAnswer(k.answer)
	}
	if value, ok := k.values[name]; ok {
		return mobile.NewStoreValue(value)
	}
	return mobile.NewStoreAnswer(mobile.StoreAbsent)
}

func (k *keychain) Put(name string, value []byte) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answer != "" {
		return k.answer
	}
	k.values[name] = value
	return mobile.StoreDone
}

func (k *keychain) Remove(name string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.values, name)
	return mobile.StoreDone
}

func open(t *testing.T, store mobile.Store) *mobile.Device {
	t.Helper()
	configuration := mobile.NewConfiguration(key)
	configuration.UseStore(store)
	d, err := mobile.Open(configuration)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestVerdictFollowsTheStore(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]struct{ verdict, cause string }{
		"":                  {mobile.VerdictSignedOut, "none"},
		mobile.StoreLocked:  {mobile.VerdictUndetermined, "storage-locked"},
		mobile.StoreDenied:  {mobile.VerdictUndetermined, "storage-denied"},
		mobile.StoreFailed:  {mobile.VerdictUndetermined, "storage-failed"},
		"a word of its own": {mobile.VerdictUndetermined, "storage-failed"},
		mobile.StoreDone:    {mobile.VerdictUndetermined, "storage-failed"}, // done, and no value: not "absent"
	} {
		d := open(t, &keychain{values: map[string][]byte{}, answer: answer})
		state, err := d.Restore(0)
		if err != nil {
			t.Fatal(err)
		}
		if state.Verdict != want.verdict || state.Cause != want.cause {
			t.Errorf("store answers %q: got %s %s, want %s %s", answer, state.Verdict, state.Cause, want.verdict, want.cause)
		}
	}
}

// listener collects states; the first one is the current one.
type listener struct {
	mu     sync.Mutex
	states []*mobile.State
	moved  chan struct{}
	panics bool
}

func (l *listener) OnState(state *mobile.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states = append(l.states, state)
	l.moved <- struct{}{}
	if l.panics {
		panic("app bug")
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	store := &keychain{values: map[string][]byte{}, answer: mobile.StoreLocked}
	d := open(t, store)
	broken := &listener{moved: make(chan struct{}, 100), panics: true}
	d.Watch(broken)
	<-broken.moved
	whole := &listener{moved: make(chan struct{}, 100)}
	subscription := d.Watch(whole)
	store.mu.Lock()
	store.answer = ""
	store.mu.Unlock()
	d.Nudge()
	for signedOut := false; !signedOut; {
		<-whole.moved
		whole.mu.Lock()
		last := whole.states[len(whole.states)-1]
		for i, state := range whole.states {
			if state.Sequence != whole.states[0].Sequence+int64(i) {
				t.Errorf("state %d is missing", whole.states[0].Sequence+int64(i))
			}
		}
		whole.mu.Unlock()
		signedOut = last.Verdict == mobile.VerdictSignedOut
	}
	subscription.Stop()
	subscription.Stop()
}

func TestErrorsCarryTheirKind(t *testing.T) {
	t.Parallel()
	d := open(t, &keychain{values: map[string][]byte{}})
	if _, err := d.Restore(0); err != nil {
		t.Fatal(err)
	}
	_, err := d.Token(false, 0)
	if err == nil || mobile.KindOf(err.Error()) != "signed-out" {
		t.Errorf("token: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err = d.Token(true, 0); err == nil || mobile.KindOf(err.Error()) != "closed" {
		t.Errorf("token after close: %v", err)
	}
	if _, err = mobile.Open(nil); err == nil || mobile.KindOf(err.Error()) != "not-configured" {
		t.Errorf("open of nothing: %v", err)
	}
	if _, err = mobile.Open(mobile.NewConfiguration("pk_live_?")); err == nil || mobile.KindOf(err.Error()) != "not-configured" {
		t.Errorf("open with garbage: %v", err)
	}
	if kind := mobile.KindOf("some other text"); kind != "internal" {
		t.Errorf("kind of another text: %s", kind)
	}
	if text := d.Explain(); !strings.HasPrefix(text, "Now: ") {
		t.Errorf("explain: %q", text)
	}
}
