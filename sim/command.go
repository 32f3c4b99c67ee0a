package sim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Op is what a command does.
type Op string

// What can be done to the world. Process says which process of a device, Device
// which device, and neither the server.
const (
	OpLaunch     Op = "launch"
	OpKill       Op = "kill"
	OpKillAfter  Op = "kill-after" // N effects from now, wherever that is
	OpSignIn     Op = "sign-in"
	OpSendCode   Op = "send-code"  // begin to sign in with a code
	OpEnterCode  Op = "enter-code" // and end, perhaps in another process
	OpSecond     Op = "second-factor"
	OpSignUp     Op = "sign-up"      // as a new person, with a code
	OpReset      Op = "reset"        // ask for a code to choose a new password with
	OpPassword   Op = "new-password" // choose it; N=1 ends the other sessions
	OpAbandon    Op = "abandon"      // drop what was begun
	OpAdopt      Op = "adopt"        // a credential that another SDK obtained is handed over
	OpSignOut    Op = "sign-out"
	OpToken      Op = "token"
	OpFreshToken Op = "fresh-token"
	OpNudge      Op = "nudge"
	OpExpect     Op = "expect" // the verdict must be Arg now; scenarios only

	OpDisk      Op = "disk"      // fault Arg for N milliseconds
	OpPowerCut  Op = "power-cut" // way N of losing what was not flushed
	OpNet       Op = "net"       // fault Arg for the next N exchanges
	OpClock     Op = "clock"     // N milliseconds are added to the wall clock, or it is set to the year Arg
	OpSwitchKey Op = "switch-key"
	OpDestroy   Op = "destroy" // Arg of the stored record for good; scenarios only

	OpDown    Op = "down"    // unreachable for N milliseconds
	OpTrouble Op = "trouble" // its store fails for N milliseconds
	OpCrash   Op = "crash"   // and starts again
	OpRevoke  Op = "revoke"  // the session of a device
	OpDelete  Op = "delete"  // the user of a device
	OpTask    Op = "task"    // the session of a device has a task to do, or has done it
	OpBackup  Op = "backup"  // its database is copied
	OpRestore Op = "restore" // and the copy put in its place
	OpLag     Op = "lag"     // for N milliseconds clients are read from a copy as old as this
)

// Command is one thing that happens from outside, after a pause.
type Command struct {
	Pause   int64 // milliseconds
	Op      Op
	Device  int // 0 is "a"
	Process int // 1 is the first; 0 is the device itself or, with Device -1, the server
	Arg     string
	N       int64
}

// String is the form that [ParseCommands] reads.
func (c Command) String() string {
	var b strings.Builder
	if c.Pause > 0 {
		fmt.Fprintf(&b, "wait %v\n", time.Duration(c.Pause)*time.Millisecond)
	}
	b.WriteString(c.subject())
	b.WriteByte(' ')
	b.WriteString(string(c.Op))
	if c.Arg != "" {
		b.WriteString(" " + c.Arg)
	}
	if c.N != 0 {
		if c.timed() {
			fmt.Fprintf(&b, " %v", time.Duration(c.N)*time.Millisecond)
		} else {
			fmt.Fprintf(&b, " %d", c.N)
		}
	}
	return b.String()
}

func (c Command) subject() string {
	switch {
	case c.onServer():
		if c.Op == OpRevoke || c.Op == OpDelete || c.Op == OpTask {
			return "server of " + deviceName(c.Device)
		}
		return "server"
	case c.Process == 0:
		return deviceName(c.Device)
	default:
		return deviceName(c.Device) + strconv.Itoa(c.Process)
	}
}

func deviceName(i int) string { return string(rune('a' + i)) }

func (c Command) onServer() bool {
	switch c.Op {
	case OpDown, OpTrouble, OpCrash, OpRevoke, OpDelete, OpTask, OpBackup, OpRestore, OpLag:
		return true
	default:
		return false
	}
}

// timed reports whether N is a duration.
func (c Command) timed() bool {
	switch c.Op {
	case OpDisk, OpClock, OpDown, OpTrouble, OpLag:
		return true
	default:
		return false
	}
}

// ParseCommands reads what [Command.String] wrote, one command a line. A line
// "wait 3s" is the pause before the next command.
func ParseCommands(text string) ([]Command, error) {
	var list []Command
	var pause int64
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if words[0] == "wait" && len(words) == 2 {
			d, err := time.ParseDuration(words[1])
			if err != nil {
				return nil, err
			}
			pause += d.Milliseconds()
			continue
		}
		c, err := parseCommand(words)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", strings.TrimSpace(line), err)
		}
		c.Pause, pause = pause, 0
		list = append(list, c)
	}
	return list, nil
}

func parseCommand(words []string) (Command, error) {
	c := Command{}
	if words[0] == "server" {
		if len(words) > 2 && words[1] == "of" {
			c.Device = int(words[2][0] - 'a')
			words = words[2:]
		}
	} else {
		name := words[0]
		c.Device = int(name[0] - 'a')
		if len(name) > 1 {
			n, err := strconv.Atoi(name[1:])
			if err != nil {
				return c, err
			}
			c.Process = n
		}
	}
	if c.Device < 0 || c.Device >= maxDevices || c.Process < 0 || c.Process > maxProcesses || len(words) < 2 {
		return c, fmt.Errorf("no such device or process")
	}
	c.Op = Op(words[1])
	for _, word := range words[2:] {
		n, err := strconv.ParseInt(word, 10, 64)
		if err == nil && !c.timed() && (c.Op != OpNet || c.Arg != "") { // some faults are called by a number
			c.N = n
			continue
		}
		if d, err := time.ParseDuration(word); err == nil && c.timed() {
			c.N = d.Milliseconds()
			continue
		}
		c.Arg = strings.TrimSpace(c.Arg + " " + word)
	}
	return c, c.check()
}

// check refuses what no world can do: a story with a slip of the pen would test
// nothing.
func (c Command) check() error {
	var known bool
	switch c.Op {
	case OpDisk:
		known = slices.Contains(DiskFaults(), c.Arg)
	case OpNet:
		known = slices.Contains(NetFaults(), c.Arg)
	case OpDestroy:
		known = c.Arg == "record" || c.Arg == "key"
	case OpExpect:
		known = c.Arg != ""
	case OpClock:
		known = c.Arg == "" || c.Arg == clock1970 || c.Arg == clock2100
	case OpLaunch, OpKill, OpKillAfter, OpSignIn, OpSendCode, OpEnterCode, OpSecond, OpSignUp, OpReset, OpPassword, OpAbandon,
		OpAdopt, OpSignOut, OpToken, OpFreshToken, OpNudge, OpPowerCut, OpSwitchKey, OpDown, OpTrouble, OpCrash, OpRevoke,
		OpDelete, OpTask, OpBackup, OpRestore, OpLag:
		known = c.Arg == ""
	default:
		return errors.New("no such command")
	}
	if !known {
		return fmt.Errorf("%s of %q is not known", c.Op, c.Arg)
	}
	return nil
}
