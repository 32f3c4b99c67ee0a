package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// On a terminal login asks for what is missing, and a password is not shown.
func TestLoginAsksOnATerminal(t *testing.T) {
	t.Parallel()
	perennial := mustBuildPerennial(t)
	stub := newFrontendStub(t)
	master, slave := mustOpenTerminal(t)
	command := exec.Command(perennial, "login", "--sign-up")
	command.Env = append(os.Environ(), envHome+"="+t.TempDir(), envKey+"="+keyOne, envServer+"="+stub.URL, envCA+"=")
	command.Stdin, command.Stdout, command.Stderr = slave, slave, slave
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	screen := &screen{t: t, master: master}
	screen.await("Email address: ")
	screen.enter("ada@example.com")
	screen.await("New password")
	screen.enter("hush-hush-hush")
	screen.await("Code sent to ada@example.com: ")
	screen.enter(stubCode)
	screen.await("Signed in as ada")
	if err := command.Wait(); err != nil {
		t.Errorf("login: %v\n%s", err, screen.seen)
	}
	if strings.Contains(screen.seen, "hush") {
		t.Errorf("the password was shown: %q", screen.seen)
	}
}

// screen reads what a process shows on its terminal.
type screen struct {
	t      *testing.T
	master *os.File
	seen   string
}

func (s *screen) await(text string) {
	s.t.Helper()
	_ = s.master.SetReadDeadline(time.Now().Add(20 * time.Second))
	buffer := make([]byte, 4096)
	for !strings.Contains(s.seen, text) {
		n, err := s.master.Read(buffer)
		s.seen += string(buffer[:n])
		if err != nil && !strings.Contains(s.seen, text) {
			s.t.Fatalf("the terminal never showed %q: %v\n%s", text, err, s.seen)
		}
	}
}

func (s *screen) enter(text string) {
	if _, err := s.master.WriteString(text + "\n"); err != nil {
		s.t.Fatal(err)
	}
}

// mustOpenTerminal makes a pseudo terminal.
func mustOpenTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	master = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { _ = master.Close() })
	return master, slave
}
