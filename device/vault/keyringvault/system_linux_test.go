package keyringvault_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/keyringvault"
	"github.com/perennialauth/perennial/device/vault/vaulttest"
)

// childOrder tells a copy of the test binary to use the vault as an app would,
// with the real secret store of its session, and to print what it was told.
const childOrder = "PERENNIAL_KEYRING_ORDER"

// order is what a child does, outcome is what it saw.
type order struct {
	Dir    string
	Save   *vault.Change
	Unlock bool
	Forget string // prefix of the items to delete, past the vault
	Limit  time.Duration
}

type outcome struct {
	Loaded  vault.Loaded
	Saved   vault.Saved
	Backend keyringvault.Backend
	Reason  string
	Unlock  string
	Took    time.Duration // of the load, whatever the secret store does
}

func TestMain(m *testing.M) {
	vaulttest.WorkIfAsked(func(dir string) vault.Vault {
		return mustOpen(keyringvault.Config{Dir: dir, Tenant: tenant, Limit: 5 * time.Second})
	})
	if text := os.Getenv(childOrder); text != "" {
		obey(text)
		return
	}
	os.Exit(m.Run())
}

func obey(text string) {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	v := mustOpen(keyringvault.Config{Dir: o.Dir, Tenant: tenant, Limit: o.Limit})
	var seen outcome
	if o.Forget != "" {
		forget(o.Dir, o.Forget)
	}
	if o.Unlock {
		if err := v.Unlock(ctx); err != nil {
			seen.Unlock = err.Error()
		}
	}
	if o.Save != nil {
		seen.Saved = v.Save(ctx, *o.Save)
	}
	started := time.Now()
	seen.Loaded = v.Load(ctx)
	seen.Took = time.Since(started)
	seen.Backend, seen.Reason = v.Backend()
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		panic(err)
	}
}

// forget deletes an item of the folder's key from the secret store.
func forget(dir, prefix string) {
	data, err := os.ReadFile(filepath.Join(dir, "vault.keyring"))
	if err != nil {
		panic(err)
	}
	var p struct{ Keys []string }
	if err := json.Unmarshal(data, &p); err != nil {
		panic(err)
	}
	if err := keyring.Delete("perennial", prefix+p.Keys[0]); err != nil {
		panic(err)
	}
}

// tell runs an order in a process with the given environment.
func tell(t *testing.T, env []string, o order) outcome {
	t.Helper()
	if o.Limit == 0 {
		o.Limit = 10 * time.Second
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env = append(env, childOrder+"="+string(text))
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("child: %v", err)
	}
	var seen outcome
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("child printed %q: %v", out, err)
	}
	return seen
}

func change(previous, next uint64, body string) *vault.Change {
	c := &vault.Change{Next: version(next), Body: []byte(body)}
	if previous > 0 {
		c.Previous = version(previous)
	}
	return c
}

// withRecord starts an unlocked keyring and a folder with generation 4 sealed
// under a key in it.
func withRecord(t *testing.T) (*secretService, string) {
	t.Helper()
	s, dir := newSecretService(t), t.TempDir()
	s.startUnlocked()
	seen := tell(t, s.env(), order{Dir: dir, Save: change(0, 4, "four")})
	if seen.Saved.Answer != vault.Stored || seen.Backend != keyringvault.Keyring {
		t.Fatalf("first save: %+v", seen)
	}
	return s, dir
}

func wantRecord(t *testing.T, seen outcome) {
	t.Helper()
	if seen.Loaded.Answer != vault.Found || seen.Loaded.Version != version(4) || string(seen.Loaded.Body) != "four" {
		t.Errorf("got %s %v %q, want generation 4", seen.Loaded.Answer, seen.Loaded.Version, seen.Loaded.Detail)
	}
}

func TestGnomeKeyringRestores(t *testing.T) {
	t.Parallel()
	s, dir := withRecord(t)
	wantRecord(t, tell(t, s.env(), order{Dir: dir}))
	if _, err := os.Stat(filepath.Join(dir, "vault.key")); !os.IsNotExist(err) {
		t.Errorf("a key file lies beside the records: %v", err)
	}
	// A reboot: the daemon starts anew and the login opens the keyring.
	s.kill()
	s.startUnlocked()
	wantRecord(t, tell(t, s.env(), order{Dir: dir}))
}

// locked-read-as-absent, with a real lock.
func TestGnomeKeyringLocked(t *testing.T) {
	t.Parallel()
	s, dir := withRecord(t)
	before := contents(t, dir)
	for _, how := range []string{"locked while running", "locked since its start"} {
		if how == "locked since its start" {
			s.kill()
			s.startLocked()
		} else {
			s.lock()
		}
		seen := tell(t, s.env(), order{Dir: dir, Save: change(0, 1, "shadow")})
		if seen.Loaded.Answer != vault.Locked || seen.Saved.Answer != vault.Locked {
			t.Errorf("%s: got load %s (%s), save %s, want locked",
				how, seen.Loaded.Answer, seen.Loaded.Detail, seen.Saved.Answer)
		}
		if strings.Contains(s.output.String(), "prompt") {
			t.Errorf("%s: a load or save tried to show a prompt: %s", how, s.output.String())
		}
		if after := contents(t, dir); after != before {
			t.Errorf("%s: the files changed", how)
		}
		s.unlock()
		wantRecord(t, tell(t, s.env(), order{Dir: dir}))
	}
	s.lock()
	// No prompter runs here, so asking must end, and say that it is locked.
	seen := tell(t, s.env(), order{Dir: dir, Unlock: true})
	if !strings.HasPrefix(seen.Unlock, string(vault.Locked)) {
		t.Errorf("unlock with nobody there: %q", seen.Unlock)
	}
	if !strings.Contains(s.output.String(), "prompt") {
		t.Error("unlock did not try to show a prompt")
	}
}

