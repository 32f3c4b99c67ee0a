package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	shipped "github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
)

// What the simulation leaves out is played here: the device package as apps link
// it, with its shell, its goroutines and its timers, in a bubble of virtual
// time. The server is the small model, plans are those of the simulation. The
// order of goroutines is not decided by a seed, so a run cannot be had again to
// the byte, and only what a person could see is held against the laws.

const shelledKey = "pk_test_MTI3LjAuMC4xOjQzNDMk"

var shelledTenant = func() string {
	sum := sha256.Sum256([]byte(shelledKey))
	return hex.EncodeToString(sum[:])
}()

// shelled is a world of real devices. Its lock guards the world of the model and
// everything that is known from outside.
type shelled struct {
	*testing.T
	mu     sync.Mutex
	world  *World
	begun  time.Time
	places [maxDevices]*place
	slots  [maxDevices][maxProcesses]*appProcess
	all    []*appProcess
	calls  sync.WaitGroup
	faults []string
	saves  int
	forget int
}

func (w *shelled) tick() {
	w.world.now = startInstant + core.Instant(time.Since(w.begun).Milliseconds())
}

func (w *shelled) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf("%v: ", time.Since(w.begun))+fmt.Sprintf(format, args...))
}

func (w *shelled) launch(c Command) {
	w.kill(c)
	p := &appProcess{w: w, device: c.Device, started: time.Now(), watched: make(chan struct{})}
	p.life, p.die = context.WithCancel(context.Background())
	w.mu.Lock()
	p.vault = w.world.device(c.Device).disk.Vault(0)
	if w.places[c.Device] == nil {
		w.places[c.Device] = &place{}
	}
	w.mu.Unlock()
	app, err := shipped.Open(shipped.Config{PublishableKey: shelledKey, Vault: p, Transport: p, Clock: p})
	if err != nil {
		w.Fatal(err)
	}
	p.app = app
	w.slots[c.Device][max(c.Process, 1)-1] = p
	w.all = append(w.all, p)
	go p.watch()
}

func (w *shelled) kill(c Command) {
	slot := &w.slots[c.Device][max(c.Process, 1)-1]
	if *slot != nil {
		(*slot).die()
		*slot = nil
	}
}

func (w *shelled) do(c Command) {
	switch c.Op {
	case OpLaunch:
		w.launch(c)
	case OpKill, OpKillAfter:
		w.kill(c)
	case OpPowerCut, OpSwitchKey:
		for n := range maxProcesses {
			w.kill(Command{Device: c.Device, Process: n + 1})
		}
	case OpDown, OpTrouble, OpCrash, OpDisk, OpNet, OpClock:
		w.mu.Lock()
		w.tick()
		w.world.do(c)
		w.mu.Unlock()
	case OpRevoke, OpDelete, OpTask:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.tick()
		if place := w.places[c.Device]; place != nil && place.acked.record.SessionID != "" {
			w.world.device(c.Device).places[0].acked = place.acked
			w.world.changeOnServer(c)
		}
	default:
		if p := w.slots[c.Device][max(c.Process, 1)-1]; p != nil {
			w.wish(p, c)
		}
	}
}

// wish calls the device as an app does, and does not wait.
func (w *shelled) wish(p *appProcess, c Command) {
	ask := map[Op]func(context.Context) error{
		OpSignIn: func(ctx context.Context) error {
			_, err := p.app.SignIn(ctx, person(p.device, int(c.N)), Password)
			return err
		},
		OpSendCode: func(ctx context.Context) error {
			_, err := p.app.SignInWithEmailCode(ctx, person(p.device, int(c.N)))
			return err
		},
		OpEnterCode: func(ctx context.Context) error { _, err := p.app.SubmitCode(ctx, Code); return err },
		OpSecond: func(ctx context.Context) error {
			_, err := p.app.SubmitSecondFactor(ctx, shipped.TOTP, modelSecondFactor)
			return err
		},
		OpSignUp: func(ctx context.Context) error {
			_, err := p.app.SignUp(ctx, newcomer(p.device, int(c.N)), Password)
			return err
		},
		OpReset: func(ctx context.Context) error {
			_, err := p.app.ResetPassword(ctx, person(p.device, int(c.N)))
			return err
		},
		OpPassword: func(ctx context.Context) error {
			_, err := p.app.SubmitNewPassword(ctx, Password, c.N == 1)
			return err
		},
		OpAbandon:    p.app.AbandonAttempt,
		OpToken:      func(ctx context.Context) error { _, err := p.app.Token(ctx); return err },
		OpFreshToken: func(ctx context.Context) error { _, err := p.app.FreshToken(ctx); return err },
		OpNudge:      func(context.Context) error { p.app.Nudge(); return nil },
		OpSignOut: func(ctx context.Context) error {
			w.mu.Lock()
			place := w.places[p.device]
			place.asked = append(place.asked, "somebody")
			w.mu.Unlock()
			return p.app.SignOut(ctx)
		},
	}[c.Op]
	if ask == nil {
		return
	}
	w.calls.Go(func() {
		ctx, cancel := context.WithTimeout(p.life, 10*time.Minute)
		defer cancel()
		if err := ask(ctx); ctx.Err() != nil && p.life.Err() == nil {
			w.fault("%s is not answered within ten minutes: %v", c, err)
		}
	})
}

