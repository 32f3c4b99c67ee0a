package conformance_test

import (
	"os"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/conformance"
)

// TestDevice takes the whole catalogue through the device package. With -v it
// prints the table.
func TestDevice(t *testing.T) {
	t.Parallel()
	catalogue := conformance.Catalogue()
	results := make([]conformance.Result, len(catalogue))
	names := make(map[string]bool)
	// Most of a scenario is waiting; a few at a time do not disturb the
	// deadlines of one another.
	gate := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i, scenario := range catalogue {
		if names[scenario.Name()] {
			t.Errorf("two scenarios are called %s", scenario.Name())
		}
		names[scenario.Name()] = true
		gate <- struct{}{}
		all.Go(func() {
			defer func() { <-gate }()
			results[i] = conformance.Run(conformance.Device{}, scenario)
		})
	}
	all.Wait()
	for _, result := range results {
		checkExplanation(t, result)
		if result.Err != nil {
			t.Errorf("%s: %v\n%s", result.Scenario.Name(), result.Err, result.Explanation)
		}
	}
	if testing.Verbose() {
		if err := conformance.Table(os.Stdout, "perennial device", results); err != nil {
			t.Error(err)
		}
	}
}
