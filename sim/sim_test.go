package sim_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/perennialauth/perennial/sim"
)

// How long a plan is: short enough to read, long enough for faults to meet.
const planLength = 60

// TestCoreAlone launches the device machine against a server in a few lines.
// PERENNIAL_SIM_LAUNCHES asks for more launches than the usual,
// PERENNIAL_SIM_FROM begins after that seed, and PERENNIAL_SIM_SEED plays one
// seed, with its transcript.
func TestCoreAlone(t *testing.T) {
	t.Parallel()
	want := number(t, "PERENNIAL_SIM_LAUNCHES", 20_000)
	if testing.Short() {
		want /= 4
	}
	explore(t, sim.Config{}, func(s sim.Stats, _ int) bool { return s.Launches < want })
}

// explore runs seeds for as long as more says so, on all processors.
func explore(t *testing.T, config sim.Config, more func(sim.Stats, int) bool) {
	t.Helper()
	if seed := number(t, "PERENNIAL_SIM_SEED", 0); seed != 0 {
		config.Seed, config.Record = sim.Dice(seed), true
		outcome := mustRun(t, config, sim.Plan(config.Seed, planLength))
		t.Logf("seed %d:\n%s", seed, outcome.Transcript)
		report(t, config, outcome.Broken)
		return
	}
	var mu sync.Mutex
	var total sim.Stats
	var next, failed atomic.Int64
	from := int64(number(t, "PERENNIAL_SIM_FROM", 0))
	start := time.Now()
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for failed.Load() == 0 {
				seed := next.Add(1)
				mu.Lock()
				ok := more(total, int(seed))
				mu.Unlock()
				if !ok {
					return
				}
				c := config
				seed += from
				c.Seed = sim.Dice(seed)
				outcome, err := sim.Run(c, sim.Plan(c.Seed, planLength))
				mu.Lock()
				total.Add(outcome.Stats)
				mu.Unlock()
				if err != nil {
					t.Error(err)
					failed.Store(seed)
				}
				if outcome.Broken != nil && failed.CompareAndSwap(0, seed) {
					report(t, c, outcome.Broken)
				}
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	t.Logf("%d seeds, %d launches (%.0f a minute), %d read a session, %d of them showed it at once and %d were held back by the offline limit, %d steps, %d requests, in %v",
		next.Load()-1, total.Launches, float64(total.Launches)/took.Minutes(), total.Stored, total.Restored, total.Limited, total.Steps, total.Requests, took.Round(time.Millisecond))
}

// report fails the test with everything that is needed to look into it.
func report(t *testing.T, config sim.Config, broken error) {
	t.Helper()
	if broken == nil {
		return
	}
	config.Record = false
	plan := sim.Plan(config.Seed, planLength)
	kind, _, _ := strings.Cut(broken.Error(), ":")
	short := sim.Shrink(plan, 400, func(commands []sim.Command) bool {
		outcome, err := sim.Run(config, commands)
		return err == nil && outcome.Broken != nil && strings.HasPrefix(outcome.Broken.Error(), kind)
	})
	config.Record = true
	outcome := mustRun(t, config, short)
	t.Errorf("seed %d: %v\nagain: PERENNIAL_SIM_SEED=%d go test -count=1 -run '^%s$' ./sim\nshrunken to:\n%s\ntranscript:\n%s",
		config.Seed, broken, config.Seed, t.Name(), text(short), outcome.Transcript)
}

func text(commands []sim.Command) string {
	var b strings.Builder
	for _, c := range commands {
		fmt.Fprintln(&b, c)
	}
	return b.String()
}

func mustRun(t testing.TB, config sim.Config, commands []sim.Command) sim.Outcome {
	t.Helper()
	outcome, err := sim.Run(config, commands)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func number(t testing.TB, name string, otherwise int) int {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
