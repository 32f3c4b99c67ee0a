package outbox_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perennialauth/perennial/internal/outbox"
)

// A full claim is followed by another at once, and a claim that is not full by
// none until the pause is over or somebody wakes the loop.
func TestLoopLooksWhenThereIsReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rounds atomic.Int64
		waiting := atomic.Int64{}
		l := &outbox.Loop{Claimants: 1, Full: 4, Idle: time.Minute, Round: func(context.Context) int {
			rounds.Add(1)
			taken := min(waiting.Load(), 4)
			waiting.Add(-taken)
			return int(taken)
		}}
		waiting.Store(9)
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { l.Run(ctx); close(over) }()
		want := func(n int64, when string) {
			t.Helper()
			synctest.Wait()
			if got := rounds.Load(); got != n {
				t.Errorf("%s: %d rounds, want %d", when, got, n)
			}
		}
		want(3, "at the start, with nine waiting")
		l.Wake()
		want(4, "woken")
		time.Sleep(time.Minute)
		want(5, "a pause later")
		stop()
		<-over
	})
}

// A receiver that answers nothing holds one claimant up, and the loop does not
// end before it.
func TestSlowRoundHoldsUpOneClaimant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int64
		answer := make(chan struct{})
		l := &outbox.Loop{Claimants: 3, Full: 1, Idle: time.Minute, Round: func(context.Context) int {
			if begun.Add(1) == 1 {
				<-answer
			}
			return 0
		}}
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { l.Run(ctx); close(over) }()
		synctest.Wait()
		before := begun.Load()
		l.Wake()
		synctest.Wait()
		if begun.Load() == before {
			t.Error("nobody looks while a receiver is slow")
		}
		stop()
		synctest.Wait()
		select {
		case <-over:
			t.Error("the loop ended before its round")
		default:
		}
		close(answer)
		<-over
	})
}
