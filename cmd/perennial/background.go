package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/server"
)

const (
	sweepFirst = time.Minute // after the start, when nobody is waiting for it
	sweepEvery = time.Hour
)

// run serves until ctx ends, and does what no request waits for meanwhile:
// delivering mail and webhooks and clearing out what is over. All of it has stopped on
// return.
func (in *instance) run(ctx context.Context, srv *server.Server) error {
	ctx, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	if in.worker != nil {
		background.Go(func() { in.worker.Run(ctx) })
	}
	background.Go(func() { in.webhooks.Run(ctx) })
	background.Go(func() { sweepRegularly(ctx, in.store.Sweep) })
	return srv.Run(ctx, in.handler)
}

// sweepRegularly calls sweep until it says that nothing more is to be done,
// once after a while and then hourly. It is called in small steps, so that
// requests get their turn between them.
func sweepRegularly(ctx context.Context, sweep func(context.Context, time.Time) (more bool, err error)) {
	timer := time.NewTimer(sweepFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = sweep(ctx, time.Now()); err != nil {
				if ctx.Err() == nil {
					slog.Warn("clearing out is put off", "error", err)
				}
				break
			}
		}
		timer.Reset(sweepEvery)
	}
}
