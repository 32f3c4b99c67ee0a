package sqlstore_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/sqlstore"
)

// Kills of the default run, and the variable that asks for another number.
const (
	defaultKills = 50
	killsEnv     = "PERENNIAL_KILLS"
)

// Variables that make this test binary the process that is killed.
const (
	victimFileEnv  = "PERENNIAL_TEST_VICTIM_FILE"
	victimRoundEnv = "PERENNIAL_TEST_VICTIM_ROUND"
)

const victimWorkers = 8

func TestMain(m *testing.M) {
	if path := os.Getenv(victimFileEnv); path != "" {
		if err := victim(path, os.Getenv(victimRoundEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestKilledWriterLosesNothing kills a process that signs people up, out and in
// on one database, again and again at random instants, and compares what it
// acknowledged with what is stored.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	kills := defaultKills
	if n, err := strconv.Atoi(os.Getenv(killsEnv)); err == nil {
		kills = n
	}
	path := filepath.Join(t.TempDir(), "perennial.db")
	acked, ahead := 0, 0
	for round := range kills {
		acks := killOne(t, path, round)
		s := mustOpenOnce(t, path)
		for worker := range victimWorkers {
			last := acks[worker]
			acked += last
			ahead += checkWorker(t, s, round, worker, last)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	if acked == 0 {
		t.Fatal("nothing was acknowledged before any kill, so nothing was tested")
	}
	t.Logf("%d kills: all of %d acknowledged writes present, %d more were durable before their answer", kills, acked, ahead)
}

// killOne runs a victim, kills it, and returns how many steps of each worker it
// acknowledged.
func killOne(t *testing.T, path string, round int) [victimWorkers]int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFileEnv+"="+path, victimRoundEnv+"="+strconv.Itoa(round))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The delay runs from the start of the process, so that some are killed
	// while they open the file.
	kill := time.AfterFunc(time.Duration(5+rand.IntN(90))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()

	var acks [victimWorkers]int
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) { // a torn last line is no acknowledgement
			break
		}
		var worker, step int
		if _, scanErr := fmt.Sscanf(line, "%d %d\n", &worker, &step); err != nil || scanErr != nil {
			t.Fatalf("ack %q: %v, %v", line, err, scanErr)
		}
		if step != acks[worker]+1 {
			t.Fatalf("worker %d acknowledged step %d after %d", worker, step, acks[worker])
		}
		acks[worker] = step
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the victim ended by itself: %v\n%s", err, stderr.String())
	}
	return acks
}

// mustOpenOnce opens a store that the caller closes.
func mustOpenOnce(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkWorker compares the people of one worker with the steps it acknowledged,
// and returns how many more steps are stored: at most one was in flight.
func checkWorker(t *testing.T, s *sqlstore.Store, round, worker, last int) int {
	t.Helper()
	stored := 0
	for n := 0; ; n++ {
		steps, err := person{round, worker, n}.stored(t.Context(), s)
		if err != nil {
			t.Errorf("person %d of worker %d: %v", n, worker, err)
			return 0
		}
		stored += steps
		if steps < stepsPerPerson {
			break
		}
	}
	if stored < last || stored > last+1 {
		t.Errorf("worker %d acknowledged %d steps and %d are stored", worker, last, stored)
	}
	return stored - last
}

// victim signs people up, out and in with several workers until it is killed,
// and prints each step once it is durable.
func victim(path, round string) error {
	r, err := strconv.Atoi(round)
	if err != nil {
		return err
	}
	ctx := noDeadline()
	s, err := sqlstore.Open(ctx, path)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	failed := make(chan error, victimWorkers)
	for worker := range victimWorkers {
		wg.Go(func() {
			step := 0
			for n := 0; ; n++ {
				for _, ch := range (person{r, worker, n}).changes() {
					if err := s.Commit(ctx, ch); err != nil {
						failed <- err
						return
					}
					step++
					if _, err := fmt.Printf("%d %d\n", worker, step); err != nil {
						failed <- err
						return
					}
				}
			}
		})
	}
	wg.Wait()
	return <-failed
}
