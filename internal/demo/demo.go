// Package demo owns the kill-and-relaunch demonstration: the promise of this
// project shown on real processes.
//
// It offers [Run], which starts a server on temporary data, puts a proxy with
// faults in front of it, signs a user in on a device process, and then kills
// and relaunches that process under one fault after the other, counting what
// each launch showed.
//
// It refuses to look inside: server and device are the shipped binary, spoken
// to over loopback, standard output and exit status.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// Config says what to run.
type Config struct {
	// Binary is the path of the perennial command.
	Binary string
	// Launches is how many relaunches are counted, spread evenly over the
	// faults. At least one per fault is done.
	Launches int
	// Progress receives a progress bar (Animated) or one line per fault; nil
	// means nobody watches.
	Progress io.Writer
	Animated bool
}

// Limits of one run.
const (
	startLimit  = 60 * time.Second // for the server to answer
	launchLimit = 10 * time.Second // for a relaunch to print its verdict
	healLimit   = 90 * time.Second // for the server's confirmation once a fault is over
	// killWithin spreads the kills over the life of a launch: loading,
	// asking the server, saving the answer, waiting.
	killWithin = 80 * time.Millisecond
)

// Run performs the demonstration. The report is complete when err is nil; it
// may still say that launches were not restored.
func Run(ctx context.Context, config Config) (Report, error) {
	folder, err := os.MkdirTemp("", "perennial-demo-")
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	server := &serverProcess{binary: config.Binary, folder: folder, listen: "127.0.0.1:0"}
	if err := server.start(ctx); err != nil {
		return Report{}, err
	}
	defer server.stop()
	proxy, err := startProxy(ctx, server.ready.URL)
	if err != nil {
		return Report{}, err
	}
	defer proxy.stop()

	s := &stage{server: server, proxy: proxy, device: device{
		binary: config.Binary, home: filepath.Join(folder, "device"), server: proxy.url(),
		key: server.ready.PublishableKey, ca: server.ready.CAFile,
	}}
	if err := s.device.signUp(ctx, server); err != nil {
		return Report{}, fmt.Errorf("sign the user up: %w", err)
	}
	return s.perform(ctx, config)
}

// stage is what the faults act upon.
type stage struct {
	server *serverProcess
	proxy  *faultProxy
	device device
}

func (s *stage) perform(ctx context.Context, config Config) (Report, error) {
	faults := allFaults()
	each := max(1, config.Launches/len(faults))
	bar := newProgress(config.Progress, config.Animated, each*len(faults))
	report := Report{Started: time.Now()}
	for _, fault := range faults {
		row, err := s.runFault(ctx, fault, each, bar)
		if err != nil {
			return report, fmt.Errorf("%s: %w", fault.name, err)
		}
		report.add(row)
	}
	bar.done()
	report.Seconds = time.Since(report.Started).Seconds()
	return report, nil
}

// runFault does one row: with the fault in place, a launch is killed at a
// random instant and the next one is looked at; when the fault is over, one
// more launch must reach the server's confirmation.
func (s *stage) runFault(ctx context.Context, f fault, launches int, bar *progress) (Row, error) {
	s.proxy.set(f.mode)
	row := Row{Fault: f.name}
	for range launches {
		if err := s.device.launchAndKill(ctx, rand.N(killWithin)); err != nil {
			return row, err
		}
		seen, err := s.relaunch(ctx, f)
		if err != nil {
			return row, err
		}
		row.count(seen)
		bar.step(f.name)
	}
	s.proxy.set(modeUp)
	healed, err := s.device.launch(ctx, healLimit, "--wait", "confirmed", "--timeout", healLimit.String())
	if err != nil {
		return row, err
	}
	row.Confirmed = healed.restored() && healed.Confirmed
	return row, ctx.Err()
}

func (s *stage) relaunch(ctx context.Context, f fault) (verdict, error) {
	if f.before != nil {
		if err := f.before(ctx, s); err != nil {
			return verdict{}, err
		}
	}
	seen, err := s.device.launch(ctx, launchLimit)
	if err == nil && f.after != nil {
		err = f.after(ctx, s)
	}
	return seen, err
}

var errNotStarted = errors.New("the server did not become ready in time")
