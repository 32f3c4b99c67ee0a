package sim

import (
	"context"
	"strconv"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/proofkey"
)

const tenantDigest = "tenant-"

// Patience of the shell that a process stands for.
const (
	storeLimit   = 5_000  // ms
	requestLimit = 30_000 // ms
)

// rotateEvery is short enough that a run sees several rotations.
const rotateEvery = 10 * time.Minute

// Password is what every person of a simulation signs in with.
const Password = "correct horse battery staple" //nolint:gosec // of nobody

// Code is the one that every code sent in a simulation is.
const Code = "424242"

// process is one process of a device: the machine, and the loop around it that
// performs effects.
type process struct {
	world  *World
	device *device
	index  int

	alive    bool
	life     uint32 // counts launches and deaths
	launches uint64
	place    *place
	tenant   string
	state    core.State
	boot     core.Instant // what its monotonic clock is ahead of the world's
	launched core.Instant
	timers   [8]core.Instant
	op       *storeCall
	storeOps uint64
	calls    []call
	lastCall core.CallID
	last     core.Verdict
	settled  bool
	killIn   int // effects until it is killed; negative: never
	// known is the version that the machine was told of last, and overSeen how
	// many sessions had gone by then.
	known    stored
	overSeen int
	askedAll bool // a sign-out was asked while nobody knew of what
	stale    bool // an answer from the past was delivered
}

// call is one that waits for its reply.
type call struct {
	id      core.CallID
	op      Op
	session string
}

func (p *process) name() string { return deviceName(p.device.index) + strconv.Itoa(p.index) }

func (p *process) now() core.Instant { return p.world.now + p.boot }

func (p *process) do(c Command) {
	switch c.Op {
	case OpLaunch:
		p.launch()
	case OpKill:
		p.kill()
	case OpKillAfter:
		p.killIn = int(c.N)
	case OpExpect:
		p.expect(c.Arg)
	default:
		if p.alive {
			p.wish(c)
		}
	}
}

// launch starts the process, or starts it again.
func (p *process) launch() {
	p.kill()
	w, d := p.world, p.device
	p.launches++
	*p = process{
		world: w, device: d, index: p.index, alive: true, life: p.life + 1, launches: p.launches,
		place: d.current(), tenant: tenantDigest + strconv.Itoa(d.tenant), killIn: -1,
		boot: core.Instant(w.dice.roll(askBoot, uint64(d.index), uint64(p.index), p.launches) % 1_000_000),
	}
	p.launched = p.now()
	p.state = core.New(core.Config{Tenant: p.tenant, Bind: w.bind, RotateEvery: rotateEvery})
	p.last = p.state.Verdict()
	w.stats.Launches++
	p.take(core.Launch{Wall: d.wall(), Entropy: p.entropy()})
}

func (p *process) entropy() (words [2]uint64) {
	for i := range words {
		words[i] = p.world.dice.roll(askEntropy, uint64(p.device.index), uint64(p.index)<<32|p.launches, uint64(p.world.now)*2+uint64(i))
	}
	return words
}

// kill ends the process where it stands. A save that it had begun may have got
// nowhere, half of the way, or to its end.
func (p *process) kill() {
	if !p.alive {
		return
	}
	p.alive = false
	p.life++
	if op := p.op; op != nil && !op.performed && op.save {
		how := p.world.dice.roll(askKill, uint64(p.device.index), uint64(p.index), p.launches)
		if how%3 != 0 {
			p.device.disk.CutNext(int(how / 3 % 14))
			op.interrupted = true
			p.perform(op)
			p.device.disk.CutNext(-1)
		}
	}
	p.op = nil
	p.calls = nil
}

func (p *process) wish(c Command) {
	p.lastCall++
	id := p.lastCall
	open := call{id: id, op: c.Op, session: p.last.SessionID}
	var event core.Event
	switch c.Op {
	case OpToken, OpFreshToken:
		event = core.TokenAsked{Call: id, Force: c.Op == OpFreshToken}
	case OpSignIn:
		p.place.signIns++
		event = core.SignInAsked{
			Call: id, Identifier: person(p.device.index, int(c.N)), Strategy: core.StrategyPassword, Password: core.NewSecret(Password),
		}
	case OpSendCode:
		p.place.signIns++
		event = core.SignInAsked{Call: id, Identifier: person(p.device.index, int(c.N)), Strategy: core.StrategyEmailCode}
	case OpReset:
		p.place.signIns++
		event = core.SignInAsked{Call: id, Identifier: person(p.device.index, int(c.N)), Strategy: core.StrategyResetEmailCode}
	case OpPassword:
		p.place.signIns++
		event = core.PasswordChosen{Call: id, Password: core.NewSecret(Password), SignOutOthers: c.N == 1}
	case OpSignUp:
		p.place.signIns++
		event = core.SignUpAsked{Call: id, Email: newcomer(p.device.index, int(c.N)), Password: core.NewSecret(Password)}
	case OpSecond:
		code := p.world.server.SecondFactor(person(p.device.index, careful))
		event = core.SecondFactorEntered{Call: id, Strategy: core.StrategyTOTP, Code: core.NewSecret(code)}
	case OpAbandon:
		event = core.AttemptAbandoned{Call: id}
	case OpEnterCode:
		event = core.CodeEntered{Call: id, Code: core.NewSecret(Code)}
	case OpAdopt:
		event = core.AdoptAsked{Call: id, Credential: p.elsewhere()}
	case OpSignOut:
		p.ask()
		event = core.SignOutAsked{Call: id}
	case OpNudge:
		p.lastCall--
		p.take(core.Nudged{Wall: p.device.wall()})
		return
	default:
		p.world.fail("no such command for a process: %s", c)
		return
	}
	p.calls = append(p.calls, open)
	p.take(event)
}

