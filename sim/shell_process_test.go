package sim

import (
	"context"
	"time"

	shipped "github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// appProcess is one process of an app. It dies by being cut off: what it does
// afterwards reaches nothing.
type appProcess struct {
	w       *shelled
	device  int
	app     *shipped.Device
	started time.Time
	life    context.Context
	die     context.CancelFunc
	vault   vault.Vault
	watched chan struct{}
}

// Now and Wall implement the clock of a device.
func (p *appProcess) Now() core.Instant {
	return startInstant + core.Instant(time.Since(p.w.begun).Milliseconds())
}

func (p *appProcess) Wall() core.Wall {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.tick()
	return p.w.world.wall() + p.w.world.device(p.device).clock
}

// Do implements shell.Transport over the model of the server.
func (p *appProcess) Do(ctx context.Context, r core.SendRequest) core.Responded {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(p.life, cancel)
	p.w.mu.Lock()
	fault := p.w.world.device(p.device).nextFault()
	p.w.mu.Unlock()
	nothing := core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}
	way := 40 * time.Millisecond
	if fault == netSlow {
		way = 9 * time.Second
	}
	if fault == netOffline {
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleNoRoute}
	}
	if !passes(ctx, way) || fault == netLost {
		<-ctx.Done()
		return nothing
	}
	p.w.mu.Lock()
	p.w.tick()
	if p.w.world.now < p.w.world.down {
		p.w.mu.Unlock()
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleNoRoute}
	}
	answer := p.w.world.server.Serve(r, fault)
	if fault == netTwice {
		answer = p.w.world.server.Serve(r, fault)
	}
	p.w.mu.Unlock()
	switch {
	case fault == netReplyLost:
		<-ctx.Done()
		return nothing
	case fault == netReset:
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleReset}
	case !passes(ctx, way):
		return nothing
	}
	return answer
}

// passes reports whether a time passed before ctx ended.
func passes(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Load, Save and Hold implement vault.Vault with the faults of the disk.
func (p *appProcess) Load(ctx context.Context) vault.Loaded {
	if answer, broken := p.disk(ctx, false); broken {
		return vault.Loaded{Answer: answer}
	}
	return p.vault.Load(ctx)
}

func (p *appProcess) Save(ctx context.Context, c vault.Change) vault.Saved {
	answer, broken := p.disk(ctx, true)
	if broken && answer != "" {
		return vault.Saved{Answer: answer}
	}
	p.w.mu.Lock()
	var saved vault.Saved
	if p.w.saves++; p.w.forget > 0 && p.w.saves%p.w.forget == 0 {
		saved = vault.Saved{Answer: vault.Stored, Current: c.Next}
	} else {
		saved = p.vault.Save(ctx, c)
	}
	if record, err := core.DecodeRecord(core.NewSecret(string(c.Body)), shelledTenant); err == nil && saved.Answer == vault.Stored {
		p.w.places[p.device].settle(stored{version: core.Version(c.Next), record: record})
	}
	p.w.mu.Unlock()
	if saved.Answer == vault.Stored {
		p.w.peers(p)
	}
	if broken { // done, and reported as failed
		return vault.Saved{Answer: vault.Failed}
	}
	return saved
}

func (p *appProcess) Hold(ctx context.Context) (func(), vault.Answer) { return p.vault.Hold(ctx) }

// disk is what the storage does instead of working; broken without an answer
// means that a save is done and not said.
func (p *appProcess) disk(ctx context.Context, save bool) (answer vault.Answer, broken bool) {
	if !passes(ctx, 2*time.Millisecond) || p.life.Err() != nil {
		return vault.Failed, true
	}
	p.w.mu.Lock()
	p.w.tick()
	kind := p.w.world.device(p.device).fault(save)
	p.w.mu.Unlock()
	switch kind {
	case diskLying:
		return "", save
	case diskFull:
		return vault.Failed, save
	case diskSlow:
		return vault.Failed, !passes(ctx, 3*time.Second)
	case diskCorrupt:
		return vault.Corrupt, !save
	}
	answer, broken = answers[kind]
	return answer, broken
}

// peers tells the other processes of the device that the record changed.
func (w *shelled) peers(by *appProcess) {
	for _, p := range w.slots[by.device] {
		if p != nil && p != by && p.life.Err() == nil {
			p.app.Reload()
		}
	}
}

// watch holds what a person sees against the laws.
func (p *appProcess) watch() {
	defer close(p.watched)
	sequence, settled := uint64(0), false
	go func() {
		if passes(p.life, 520*time.Millisecond) && !p.app.State().Settled() {
			p.w.fault("law 1: no verdict half a second after a launch")
		}
	}()
	for state := range p.app.Watch(p.life) {
		if sequence != 0 && state.Sequence != sequence+1 {
			p.w.fault("law 8: verdict %d after %d", state.Sequence, sequence)
		}
		sequence, settled = state.Sequence, settled || state.Settled()
		if state.Kind == core.SignedOut {
			p.judgeSignedOut(state)
		}
	}
}

// judgeSignedOut: nobody is told so while a session is stored that lives, unless
// somebody asked for it.
func (p *appProcess) judgeSignedOut(state shipped.State) {
	p.w.mu.Lock()
	place := p.w.places[p.device]
	lives := place.acked.record.Tombstone == "" && p.w.world.lives(place.acked.record) && len(place.asked) == 0
	since := p.started
	p.w.mu.Unlock()
	if lives && state.Cause != core.CauseUser && state.Cause != core.CauseNone {
		p.w.fault("law 2: signed-out(%s) %v after the launch, and the session lives", state.Cause, time.Since(since))
	}
}