// peace: with everything well one process of each device comes right.
func (w *shelled) peace() {
	w.mu.Lock()
	w.world.down, w.world.trouble = 0, 0
	for _, d := range w.world.devices {
		if d != nil {
			d.net, d.store = nil, diskFault{}
		}
	}
	w.mu.Unlock()
	for i := range w.slots {
		if w.places[i] != nil {
			w.launch(Command{Device: i, Process: 1})
		}
	}
	passes(context.Background(), time.Hour)
	synctest.Wait()
	for i, slots := range w.slots {
		p := slots[0]
		if p == nil {
			continue
		}
		w.mu.Lock()
		r := w.places[i].acked.record
		live := r.Tombstone == "" && w.world.lives(r)
		pending := live && w.world.server.Pending(r.SessionID)
		w.mu.Unlock()
		state := p.app.State()
		want := map[bool]core.Kind{true: core.Active, false: core.SignedOut}[live]
		if pending {
			want = core.Pending
		}
		if state.Kind != want || live && state.SessionID != r.SessionID {
			w.fault("at the end device %d shows %s(%s), want %s", i, state.Kind, state.Cause, want)
		}
		if n := p.app.PendingRevocations(); n > 0 {
			w.fault("at the end device %d has %d revocations to deliver", i, n)
		}
	}
}

func (w *shelled) close() {
	for _, p := range w.all {
		p.die()
		_ = p.app.Close()
		<-p.watched
	}
	w.calls.Wait()
}

// TestThroughTheShell plays plans of the simulation through the device package
// itself. PERENNIAL_SIM_SEEDS asks for more of them than the usual.
func TestThroughTheShell(t *testing.T) {
	t.Parallel()
	seeds := 20
	if text := os.Getenv("PERENNIAL_SIM_SEEDS"); text != "" {
		if _, err := fmt.Sscan(text, &seeds); err != nil {
			t.Fatal(err)
		}
	}
	launches := 0
	for seed := range seeds {
		w := playShelled(t, Dice(seed+1), 0)
		launches += len(w.all)
		for _, fault := range w.faults {
			t.Fatalf("seed %d: %s", seed+1, fault)
		}
	}
	t.Logf("%d plans, %d launches", seeds, launches)
}

// A vault that acknowledges a save and does not do it is noticed through the
// shell as well.
func TestThroughTheShellNotices(t *testing.T) {
	t.Parallel()
	for seed := range 20 {
		if w := playShelled(t, Dice(seed+1), 5); len(w.faults) > 0 {
			t.Logf("seed %d: %s", seed+1, w.faults[0])
			return
		}
	}
	t.Error("20 seeds notice nothing")
}

// playShelled plays one plan; forget makes each save of that number a lie.
func playShelled(t *testing.T, dice Dice, forget int) *shelled {
	t.Helper()
	var w *shelled
	synctest.Test(t, func(t *testing.T) {
		w = &shelled{
			T: t, begun: time.Now(), forget: forget,
			world: &World{dice: dice, now: startInstant, undone: map[string]bool{}},
		}
		w.world.server = newModel(w.world)
		defer w.close()
		for _, c := range Plan(dice, 60) {
			passes(context.Background(), time.Duration(c.Pause)*time.Millisecond)
			w.do(c)
		}
		w.peace()
	})
	return w
}
