package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// person sits at a terminal in which a command runs.
type person struct {
	t       *testing.T
	command *exec.Cmd
	master  *os.File
	before  unix.Termios
	seen    string // everything that was sent to the terminal
}

// sitDown starts a command on a terminal of 100 columns.
func sitDown(t *testing.T, environment []string, args ...string) *person {
	t.Helper()
	perennial := mustBuildPerennial(t)
	master, slave := mustOpenTerminal(t)
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 60, Col: 100}); err != nil {
		t.Fatal(err)
	}
	before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, master: master, before: *before, command: exec.Command(perennial, args...)}
	for _, name := range []string{envKey, envServer, envCA, envPassword, envPlain, "ACCESSIBLE", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY"} {
		p.command.Env = append(p.command.Env, name+"=")
	}
	p.command.Env = append(append(os.Environ(), p.command.Env...), environment...)
	p.command.Stdin, p.command.Stdout, p.command.Stderr = slave, slave, slave
	p.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	return p
}

// await reads until the screen shows a text.
func (p *person) await(text string) {
	p.t.Helper()
	p.awaitUntil(text, func() bool { return strings.Contains(p.screen(), text) })
}

// awaitUntil reads until what is shown is what was waited for.
func (p *person) awaitUntil(what string, shown func() bool) {
	p.t.Helper()
	_ = p.master.SetReadDeadline(time.Now().Add(30 * time.Second))
	buffer := make([]byte, 4096)
	for !shown() {
		n, err := p.master.Read(buffer)
		p.seen += string(buffer[:n])
		if err != nil && !shown() {
			p.t.Fatalf("the terminal never showed %q: %v\n%s\n%q", what, err, p.screen(), p.seen)
		}
	}
}

func (p *person) screen() string { return onScreen(p.seen) }

// press types keys as they are.
func (p *person) press(keys string) {
	p.t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// enter types a line. A terminal sends a carriage return for Enter.
func (p *person) enter(text string) { p.t.Helper(); p.press(text + "\r") }

// mustEnd reads to the end of the command.
func (p *person) mustEnd(status int) {
	p.t.Helper()
	_ = p.master.SetReadDeadline(time.Now().Add(30 * time.Second))
	buffer := make([]byte, 4096)
	for {
		n, err := p.master.Read(buffer)
		p.seen += string(buffer[:n])
		if err != nil {
			break
		}
	}
	err := p.command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	if got := p.command.ProcessState.ExitCode(); got != status {
		p.t.Fatalf("exit status %d, want %d\n%s", got, status, p.screen())
	}
	after, err := unix.IoctlGetTermios(int(p.master.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	if after.Lflag != p.before.Lflag || after.Iflag != p.before.Iflag || after.Oflag != p.before.Oflag {
		p.t.Error("the terminal is not as it was")
	}
}

// onScreen is what a terminal without extras (vt220) shows of all that was sent
// to it: enough of ECMA-48 for what is drawn here.
func onScreen(sent string) string {
	var rows [][]rune
	x, y := 0, 0
	put := func(r rune) {
		for len(rows) <= y {
			rows = append(rows, nil)
		}
		for len(rows[y]) <= x {
			rows[y] = append(rows[y], ' ')
		}
		rows[y][x] = r
		x++
	}
	text := []rune(sent)
	for i := 0; i < len(text); i++ {
		switch r := text[i]; r {
		case '\r':
			x = 0
		case '\n':
			y++
		case '\b':
			x = max(x-1, 0)
		case '\x1b':
			if i+1 < len(text) && text[i+1] == 'M' { // one line up
				y = max(y-1, 0)
			}
			if i+1 >= len(text) || text[i+1] != '[' {
				i++
				continue
			}
			end := i + 2
			for end < len(text) && (text[end] < '@' || text[end] > '~') {
				end++
			}
			if end < len(text) {
				rows, x, y = control(rows, x, y, text[end], string(text[i+2:end]))
			}
			i = end
		default:
			if r >= ' ' {
				put(r)
			}
		}
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = strings.TrimRight(string(row), " ")
	}
	return strings.Join(lines, "\n")
}

// control performs one control sequence.
func control(rows [][]rune, x, y int, final rune, parameters string) (_ [][]rune, column, line int) {
	n, err := strconv.Atoi(parameters)
	if err != nil || n == 0 {
		n = 1
	}
	switch final {
	case 'A':
		y = max(y-n, 0)
	case 'B':
		y += n
	case 'C':
		x += n
	case 'D':
		x = max(x-n, 0)
	case 'G':
		x = n - 1
	case 'J', 'K':
		if y < len(rows) && parameters != "1" && parameters != "2" {
			rows[y] = rows[y][:min(x, len(rows[y]))]
		}
		if final == 'J' && y+1 < len(rows) && parameters != "1" {
			rows = rows[:y+1]
		}
	case 'L':
		if y < len(rows) {
			rows = append(rows[:y:y], append(make([][]rune, n), rows[y:]...)...)
		}
	case 'M':
		if y < len(rows) {
			rows = append(rows[:y:y], rows[min(y+n, len(rows)):]...)
		}
	}
	return rows, x, y
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
