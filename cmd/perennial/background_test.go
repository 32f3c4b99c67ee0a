package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSweepRegularly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		answers := []struct {
			more bool
			err  error
		}{{true, nil}, {true, nil}, {false, nil}, {true, errors.New("busy")}, {false, nil}}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			sweepRegularly(ctx, func(_ context.Context, now time.Time) (bool, error) {
				answer := answers[min(len(at), len(answers)-1)]
				at = append(at, now.Sub(start))
				return answer.more, answer.err
			})
		})
		time.Sleep(3 * time.Hour) // virtual
		cancel()
		wg.Wait()
		want := []time.Duration{sweepFirst, sweepFirst, sweepFirst, sweepFirst + sweepEvery, sweepFirst + 2*sweepEvery}
		if len(at) != len(want) {
			t.Fatalf("swept at %v, want %v", at, want)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("swept at %v, want %v", at, want)
			}
		}
	})
}
