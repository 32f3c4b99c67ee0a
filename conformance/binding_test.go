package conformance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// TestMain drops what the real server logs: thousands of requests.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// The tests below put the device and the real server together where credentials
// are bound to keys: the device dies at every operation of a rotation, of an
// enrolment and of a sign-in, before it and after it, and loses nothing.

// errDead is what the world answers to a process that is dead.
var errDead = errors.New("the process is dead")

// life is one process of a device: it counts its operations on the world, and
// dies at one of them.
type life struct {
	server *apitest.Server
	store  vault.Vault

	mu    sync.Mutex
	count int
	dieAt int // 0: never
	log   []string
	dead  chan struct{}
}

// point is one place where a process can die; it reports whether it is alive.
func (l *life) point(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.dead:
		return false
	default:
	}
	l.count++
	l.log = append(l.log, what)
	if l.count == l.dieAt {
		close(l.dead)
		return false
	}
	return true
}

func (l *life) died() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.dead:
		return l.log[len(l.log)-1]
	default:
		return ""
	}
}

func (l *life) Load(ctx context.Context) vault.Loaded {
	if !l.point("before a read") {
		return vault.Loaded{Answer: vault.Failed}
	}
	return l.store.Load(ctx)
}

func (l *life) Save(ctx context.Context, change vault.Change) vault.Saved {
	if !l.point("before a write") {
		return vault.Saved{Answer: vault.Failed}
	}
	saved := l.store.Save(ctx, change)
	if !l.point("after a write") {
		return vault.Saved{Answer: vault.Failed}
	}
	return saved
}

func (l *life) Hold(ctx context.Context) (func(), vault.Answer) { return l.store.Hold(ctx) }

