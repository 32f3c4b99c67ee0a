//go:build linux

package keyringvault_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// secretService is a real gnome-keyring on a private message bus, with a home
// of its own. Nothing of the machine's session is touched.
type secretService struct {
	t       *testing.T
	dir     string
	address string
	bus     *exec.Cmd
	daemon  *exec.Cmd
	control *dbus.Conn
	output  lockedBuffer
}

const (
	secretsName  = "org.freedesktop.secrets"
	secretsPath  = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath    = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	masterPhrase = "open sesame"
	// startLimit bounds the start of a daemon on a busy machine.
	startLimit = 20 * time.Second
)

// newSecretService starts a bus; the keyring is started by startUnlocked.
func newSecretService(t *testing.T) *secretService {
	t.Helper()
	if testing.Short() {
		t.Skip("starts real services; the full run does it")
	}
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s (Debian packages dbus and gnome-keyring)", program)
		}
	}
	// A socket's path may have 107 bytes, fewer than a test's own folder.
	dir, err := os.MkdirTemp("", "ss")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &secretService{t: t, dir: dir}
	s.writePolicy("")
	s.bus = exec.Command("dbus-daemon", "--config-file="+s.path("bus.conf"), "--nofork", "--nopidfile", "--print-address")
	out, err := s.bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.start(s.bus)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("message bus: %v", err)
	}
	s.address = strings.TrimSpace(line)
	if s.control, err = dbus.Connect(s.address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.control.Close() })
	return s
}

func (s *secretService) path(name string) string { return filepath.Join(s.dir, name) }

// writePolicy writes the bus configuration. It names no folder of services, so
// the bus starts none by itself.
func (s *secretService) writePolicy(rules string) {
	config := `<busconfig><type>session</type><listen>unix:path=` + s.path("bus") + `</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>` + rules + `</policy></busconfig>`
	write(s.t, s.path("bus.conf"), []byte(config))
}

// deny makes the bus refuse every call to the secret service, or ends that.
func (s *secretService) deny(deny bool) {
	s.t.Helper()
	rules := ""
	if deny {
		rules = `<deny send_destination="` + secretsName + `"/>`
	}
	s.writePolicy(rules)
	call := s.control.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0)
	if call.Err != nil {
		s.t.Fatal(call.Err)
	}
}

// env is the environment of a process that belongs to this session.
func (s *secretService) env() []string {
	return []string{
		"DBUS_SESSION_BUS_ADDRESS=" + s.address, "XDG_RUNTIME_DIR=" + s.dir,
		"XDG_DATA_HOME=" + s.path("data"), "HOME=" + s.dir, "PATH=" + os.Getenv("PATH"),
	}
}

// startUnlocked starts the keyring as a login does, with the user's password.
func (s *secretService) startUnlocked() {
	s.t.Helper()
	s.startDaemon("--unlock", masterPhrase)
	// The login collection exists once it answers.
	s.unlock()
}

// startLocked starts the keyring as after an automatic login: nobody gave a
// password.
func (s *secretService) startLocked() { s.t.Helper(); s.startDaemon("--components=secrets", "") }

func (s *secretService) startDaemon(flag, input string) {
	s.t.Helper()
	owner := make(chan *dbus.Signal, 16)
	s.control.Signal(owner)
	defer s.control.RemoveSignal(owner)
	match := []dbus.MatchOption{
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secretsName),
	}
	if err := s.control.AddMatchSignal(match...); err != nil {
		s.t.Fatal(err)
	}
	s.daemon = exec.Command("gnome-keyring-daemon", "--foreground", "--components=secrets", flag)
	s.daemon.Env = s.env()
	s.daemon.Stdin = strings.NewReader(input)
	s.daemon.Stdout, s.daemon.Stderr = &s.output, &s.output
	s.start(s.daemon)
	deadline := time.After(startLimit)
	for {
		select {
		case change := <-owner:
			if len(change.Body) == 3 && change.Body[2] != "" {
				return
			}
		case <-deadline:
			s.t.Fatalf("the keyring did not start: %s", s.output.String())
		}
	}
}

func (s *secretService) start(command *exec.Cmd) {
	s.t.Helper()
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { end(command) })
}

// end kills a process, also a stopped one, and waits for it.
func end(command *exec.Cmd) {
	if command.ProcessState == nil {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}

func (s *secretService) kill() { end(s.daemon) }

func (s *secretService) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.daemon.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

func (s *secretService) lock() {
	s.t.Helper()
	call := s.control.Object(secretsName, secretsPath).Call(
		"org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{loginPath})
	if call.Err != nil {
		s.t.Fatal(call.Err)
	}
}

// unlock gives the password in the place of the person at the prompt.
func (s *secretService) unlock() {
	s.t.Helper()
	service := s.control.Object(secretsName, secretsPath)
	var ignored dbus.Variant
	var session dbus.ObjectPath
	err := service.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&ignored, &session)
	if err != nil {
		s.t.Fatal(err)
	}
	secret := struct {
		Session           dbus.ObjectPath
		Parameters, Value []byte
		ContentType       string
	}{session, []byte{}, []byte(masterPhrase), "text/plain"}
	const unlock = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword"
	if err := service.Call(unlock, 0, loginPath, secret).Err; err != nil {
		s.t.Fatal(err)
	}
}

// reset is what happens to a person who forgot the password: a new, empty
// keyring in the place of the old one.
func (s *secretService) reset() {
	s.t.Helper()
	s.kill()
	if err := os.RemoveAll(s.path("data")); err != nil {
		s.t.Fatal(err)
	}
	s.startUnlocked()
}

// lockedBuffer collects what several processes print.
type lockedBuffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}