// careful is the number of the person of each device who has a second factor.
const careful = 9

// person is who uses a device; some devices share one.
func person(device, n int) string {
	if n == careful {
		return "careful" + strconv.Itoa(device) + "+clerk_test@example.com"
	}
	return "person" + strconv.Itoa((device+n)%maxDevices) + "+clerk_test@example.com"
}

// newcomer is somebody who has no account yet, the first time.
func newcomer(device, n int) string {
	return "new" + strconv.Itoa(device) + "-" + strconv.Itoa(n) + "+clerk_test@example.com"
}

// elsewhere signs in past the device, as an app does that runs another SDK
// beside this one, and returns the credential.
func (p *process) elsewhere() core.Secret {
	answer := p.world.server.Elsewhere(core.SendRequest{
		Kind: core.CreateSignIn, Identifier: person(p.device.index, 0), Password: core.NewSecret(Password),
	})
	if answer.Attempt != nil && answer.Attempt.CreatedSessionID != "" {
		p.place.adopted = append(p.place.adopted, answer.Attempt.CreatedSessionID)
	}
	return answer.Credential
}

// ask remembers what a person wants to be signed out of.
func (p *process) ask() {
	for _, s := range append(p.place.maybe, p.place.acked, stored{record: core.Record{SessionID: p.last.SessionID}}) {
		if s.record.SessionID != "" {
			p.place.asked = append(p.place.asked, s.record.SessionID)
		}
	}
	p.askedAll = p.askedAll || p.last.Kind == core.Undetermined || len(p.calls) > 0
}

// take lets the machine have an event, and performs what it wants done.
func (p *process) take(event core.Event) {
	w := p.world
	w.stats.Steps++
	w.log.event(p, event)
	var effects []core.Effect
	p.state, effects = core.Step(p.state, p.now(), event)
	p.judgeTime()
	for _, effect := range effects {
		if p.killIn == 0 {
			w.log.printf(w, p.name(), "killed between two effects")
			p.kill()
			return
		}
		if p.killIn > 0 {
			p.killIn--
		}
		p.do1(effect)
		if w.broken != nil {
			return
		}
	}
}

// do1 performs one effect.
func (p *process) do1(effect core.Effect) {
	w := p.world
	w.log.effect(p, effect)
	switch e := effect.(type) {
	case core.LoadRecord:
		p.begin(&storeCall{id: e.ID})
	case core.SaveRecord:
		p.begin(&storeCall{id: e.ID, save: true, body: e})
	case core.SendRequest:
		p.judgeRequest(e)
		w.send(p, e)
	case core.SetTimer:
		p.setTimer(e)
	case core.NeedEntropy:
		w.plan(0, due{process: p, life: p.life, event: core.EntropyDelivered{Words: p.entropy()}})
	case core.NeedKey:
		w.plan(p.storeDelay(0), due{process: p, life: p.life, event: core.KeyMade{Key: p.newKey()}})
	case core.Publish:
		p.judgeVerdict(e.Verdict)
	case core.PublishToken:
		p.judgeToken(e.Token)
	case core.PublishPending:
	case core.Reply:
		p.judgeReply(e)
	case core.Note:
		p.judgeNote(e.Entry)
	}
}

// newKey makes a device key; now and then there is none to be had.
func (p *process) newKey() core.Secret {
	seed := p.world.dice.roll(askKey, uint64(p.device.index), uint64(p.index)<<32|p.launches, uint64(p.world.now))
	if seed%8 == 0 {
		return core.Secret{}
	}
	reference, err := proofkey.Software{Entropy: &stream{dice: Dice(seed), about: askKey}}.Make(context.Background())
	if err != nil {
		return core.Secret{}
	}
	return core.NewSecret(reference)
}

func (p *process) setTimer(e core.SetTimer) {
	p.timers[e.Timer] = e.Due
	if e.Due == 0 {
		return
	}
	late := p.world.dice.roll(askTimer, uint64(p.device.index), uint64(p.index), uint64(e.Due)) % 3
	p.world.plan(max(int64(e.Due-p.now()), 0)+int64(late), due{
		process: p, life: p.life, timer: e.Timer, timerDue: e.Due,
	})
}

func (p *process) fire(timer core.Timer, due core.Instant) {
	if p.timers[timer] == due {
		p.timers[timer] = 0
		p.take(core.TimerFired{Timer: timer, Due: due, Wall: p.device.wall()})
	}
}

// expect fails the run unless the verdict is what, by kind or by kind(cause).
func (p *process) expect(what string) {
	v := p.last
	if got := string(v.Kind); !p.alive || what != got && what != got+"("+string(v.Cause)+")" {
		p.world.fail("expected: %s %s, and it is %s(%s)", p.name(), what, v.Kind, v.Cause)
	}
}