func TestGnomeKeyringUnreachable(t *testing.T) {
	t.Parallel()
	s, dir := withRecord(t)
	before := contents(t, dir)
	late := 300 * time.Millisecond
	conditions := []struct {
		name         string
		begin, end   func()
		env          []string
		want         vault.Answer
		limit, bound time.Duration
	}{
		{
			name: "hangs", begin: func() { s.signal(syscall.SIGSTOP) }, end: func() { s.signal(syscall.SIGCONT) },
			env: s.env(), want: vault.Failed, limit: late, bound: 5 * time.Second,
		},
		{
			name: "denies", begin: func() { s.deny(true) }, end: func() { s.deny(false) },
			env: s.env(), want: vault.AccessDenied,
		},
		{name: "no bus", begin: func() {}, end: func() {}, env: []string{"HOME=" + s.dir}, want: vault.Failed},
		{
			name: "bus gone", begin: func() {}, end: func() {}, want: vault.Failed,
			env: []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=" + s.path("nothing")},
		},
		{name: "no service", begin: s.kill, end: s.startUnlocked, env: s.env(), want: vault.Failed},
	}
	for _, condition := range conditions {
		condition.begin()
		seen := tell(t, condition.env, order{Dir: dir, Limit: condition.limit})
		if seen.Loaded.Answer != condition.want {
			t.Errorf("%s: got %s (%s), want %s", condition.name, seen.Loaded.Answer, seen.Loaded.Detail, condition.want)
		}
		if condition.bound > 0 && seen.Took > condition.bound {
			t.Errorf("%s: the load took %v", condition.name, seen.Took)
		}
		if after := contents(t, dir); after != before {
			t.Errorf("%s: the files changed", condition.name)
		}
		condition.end()
		wantRecord(t, tell(t, s.env(), order{Dir: dir}))
		t.Logf("%s: %s after %v: %s", condition.name, seen.Loaded.Answer, seen.Took.Round(time.Millisecond/10), seen.Loaded.Detail)
	}
}

func TestGnomeKeyringKeyGone(t *testing.T) {
	t.Parallel()
	s, dir := withRecord(t)
	seen := tell(t, s.env(), order{Dir: dir, Forget: "vault key "})
	if seen.Loaded.Answer != vault.KeyMissing {
		t.Errorf("without the key: got %s %s, want key-missing", seen.Loaded.Answer, seen.Loaded.Detail)
	}
	seen = tell(t, s.env(), order{Dir: dir, Save: &vault.Change{Next: version(1), Body: []byte("new"), Beside: true}})
	if seen.Saved.Answer != vault.Stored || seen.Loaded.Version != version(1) || seen.Backend != keyringvault.Keyring {
		t.Errorf("sign-in after that: %+v", seen)
	}
}

func TestGnomeKeyringReset(t *testing.T) {
	t.Parallel()
	s, dir := withRecord(t)
	s.reset()
	if seen := tell(t, s.env(), order{Dir: dir}); seen.Loaded.Answer != vault.AccessDenied {
		t.Errorf("another keyring: got %s %s, want access-denied", seen.Loaded.Answer, seen.Loaded.Detail)
	}
}

// A first sign-in while the keyring is locked works and is kept; the keyring
// takes over at the first save after it was opened.
func TestGnomeKeyringTakesOver(t *testing.T) {
	t.Parallel()
	s, dir := newSecretService(t), t.TempDir()
	s.startUnlocked()
	s.lock()
	seen := tell(t, s.env(), order{Dir: dir, Save: change(0, 4, "four")})
	if seen.Saved.Answer != vault.Stored || seen.Backend != keyringvault.KeyFile {
		t.Fatalf("sign-in while locked: %+v", seen)
	}
	t.Logf("while locked: %s", seen.Reason)
	wantRecord(t, tell(t, s.env(), order{Dir: dir}))
	s.unlock()
	seen = tell(t, s.env(), order{Dir: dir, Save: change(4, 5, "five")})
	if seen.Saved.Answer != vault.Stored || seen.Backend != keyringvault.Keyring {
		t.Fatalf("save after unlocking: %+v", seen)
	}
	s.lock()
	if seen := tell(t, s.env(), order{Dir: dir}); seen.Loaded.Answer != vault.Locked {
		t.Errorf("locked again: got %s %v, want locked and not the older record", seen.Loaded.Answer, seen.Loaded.Version)
	}
}

// Not parallel: the processes inherit this one's environment.
func TestGnomeKeyringProcesses(t *testing.T) {
	s := newSecretService(t)
	s.startUnlocked()
	for _, pair := range s.env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	vaulttest.Processes(t, func(dir string) vault.Vault {
		return mustOpen(keyringvault.Config{Dir: dir, Tenant: tenant, Limit: 5 * time.Second})
	}, 700*time.Millisecond)
}
