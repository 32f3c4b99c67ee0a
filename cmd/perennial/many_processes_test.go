package main

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Real processes share one state folder: some ask for tokens, some confirm,
// some are killed on the way. Nobody may ever be told that the session is over,
// and after a sign-out nobody may bring it back.
func TestManyProcessesOneSession(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a hundred processes")
	}
	t.Parallel()
	perennial := mustBuildPerennial(t)
	stub := newFrontendStub(t)
	home := t.TempDir()
	p := processes{binary: perennial, home: home, server: stub.URL}
	p.must(t, 0, "login", "--email", "ada@example.com", "--strategy", "email_code")
	p.must(t, 0, "login", "--code", stubCode)

	// A busy machine may keep the store from answering in time. Nothing is lost by
	// saying so; the commands that must succeed, in between, find a stuck one.
	var slow atomic.Int64
	isSlow := func(status int, output string) bool {
		if status != exitUndetermined || !strings.Contains(output, "storage-slow") {
			return false
		}
		slow.Add(1)
		return true
	}

	stub.set(func() { stub.rotating = true })
	crowd(t, 8, soak(t), func() {
		status, output := p.run(t, randomKill(), pick(
			[]string{"whoami", "--wait", "confirmed", "--timeout", "20s"},
			[]string{"token", "--fresh"}, []string{"token"}, []string{"whoami"}, []string{"explain"},
		)...)
		if status != 0 && status != killed && !isSlow(status, output) {
			t.Errorf("exit status %d while signed in: %s", status, output)
		}
	})
	p.must(t, 0, "whoami", "--wait", "confirmed")

	// Sign out in the middle of the crowd.
	var once sync.Once
	signedOut := make(chan struct{})
	crowd(t, 8, soak(t), func() {
		once.Do(func() {
			p.must(t, 0, "logout")
			close(signedOut)
		})
		after := isClosed(signedOut)
		status, output := p.run(t, randomKill(), pick([]string{"whoami"}, []string{"token", "--fresh"}, []string{"whoami", "--wait", "confirmed"})...)
		switch {
		case status == killed, status == exitSignedOut:
		case status == 0 && !after:
		case isSlow(status, output):
		default:
			t.Errorf("exit status %d (begun after the sign-out: %v): %s", status, after, output)
		}
	})
	p.must(t, exitSignedOut, "whoami")
	t.Logf("%d processes were told that the store is slow", slow.Load())
	if stub.removals() == 0 {
		t.Error("the server was never told of the sign-out")
	}
}

// soak is how long each half lasts: two seconds, or what PERENNIAL_SOAK says
// ("5m" for a night).
func soak(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("PERENNIAL_SOAK")
	if text == "" {
		return 2 * time.Second
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PERENNIAL_SOAK: %v", err)
	}
	return duration
}

// killed is the status of a process that was killed.
const killed = -1

type processes struct{ binary, home, server, key string } // key is keyOne when empty

// run starts one command and kills it after a while unless after is zero.
func (p processes) run(tb testing.TB, after time.Duration, args ...string) (int, string) {
	tb.Helper()
	command := exec.Command(p.binary, args...)
	command.Env = append(os.Environ(), envHome+"="+p.home, envKey+"="+cmp.Or(p.key, keyOne), envServer+"="+p.server, envCA+"=")
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		tb.Error(err)
		return 1, ""
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = command.Process.Kill() })
		defer timer.Stop()
	}
	err := command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Error(err)
	}
	return command.ProcessState.ExitCode(), output.String()
}

func (p processes) must(tb testing.TB, want int, args ...string) {
	tb.Helper()
	if status, output := p.run(tb, 0, args...); status != want {
		tb.Errorf("perennial %s: exit status %d, want %d: %s", strings.Join(args, " "), status, want, output)
	}
}

// crowd runs work again and again in n goroutines for a while.
func crowd(t *testing.T, n int, duration time.Duration, work func()) {
	t.Helper()
	end := time.Now().Add(duration)
	var group sync.WaitGroup
	var runs atomic.Int64
	for range n {
		group.Go(func() {
			for time.Now().Before(end) && !t.Failed() {
				work()
				runs.Add(1)
			}
		})
	}
	group.Wait()
	t.Logf("%d processes", runs.Load())
}

// randomKill is zero for half of the processes.
func randomKill() time.Duration {
	if rand.N(2) == 0 {
		return 0
	}
	return rand.N(60*time.Millisecond) + 1
}

func pick(choices ...[]string) []string { return choices[rand.N(len(choices))] }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
