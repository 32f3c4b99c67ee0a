package vaulttest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/vault"
)

// workerFolder tells a copy of the test binary to work on a vault instead of
// running tests.
const workerFolder = "PERENNIAL_VAULTTEST_FOLDER"

// WorkIfAsked must be the first call of an adapter's TestMain. In a child
// process of [Processes] it increments the counter until its input ends and
// then exits, printing each generation it stored.
func WorkIfAsked(open func(dir string) vault.Vault) {
	dir := os.Getenv(workerFolder)
	if dir == "" {
		return
	}
	// The parent closes our input to stop us, also by dying.
	stop := make(chan struct{})
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		close(stop)
	}()
	v := open(dir)
	for {
		select {
		case <-stop:
			os.Exit(0)
		default:
			increment(v)
		}
	}
}

func increment(v vault.Vault) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	loaded := v.Load(ctx)
	next := generation(loaded.Version.Generation + 1)
	switch loaded.Answer {
	case vault.Found, vault.Absent:
	default:
		fmt.Printf("bad load %s %s\n", loaded.Answer, loaded.Detail)
		return
	}
	saved := v.Save(ctx, vault.Change{Previous: loaded.Version, Next: next, Body: fmt.Append(nil, os.Getpid())})
	switch saved.Answer {
	case vault.Stored:
		fmt.Printf("stored %d\n", next.Generation)
	case vault.Conflict, vault.Locked:
	default:
		fmt.Printf("bad save %s %s\n", saved.Answer, saved.Detail)
	}
}

// Processes lets real processes advance one counter for a while, kills half of
// them in the middle of their work, and then checks that no generation was
// stored twice, none acknowledged is missing, no reader ever met anything but
// a whole record, and the dead left no lock behind.
func Processes(t *testing.T, open func(dir string) vault.Vault, duration time.Duration) {
	t.Helper()
	dir := t.TempDir()
	const workers = 6
	var group sync.WaitGroup
	outputs := make([]string, workers)
	for i := range workers {
		group.Go(func() { outputs[i] = runWorker(t, dir, duration, i%2 == 0) })
	}
	group.Wait()

	owner := map[uint64]int{}
	highest := uint64(0)
	for i, output := range outputs {
		for line := range strings.Lines(output) {
			number, ok := strings.CutPrefix(strings.TrimSpace(line), "stored ")
			n, err := strconv.ParseUint(number, 10, 64)
			if !ok || err != nil {
				t.Errorf("worker %d: %s", i, strings.TrimSpace(line))
				continue
			}
			if other, taken := owner[n]; taken {
				t.Errorf("generation %d was stored by worker %d and by worker %d", n, other, i)
			}
			owner[n] = i
			highest = max(highest, n)
		}
	}
	if len(owner) < workers {
		t.Errorf("only %d generations were stored", len(owner))
	}
	loaded := open(dir).Load(within(t))
	if loaded.Answer != vault.Found || loaded.Version.Generation < highest {
		t.Fatalf("after the race: %s generation %d %s, want found and at least %d",
			loaded.Answer, loaded.Version.Generation, loaded.Detail, highest)
	}
	mustSave(t, open(dir), loaded.Version, generation(loaded.Version.Generation+1), []byte("after"))
	t.Logf("%d generations stored by %d processes, %d of them killed", loaded.Version.Generation, workers, workers/2)
}

func runWorker(t *testing.T, dir string, duration time.Duration, kill bool) string {
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), workerFolder+"="+dir)
	input, err := command.StdinPipe()
	if err != nil {
		t.Error(err)
		return ""
	}
	var output strings.Builder
	command.Stdout = &output
	if err := command.Start(); err != nil {
		t.Error(err)
		return ""
	}
	timer := time.AfterFunc(duration, func() {
		if kill {
			_ = command.Process.Kill()
		}
		_ = input.Close()
	})
	defer timer.Stop()
	_ = command.Wait()
	return output.String()
}
