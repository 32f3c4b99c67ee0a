package device_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// bench is a server and the configuration of a device for it.
type bench struct {
	server *conformance.Server
	config device.Config
}

func mustBench(tb testing.TB) bench {
	tb.Helper()
	server, err := conformance.StartServer()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Close)
	key, err := publishablekey.New(server.Host(), false)
	if err != nil {
		tb.Fatal(err)
	}
	return bench{server, device.Config{PublishableKey: key.String(), Server: server.URL()}}
}

func mustOpen(tb testing.TB, config device.Config) *device.Device {
	tb.Helper()
	d, err := device.Open(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = d.Close() })
	return d
}

func limited(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

func mustSignIn(tb testing.TB, d *device.Device) {
	tb.Helper()
	step, err := d.SignIn(limited(tb), conformance.Email, conformance.Password)
	if err != nil || step != device.Complete {
		tb.Fatalf("sign-in: %s, %v", step, err)
	}
}

func TestConfigurationErrorsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := "pk_test_MTI3LjAuMC4xOjg0NDMk"
	tests := []struct {
		name   string
		config device.Config
		want   string
	}{
		{"no key", device.Config{Ephemeral: true}, "publishable key"},
		{"a secret key", device.Config{PublishableKey: "sk_test_abc", Ephemeral: true}, "secret"},
		{"not base64", device.Config{PublishableKey: "pk_test_!!!", Ephemeral: true}, "publishable key"},
		{"no store", device.Config{PublishableKey: good}, "Dir, Vault and Ephemeral"},
		{"two stores", device.Config{PublishableKey: good, Ephemeral: true, Dir: "x"}, "Dir, Vault and Ephemeral"},
		{"plain http elsewhere", device.Config{PublishableKey: good, Ephemeral: true, Server: "http://example.com"}, "http"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := device.Open(test.config)
			if !errors.Is(err, device.ErrNotConfigured) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want ErrNotConfigured naming %q", err, test.want)
			}
		})
	}
}

// TestWatchersMissNothing: watchers that come early, late, slowly, or that panic
// see every verdict once, in order, and do not disturb one another.
func TestWatchersMissNothing(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Ephemeral = true
	d := mustOpen(t, b.config)
	ctx, stop := context.WithCancel(limited(t))
	var all sync.WaitGroup
	watch := func(pause time.Duration, explode bool) {
		all.Go(func() {
			defer func() {
				if p := recover(); (p != nil) != explode {
					t.Errorf("recovered %v", p)
				}
			}()
			var last uint64
			first := true
			for state := range d.Watch(ctx) {
				if explode {
					panic("a watcher's own fault")
				}
				if !first && state.Sequence != last+1 {
					t.Errorf("verdict %d after %d", state.Sequence, last)
				}
				first, last = false, state.Sequence
				time.Sleep(pause)
			}
			if last != d.State().Sequence {
				t.Errorf("the last verdict seen is %d, of %d", last, d.State().Sequence)
			}
		})
	}
	watch(0, false)
	watch(0, true)
	watch(time.Millisecond, false)
	if _, err := d.Restore(ctx); err != nil {
		t.Fatal(err)
	}
	watch(0, false)
	mustSignIn(t, d)
	watch(2*time.Millisecond, false)
	if err := d.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	mustSignIn(t, d)
	time.Sleep(50 * time.Millisecond) // let the slow ones catch up
	stop()
	all.Wait()
}

// TestACallbackMayCall: there is no lock around a watcher that a call from
// inside it could wait for.
func TestACallbackMayCall(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Ephemeral = true
	d := mustOpen(t, b.config)
	mustSignIn(t, d)
	ctx := limited(t)
	for range d.Watch(ctx) {
		if _, err := d.Token(ctx); err != nil {
			t.Fatal(err)
		}
		break
	}
}

func TestCallsAfterClose(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Ephemeral = true
	d := mustOpen(t, b.config)
	mustSignIn(t, d)
	if _, err := d.Token(limited(t)); err != nil {
		t.Fatal(err)
	}
	b.server.Script(conformance.Fault{Hang: true})
	waiting := make(chan error)
	go func() {
		_, err := d.FreshToken(context.Background())
		waiting <- err
	}()
	time.Sleep(20 * time.Millisecond)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, device.ErrClosed) {
		t.Fatalf("a call under way ended with %v", err)
	}
	if token, err := d.Token(context.Background()); token != "" || !errors.Is(err, device.ErrClosed) {
		t.Fatalf("a token after Close: %t, %v", token != "", err)
	}
	if err := d.SignOut(context.Background()); !errors.Is(err, device.ErrClosed) {
		t.Fatalf("sign-out after Close: %v", err)
	}
	if _, err := d.Restore(context.Background()); err != nil {
		t.Fatalf("restore after Close: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatalf("closed twice: %v", err)
	}
}

