package sim_test

import (
	"testing"

	"github.com/perennialauth/perennial/sim"
)

// Launches of the device machine alone, on all processors, against the goal of
// a million a minute.
func BenchmarkCoreAlone(b *testing.B) { benchLaunches(b, sim.Config{}, 1_000_000) }

// The same over the file vault and the whole server: ten thousand a minute.
func BenchmarkWhole(b *testing.B) { benchLaunches(b, whole(b), 10_000) }

// benchLaunches plays one plan per iteration, on all processors.
func benchLaunches(b *testing.B, config sim.Config, goal float64) {
	results := make(chan int, 1024)
	total := make(chan int)
	go func() {
		sum := 0
		for n := range results {
			sum += n
		}
		total <- sum
	}()
	seeds := make(chan sim.Dice, 1024)
	go func() {
		for n := range b.N {
			seeds <- sim.Dice(n + 1)
		}
		close(seeds)
	}()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c := config
			c.Seed = <-seeds
			outcome, err := sim.Run(c, sim.Plan(c.Seed, planLength))
			if err != nil || outcome.Broken != nil {
				b.Errorf("seed %d: %v %v", c.Seed, err, outcome.Broken)
			}
			results <- outcome.Stats.Launches
		}
	})
	b.StopTimer()
	close(results)
	perMinute := float64(<-total) / b.Elapsed().Minutes()
	b.ReportMetric(perMinute, "launches/min")
	b.ReportMetric(perMinute/goal, "of-the-goal")
}