// RoundTrip implements [http.RoundTripper]: it carries requests to the handlers
// of the server, in time with the device's clock.
func (l *life) RoundTrip(r *http.Request) (*http.Response, error) {
	what := r.Method + " " + r.URL.Path
	if !l.point("before " + what) {
		return nil, errDead
	}
	arriving := r.Clone(r.Context())
	arriving.RequestURI, arriving.RemoteAddr, arriving.Host = r.URL.RequestURI(), "192.0.2.7:4000", l.server.Host
	if r.Body == nil {
		arriving.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	l.server.Handler.ServeHTTP(rec, arriving)
	if !l.point("after " + what) {
		return nil, errDead
	}
	response := rec.Result()
	response.Header.Set("Date", l.server.Now().UTC().Format(http.TimeFormat))
	response.Request = r
	body, _ := io.ReadAll(response.Body) // of a recorder
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// bindingWorld is a server and one device's store.
type bindingWorld struct {
	t      *testing.T
	server *apitest.Server
	store  *memvault.Store
}

// serverClock makes the device's wall clock that of the server.
type serverClock struct{ s *apitest.Server }

func (c serverClock) Now() core.Instant { return core.Instant(1000 + time.Since(begun).Milliseconds()) }
func (c serverClock) Wall() core.Wall   { return core.Wall(c.s.Now().UnixMilli()) }

var begun = time.Now()

func newBindingWorld(t *testing.T) *bindingWorld {
	t.Helper()
	// The proofs of the device carry the time of this machine.
	s := apitest.Start(t, func(o *apitest.Options) { o.Start = time.Now() })
	return &bindingWorld{t: t, server: s, store: memvault.NewStore()}
}

// launch opens a process that dies at its operation dieAt.
func (w *bindingWorld) launch(dieAt int, change func(*device.Config)) (*device.Device, *life) {
	w.t.Helper()
	l := &life{server: w.server, store: w.store.Vault(), dieAt: dieAt, dead: make(chan struct{})}
	config := device.Config{
		PublishableKey: w.server.PublishableKey, Server: "https://" + w.server.Host, Vault: l, RoundTripper: l,
		Clock: serverClock{w.server}, BackoffBase: 5 * time.Millisecond, BackoffCap: 10 * time.Millisecond, PeerInterval: -1,
	}
	if change != nil {
		change(&config)
	}
	d, err := device.Open(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return d, l
}

// plant stores the record of a session that an unbound credential has, as every
// version before there were keys did.
func (w *bindingWorld) plant() (credential, session string) {
	w.t.Helper()
	app := w.server.Native()
	session = app.SignUp(w.t, "a@example.com")
	doc := app.Do(w.t, "GET", "/v1/client", "").OK(w.t)
	w.put(core.Record{
		Lineage: "planted", Credential: core.NewSecret(app.Token()), ClientID: doc.Text("response", "id"), SessionID: session,
		SessionStatus: "active", User: core.User{ID: doc.Text("response", "sessions", "0", "user", "id")},
		ConfirmedAt: core.Wall(w.server.Now().UnixMilli()),
	})
	return app.Token(), session
}

func (w *bindingWorld) put(r core.Record) {
	text := core.EncodeRecord(r, w.tenant()).Reveal()
	w.store.Put(vault.Version{Lineage: r.Lineage, Generation: 4}, []byte(text))
}

func (w *bindingWorld) tenant() string {
	sum := sha256.Sum256([]byte(w.server.PublishableKey))
	return hex.EncodeToString(sum[:])
}

func (w *bindingWorld) stored() core.Record {
	w.t.Helper()
	_, body, _ := w.store.Peek()
	r, err := core.DecodeRecord(core.NewSecret(string(body)), w.tenant())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// until waits until done says so, the process is dead, or patience ends.
func until(t *testing.T, l *life, what string, done func() bool) bool {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if done() {
			return true
		}
		if l.died() != "" {
			return false
		}
	}
	t.Fatalf("never: %s\n%s", what, strings.Join(l.log, "\n"))
	return false
}

// settledBound reports whether the store holds a bound credential and nothing
// that is still to be proved.
func (w *bindingWorld) settledBound() bool {
	r := w.stored()
	return !r.Credential.Key().IsZero() && r.Successor.IsZero() && r.Offer.IsZero()
}

// mustWork holds the next launch to what it owes: the session at once, then
// confirmed, a token, and a bound credential in the end.
func (w *bindingWorld) mustWork(session, after string) {
	w.t.Helper()
	d, l := w.launch(0, nil)
	defer d.Close()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	first, err := d.Restore(ctx)
	if err != nil || !first.SignedIn() || first.SessionID != session {
		w.t.Fatalf("after %s: %s(%s), %v", after, first.Kind, first.Cause, err)
	}
	for state := range d.Watch(ctx) {
		if state.Kind == device.SignedOut {
			w.t.Fatalf("after %s: signed-out(%s)", after, state.Cause)
		}
		if state.Kind == device.Active {
			break
		}
	}
	if _, err := d.FreshToken(ctx); err != nil {
		w.t.Fatalf("after %s: token: %v", after, err)
	}
	until(w.t, l, "bound in the end, after "+after, func() bool {
		_, _ = d.FreshToken(ctx) // proves a successor
		return w.settledBound()
	})
}

// TestKilledAtEveryPointOfEnrolment: an old record with an unbound credential
// becomes a bound one, whatever the process is interrupted in.
func TestKilledAtEveryPointOfEnrolment(t *testing.T) {
	t.Parallel()
	points := 0
	for dieAt := 1; ; dieAt++ {
		w := newBindingWorld(t)
		origin, session := w.plant()
		d, l := w.launch(dieAt, nil)
		finished := until(t, l, "bound", func() bool {
			_, _ = d.FreshToken(t.Context())
			return w.settledBound()
		})
		_ = d.Close()
		after := l.died()
		if finished {
			if r := w.stored(); r.Origin.Reveal() != origin || r.Credential.Token().Reveal() == origin {
				t.Error("the origin is not remembered")
			}
			break
		}
		points++
		w.mustWork(session, after)
		if got := w.server.NativeWith(origin).Do(t, "GET", "/v1/client", ""); got.Text("response", "last_active_session_id") != session {
			t.Errorf("after %s: the SDK that the origin belongs to lost its session", after)
		}
	}
	if points < 12 {
		t.Errorf("only %d points to die at", points)
	}
}

// enrolled returns a world whose device holds a bound credential.
func enrolled(t *testing.T) (*bindingWorld, string) {
	t.Helper()
	w := newBindingWorld(t)
	_, session := w.plant()
	w.mustWork(session, "enrolment")
	w.server.Advance(auth.RotationInterval)
	return w, session
}

// TestKilledAtEveryPointOfRotation: the same for the successor of a bound one.
func TestKilledAtEveryPointOfRotation(t *testing.T) {
	t.Parallel()
	points := 0
	for dieAt := 1; ; dieAt++ {
		w, session := enrolled(t)
		before := w.stored().Credential
		d, l := w.launch(dieAt, nil)
		finished := until(t, l, "rotated", func() bool {
			d.Rotate()
			_, _ = d.FreshToken(t.Context())
			return w.stored().Credential != before && w.settledBound()
		})
		_ = d.Close()
		if key := w.stored().Credential.Key(); key != before.Key() {
			t.Error("a rotation changed the key")
		}
		if finished {
			break
		}
		points++
		w.mustWork(session, l.died())
	}
	if points < 8 {
		t.Errorf("only %d points to die at", points)
	}
}

// TestKilledAtEveryPointOfSignIn: a credential that is bound from birth. What
// was not finished has to be done again; what was, is there.
func TestKilledAtEveryPointOfSignIn(t *testing.T) {
	t.Parallel()
	points := 0
	for dieAt := 1; ; dieAt++ {
		w := newBindingWorld(t)
		w.server.Native().SignUp(t, "a@example.com")
		d, l := w.launch(dieAt, nil)
		step, err := d.SignIn(t.Context(), "a@example.com", apitest.Password)
		_ = d.Close()
		if l.died() == "" {
			if err != nil || step != device.Complete || !w.settledBound() {
				t.Fatalf("%s, %v, bound %v", step, err, w.settledBound())
			}
			break
		}
		points++
		if _, body, present := w.store.Peek(); present && bytes.Contains(body, []byte("\nsession ")) {
			w.mustWork(w.stored().SessionID, l.died())
			continue
		}
		d, _ = w.launch(0, nil)
		if step, err := d.SignIn(t.Context(), "a@example.com", apitest.Password); err != nil || step != device.Complete {
			t.Errorf("after %s: %s, %v", l.died(), step, err)
		}
		_ = d.Close()
	}
	if points < 5 {
		t.Errorf("only %d points to die at", points)
	}
}

// TestRestoredDeviceBackup: the store comes back as it was before the last
// rotations, and the device finds its way to the current credential.
func TestRestoredDeviceBackup(t *testing.T) {
	t.Parallel()
	w, session := enrolled(t)
	version, backup, _ := w.store.Peek()
	for range 3 {
		w.rotate()
	}
	current := w.stored().Credential
	w.store.Put(version, backup)
	w.mustWork(session, "a restored backup")
	d, l := w.launch(0, nil)
	defer d.Close()
	until(t, l, "back at the current credential", func() bool {
		_, _ = d.FreshToken(t.Context())
		return w.stored().Credential == current
	})
}

// rotate lets one process rotate once.
func (w *bindingWorld) rotate() {
	w.t.Helper()
	before := w.stored().Credential
	w.server.Advance(auth.RotationInterval)
	d, l := w.launch(0, nil)
	defer d.Close()
	until(w.t, l, "rotated", func() bool {
		d.Rotate()
		_, _ = d.FreshToken(w.t.Context())
		return w.stored().Credential != before && w.settledBound()
	})
}

// TestTwoProcessesRotate: both ask at the same time, over one store; one of them
// was opened long before and knows only the first credential.
func TestTwoProcessesRotate(t *testing.T) {
	t.Parallel()
	w, session := enrolled(t)
	sleeper, _ := w.launch(0, nil)
	defer sleeper.Close()
	if _, err := sleeper.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.rotate()
	w.rotate()
	if _, err := sleeper.FreshToken(t.Context()); err != nil {
		t.Errorf("the process that slept: %v", err)
	}
	w.server.Advance(auth.RotationInterval)
	before := w.stored().Credential
	var all sync.WaitGroup
	for range 2 {
		d, l := w.launch(0, nil)
		all.Go(func() {
			defer d.Close()
			until(t, l, "rotated", func() bool {
				d.Rotate()
				_, _ = d.FreshToken(t.Context())
				d.Reload()
				return w.stored().Credential != before && w.settledBound()
			})
			if state := d.State(); state.SessionID != session || !state.SignedIn() {
				t.Errorf("%s(%s)", state.Kind, state.Cause)
			}
		})
	}
	all.Wait()
	w.mustWork(session, "two processes")
}

// TestStolenCredential: a thief with the credential and without the key gets
// nothing and costs nothing; with a key of their own they end the line, and the
// device learns it with proof.
func TestStolenCredential(t *testing.T) {
	t.Parallel()
	w, session := enrolled(t)
	stolen := w.stored().Credential.Token().Reveal()
	thief := w.server.NativeWith(stolen)
	for _, path := range []string{"/v1/client", "/v1/me", "/v1/client/sessions/" + session} {
		thief.Do(t, "GET", path, "").Is(t, http.StatusUnauthorized, "device_proof_required")
	}
	w.mustWork(session, "a theft without the key")

	key := apitest.NewDeviceKey(t)
	thief = w.server.NativeWith(w.stored().Credential.Token().Reveal())
	got := thief.Send(t, key.Prove(thief, apitest.Request{Method: "GET", Path: "/v1/client"}, map[string]any{
		"rotate": true, "iat": w.server.Now().Unix(),
	})).OK(t)
	if got.Has("response", "sessions", "0") {
		t.Fatalf("the thief is somebody: %s", got.Body)
	}
	d, _ := w.launch(0, nil)
	defer d.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for state := range d.Watch(ctx) {
		if state.Kind == device.SignedOut {
			if state.Cause != core.CauseRejected {
				t.Errorf("cause %s", state.Cause)
			}
			break
		}
	}
	if ctx.Err() != nil {
		t.Errorf("the device never learned that its line is over: %s", d.State().Kind)
	}
	if r := w.stored(); r.Tombstone != core.CauseRejected {
		t.Errorf("the store holds %q", r.Tombstone)
	}
}

// TestCredentialForAnotherSDK: what can be shared is shared, and handing it back
// does not cost the bound one.
func TestCredentialForAnotherSDK(t *testing.T) {
	t.Parallel()
	w, session := enrolled(t)
	d, _ := w.launch(0, nil)
	defer d.Close()
	bound := w.stored().Credential
	shared, err := d.Credential(t.Context())
	if err != nil || shared != w.stored().Origin.Reveal() || shared == bound.Token().Reveal() {
		t.Fatalf("%.8q, %v", shared, err)
	}
	if err := d.Adopt(t.Context(), shared); err != nil || w.stored().Credential != bound {
		t.Errorf("handed back: %v", err)
	}
	// Another credential of the same session, as the other SDK would rotate to.
	caller, err := w.server.Clients.Resolve(t.Context(), shared)
	if err == nil {
		caller, err = w.server.Clients.Rotate(t.Context(), caller)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Adopt(t.Context(), caller.Issued); err != nil {
		t.Fatal(err)
	}
	if err := d.Stored(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := w.stored(); r.Credential != bound || r.Origin.Reveal() != caller.Issued || r.SessionID != session {
		t.Error("another credential of the session took the place of the bound one")
	}

	fresh := newBindingWorld(t)
	fresh.server.Native().SignUp(t, "a@example.com")
	born, _ := fresh.launch(0, nil)
	defer born.Close()
	if _, err := born.SignIn(t.Context(), "a@example.com", apitest.Password); err != nil {
		t.Fatal(err)
	}
	if _, err := born.Credential(t.Context()); !errors.Is(err, device.ErrUnsupported) {
		t.Errorf("a bound credential was handed out: %v", err)
	}
	unbound := newBindingWorld(t)
	unbound.server.Native().SignUp(t, "a@example.com")
	host, _ := unbound.launch(0, func(c *device.Config) { c.Unbound = true })
	defer host.Close()
	if _, err := host.SignIn(t.Context(), "a@example.com", apitest.Password); err != nil {
		t.Fatal(err)
	}
	if credential, err := host.Credential(t.Context()); err != nil || !strings.HasPrefix(credential, "pct_") {
		t.Errorf("%.8q, %v", credential, err)
	}
}

// TestSignOutEndsTheSessionOfABoundCredential: the revocation has the key.
func TestSignOutEndsTheSessionOfABoundCredential(t *testing.T) {
	t.Parallel()
	w, session := enrolled(t)
	origin := w.stored().Origin.Reveal()
	d, _ := w.launch(0, nil)
	defer d.Close()
	if err := d.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := d.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	got := w.server.NativeWith(origin).Do(t, "GET", "/v1/client", "").OK(t)
	if got.Has("response", "sessions", "0") {
		t.Errorf("session %s lives on: %s", session, got.Body)
	}
	text := fmt.Sprint(w.stored())
	if strings.Contains(text, "pcb_") || strings.Contains(text, "ed25519") {
		t.Error("a record prints its secrets")
	}
}