// TestMainJob signs in over a code in one process, restores in the next, and
// stays signed out after a sign-out, over real files.
func TestMainJob(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Dir = filepath.Join(t.TempDir(), "state")
	ctx := limited(t)

	d := mustOpen(t, b.config)
	if step, err := d.SignInWithEmailCode(ctx, conformance.Email); err != nil || step != device.NeedsCode {
		t.Fatalf("sign-in: %s, %v", step, err)
	}
	_ = d.Close()

	d = mustOpen(t, b.config)
	if _, err := d.Restore(ctx); err != nil {
		t.Fatal(err)
	}
	if attempt, ok := d.PendingAttempt(); !ok || attempt.SafeIdentifier == "" {
		t.Fatalf("the attempt did not survive: %+v", attempt)
	}
	if _, err := d.SubmitCode(ctx, "000000"); !errors.Is(err, device.ErrRefused) || !strings.Contains(err.Error(), "form_code_incorrect") {
		t.Fatalf("a wrong code: %v", err)
	}
	if step, err := d.SubmitCode(ctx, conformance.Code); err != nil || step != device.Complete {
		t.Fatalf("the code: %s, %v", step, err)
	}
	if _, ok := d.PendingAttempt(); ok {
		t.Fatal("a completed attempt is still pending")
	}
	_ = d.Close()

	d = mustOpen(t, b.config)
	state, err := d.Restore(ctx)
	if err != nil || !state.SignedIn() || state.User.ID != conformance.UserID {
		t.Fatalf("restored %+v, %v", state, err)
	}
	if _, err := d.Token(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()

	d = mustOpen(t, b.config)
	if state, err := d.Restore(ctx); err != nil || state.Kind != device.SignedOut || state.Cause != "user" {
		t.Fatalf("after sign-out %+v, %v", state, err)
	}
	_ = d.Close()
	var story strings.Builder
	if err := d.Explain(&story); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Now: signed-out: the user signed out", "Last sign-out", "sign-out asked", "restored from the store"} {
		if !strings.Contains(story.String(), want) {
			t.Errorf("no %q in:\n%s", want, story.String())
		}
	}
	if strings.Contains(story.String(), "credential-1") {
		t.Errorf("the explanation contains a credential:\n%s", story.String())
	}
}

func TestResetPasswordAndSignUp(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Ephemeral = true
	ctx := limited(t)
	d := mustOpen(t, b.config)
	take := func(step device.Step, err error, want device.Step) {
		t.Helper()
		if err != nil || step != want {
			t.Fatalf("%s, %v, want %s", step, err, want)
		}
	}
	step, err := d.ResetPassword(ctx, conformance.Email)
	take(step, err, device.NeedsCode)
	step, err = d.ResendCode(ctx)
	take(step, err, device.NeedsCode)
	step, err = d.SubmitCode(ctx, conformance.Code)
	take(step, err, device.NeedsNewPassword)
	step, err = d.SubmitNewPassword(ctx, "another password", false)
	take(step, err, device.Complete)

	step, err = d.SignUp(ctx, conformance.SecondEmail, "password")
	take(step, err, device.NeedsCode)
	if state := d.State(); !state.SignedIn() || state.User.ID != conformance.UserID {
		t.Fatalf("a sign-up in progress changed the session: %+v", state)
	}
	step, err = d.SubmitCode(ctx, conformance.Code)
	take(step, err, device.Complete)
	if state := d.State(); state.User.ID != conformance.SecondUserID {
		t.Fatalf("after the sign-up: %+v", state)
	}
	if _, err := d.SubmitCode(ctx, conformance.Code); !errors.Is(err, device.ErrNoAttempt) {
		t.Fatalf("a code without an attempt: %v", err)
	}
	if _, err := d.SignIn(ctx, conformance.Email, "wrong"); !errors.Is(err, device.ErrRefused) {
		t.Fatalf("a wrong password: %v", err)
	}
}

func TestCredentialIsWhatAdoptTakes(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	ctx := limited(t)
	one, two := b.config, b.config
	one.Ephemeral, two.Vault = true, memvault.New()
	first, second := mustOpen(t, one), mustOpen(t, two)
	if credential, err := first.Credential(ctx); credential != "" || err != nil {
		t.Fatalf("signed out, credential %q, %v", credential, err)
	}
	mustSignIn(t, first)
	credential, err := first.Credential(ctx)
	if err != nil || credential == "" {
		t.Fatalf("credential %q, %v", credential, err)
	}
	if err := second.Adopt(ctx, credential); err != nil {
		t.Fatal(err)
	}
	if state := second.State(); !state.SignedIn() || state.SessionID != first.State().SessionID {
		t.Fatalf("adopted %+v", state)
	}
}

// BenchmarkTokenFromMemory is the call that an app makes before each request.
func BenchmarkTokenFromMemory(b *testing.B) {
	world := mustBench(b)
	world.config.Ephemeral = true
	d := mustOpen(b, world.config)
	mustSignIn(b, d)
	ctx := context.Background()
	if _, err := d.Token(ctx); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Token(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkColdStart opens, restores from real files and closes, in process;
// what a process costs beside that is measured with the command.
func BenchmarkColdStart(b *testing.B) {
	world := mustBench(b)
	world.config.Dir = b.TempDir()
	d := mustOpen(b, world.config)
	mustSignIn(b, d)
	_ = d.Close()
	world.server.Script(conformance.Fault{Hang: true}) // the network must not matter
	ctx := context.Background()
	for b.Loop() {
		d, err := device.Open(world.config)
		if err != nil {
			b.Fatal(err)
		}
		state, err := d.Restore(ctx)
		if err != nil || !state.SignedIn() {
			b.Fatalf("restored %+v, %v", state, err)
		}
		b.StopTimer()
		_ = d.Close()
		b.StartTimer()
	}
}

// TestTenantsShareAFolderAndNothingElse: two instances whose keys end alike, in
// one folder.
func TestTenantsShareAFolderAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := mustBench(t), mustBench(t)
	a.config.Dir, b.config.Dir = dir, dir
	ctx := limited(t)

	d := mustOpen(t, a.config)
	mustSignIn(t, d)
	_ = d.Close()

	d = mustOpen(t, b.config)
	if state, err := d.Restore(ctx); err != nil || state.Kind != device.SignedOut || state.Cause != "none" {
		t.Fatalf("the other tenant sees %+v, %v", state, err)
	}
	mustSignIn(t, d)
	if err := d.SignOut(ctx); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()

	d = mustOpen(t, a.config)
	if state, err := d.Restore(ctx); err != nil || !state.SignedIn() {
		t.Fatalf("the first tenant sees %+v, %v", state, err)
	}
}

// TestJournalIsBoundedAndNoTrap: a full journal is put aside once, a line that a
// crash cut off is skipped, and a symbolic link is not followed.
func TestJournalIsBoundedAndNoTrap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := mustBench(t)
	path := filepath.Join(dir, "journal")
	b.config.Vault, b.config.Journal = memvault.New(), path
	full := strings.Repeat("{\"launch\":\"old\",\"Happening\":\"launch\"}\n", 9000) + "{\"launch\":\"cut"
	if err := os.WriteFile(path, []byte(full), 0o600); err != nil {
		t.Fatal(err)
	}
	d := mustOpen(t, b.config)
	if _, err := d.Restore(limited(t)); err != nil {
		t.Fatal(err)
	}
	var story strings.Builder
	if err := d.Explain(&story); err != nil || !strings.Contains(story.String(), "nobody is signed in") {
		t.Fatalf("%v:\n%s", err, story.String())
	}
	_ = d.Close()
	if info, err := os.Stat(path); err != nil || info.Size() > 64<<10 {
		t.Fatalf("the journal: %v, %v", info, err)
	}

	victim := filepath.Join(dir, "victim")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	b.config.Vault, b.config.Journal = memvault.New(), link
	d = mustOpen(t, b.config)
	if _, err := d.Restore(limited(t)); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if _, err := os.Stat(victim); err == nil {
		t.Fatal("the journal was written through a symbolic link")
	}
}

// TestDamagedJournalHidesNothing: a damaged stretch of any length, or a pipe in
// the place of the earlier file, neither hides the story nor holds it up.
func TestDamagedJournalHidesNothing(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	path := filepath.Join(t.TempDir(), "journal")
	b.config.Vault, b.config.Journal = memvault.New(), path
	damage := strings.Repeat("x", 128<<10) + "\n"
	if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
		t.Fatal(err)
	}
	mustPipe(t, path+".1")
	d := mustOpen(t, b.config)
	if _, err := d.Restore(limited(t)); err != nil {
		t.Fatal(err)
	}
	var story strings.Builder
	told := make(chan error, 1)
	go func() { told <- d.Explain(&story) }()
	select {
	case err := <-told:
		if err != nil || !strings.Contains(story.String(), "Launch ") {
			t.Fatalf("%v:\n%s", err, story.String())
		}
	case <-limited(t).Done():
		t.Fatal("Explain waits for a pipe")
	}
}

// What cannot be a header can be no credential: it would be stored, and every
// request with it would fail for ever.
func TestAdoptRefusesWhatCannotBePresented(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	b.config.Ephemeral = true
	d := mustOpen(t, b.config)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, credential := range []string{"", "a\r\nX: y", "a\nb", "a\x00b", "two words", "é", "\x7f", strings.Repeat("x", 9<<10)} {
		if err := d.Adopt(ctx, credential); !errors.Is(err, device.ErrInvalid) {
			t.Errorf("%.20q: %v", credential, err)
		}
		d.Offer(credential)
	}
	if state, err := d.Restore(ctx); err != nil || state.Kind != device.SignedOut {
		t.Errorf("afterwards %s (%s), %v", state.Kind, state.Cause, err)
	}
}
