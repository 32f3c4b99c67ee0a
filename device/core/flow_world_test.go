package core_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/core"
)

// flowServer knows what the published server knows about browser flows, and
// nothing else. It is shared by the devices of a test.
type flowServer struct {
	challenge map[string]string // by credential of the flow's client
	state     map[string]string
	sessions  map[string]string // credential to the session that was redeemed
	ended     map[string]bool
	redeemed  int // redemptions that were asked for
	down      int // answers that get lost from now on
	refuse    string
}

// flowStore is the store of one device: one record under compare-and-set.
type flowStore struct {
	version core.Version
	data    core.Secret
	locked  bool
}

// flowProcess is one process of a device.
type flowProcess struct {
	t       *testing.T
	server  *flowServer
	store   *flowStore
	state   core.State
	now     core.Instant
	queue   []core.Effect
	timers  map[core.Timer]core.Instant
	replies map[core.CallID]core.Reply
	calls   core.CallID
	// performed counts effects that reach the world; at killAt the process
	// dies, before or after the effect took place.
	performed, killAt int
	killAfter, dead   bool
	shown             []core.Verdict
	pending           core.PublishPending
}

func newFlowServer() *flowServer {
	return &flowServer{
		challenge: map[string]string{}, state: map[string]string{}, sessions: map[string]string{}, ended: map[string]bool{},
	}
}

// mustLaunch starts a process and lets it come to rest.
func mustLaunch(t *testing.T, server *flowServer, store *flowStore) *flowProcess {
	p := newFlowProcess(t, server, store)
	p.tell(core.Launch{Wall: 1_700_000_000_000, Entropy: [2]uint64{1, 2}})
	p.rest()
	return p
}

func newFlowProcess(t *testing.T, server *flowServer, store *flowStore) *flowProcess {
	return &flowProcess{
		t: t, server: server, store: store, state: core.New(core.Config{Tenant: "t"}), now: 1000,
		timers: map[core.Timer]core.Instant{}, replies: map[core.CallID]core.Reply{}, killAt: -1,
	}
}

func (p *flowProcess) tell(event core.Event) {
	if p.dead {
		return
	}
	var effects []core.Effect
	p.state, effects = core.Step(p.state, p.now, event)
	p.queue = append(p.queue, effects...)
}

// rest performs effects until none is left, and lets time pass while something
// is being tried again.
func (p *flowProcess) rest() {
	p.t.Helper()
	for range 2000 {
		p.work()
		if p.dead || !p.tick() {
			return
		}
	}
	p.t.Fatal("the machine does not come to rest")
}

func (p *flowProcess) work() {
	for len(p.queue) > 0 && !p.dead {
		effect := p.queue[0]
		p.queue = p.queue[1:]
		p.perform(effect)
	}
}

// tick fires the next timer that retries something.
func (p *flowProcess) tick() bool {
	for _, timer := range slices.Sorted(maps.Keys(p.timers)) {
		due := p.timers[timer]
		switch timer {
		case core.TimerFlow, core.TimerStore, core.TimerRevoke, core.TimerConfirm:
			delete(p.timers, timer)
			p.now = max(p.now, due)
			p.tell(core.TimerFired{Timer: timer, Due: due})
			return true
		default:
		}
	}
	return false
}

func (p *flowProcess) perform(effect core.Effect) {
	switch e := effect.(type) {
	case core.LoadRecord:
		p.reach(func() core.Event { return p.load(e) })
	case core.SaveRecord:
		p.reach(func() core.Event { return p.save(e) })
	case core.SendRequest:
		p.reach(func() core.Event { return p.server.answer(e) })
	case core.SetTimer:
		delete(p.timers, e.Timer)
		if e.Due != 0 {
			p.timers[e.Timer] = e.Due
		}
	case core.Publish:
		p.shown = append(p.shown, e.Verdict)
	case core.PublishPending:
		p.pending = e
	case core.Reply:
		if _, twice := p.replies[e.Call]; twice {
			p.t.Errorf("call %d is answered twice", e.Call)
		}
		p.replies[e.Call] = e
	default:
	}
}

// reach does something to the world, unless the process dies first.
func (p *flowProcess) reach(do func() core.Event) {
	p.performed++
	if p.performed == p.killAt && !p.killAfter {
		p.dead = true
		return
	}
	answer := do()
	if p.performed == p.killAt {
		p.dead = true
		return
	}
	p.tell(answer)
}

func (p *flowProcess) load(e core.LoadRecord) core.Event {
	switch {
	case p.store.locked:
		return core.StoreLoaded{ID: e.ID, Answer: core.StoreLocked}
	case p.store.version.IsZero():
		return core.StoreLoaded{ID: e.ID, Answer: core.StoreAbsent}
	default:
		return core.StoreLoaded{ID: e.ID, Answer: core.StoreFound, Version: p.store.version, Data: p.store.data}
	}
}

func (p *flowProcess) save(e core.SaveRecord) core.Event {
	switch {
	case p.store.locked:
		return core.StoreSaved{ID: e.ID, Answer: core.StoreLocked}
	case p.store.version != e.Previous && (p.store.version != e.Next || p.store.data != e.Data):
		return core.StoreSaved{ID: e.ID, Answer: core.StoreConflict, Current: p.store.version}
	default:
		p.store.version, p.store.data = e.Next, e.Data
		return core.StoreSaved{ID: e.ID, Answer: core.StoreStored, Current: e.Next}
	}
}

func (s *flowServer) answer(r core.SendRequest) core.Event {
	lost := core.Responded{ID: r.ID, Class: core.Ambiguous, Trouble: core.TroubleTimeout}
	e := core.Responded{ID: r.ID, Class: core.Accepted, Status: 200}
	credential := r.Credential.Reveal()
	switch r.Kind {
	case core.StartFlow:
		n := fmt.Sprintf("flow-%d", len(s.challenge)+1)
		s.challenge[n], s.state[n] = r.Challenge, r.State
		e.Credential, e.URL = core.NewSecret(n), core.NewSecret("https://id.example.com/sign-in?"+r.State)
	case core.RedeemFlow:
		s.redeemed++
		if !s.redeem(r) || s.refuse != "" {
			e.Class, e.Status, e.Code = core.Refused, 422, "form_param_value_invalid"
			break
		}
		e.Client = s.client(credential)
		e.Credential = core.NewSecret(credential + "-new")
	case core.ReadClient:
		e.Client = s.client(strings.TrimSuffix(credential, "-new"))
	case core.RemoveSession:
		s.ended[r.SessionID] = true
		e.Session = &core.SessionDoc{ID: r.SessionID, Status: "removed"}
	default:
		return lost
	}
	if s.down > 0 {
		s.down--
		return lost
	}
	return e
}

// redeem reports whether the nonce and verifier are the right ones of the
// caller, and whether its session is not over.
func (s *flowServer) redeem(r core.SendRequest) bool {
	credential := r.Credential.Reveal()
	session := "sess_" + s.state[credential]
	right := s.challenge[credential] == "challenge-of-"+r.Verifier.Reveal() && r.Nonce.Reveal() == "nonce-of-"+s.state[credential]
	if right && !s.ended[session] {
		s.sessions[credential] = session
		return true
	}
	return false
}

func (s *flowServer) client(credential string) *core.ClientDoc {
	doc := &core.ClientDoc{ID: "client of " + credential}
	if session := s.sessions[credential]; session != "" && !s.ended[session] {
		doc.LastActiveSessionID = session
		doc.Sessions = []core.SessionDoc{{ID: session, Status: "active", User: core.User{ID: "user_1"}}}
	}
	return doc
}

const flowRedirect = "myapp://callback"

// begin asks for a flow and returns the call.
func (p *flowProcess) begin(state string) core.CallID {
	p.calls++
	p.tell(core.BrowserFlowAsked{
		Call: p.calls, State: state, Verifier: core.NewSecret("verifier-of-" + state),
		Challenge: "challenge-of-verifier-of-" + state, Redirect: flowRedirect,
	})
	return p.calls
}

// callback delivers what the browser brings when the flow is over.
func (p *flowProcess) callback(state string) core.CallID {
	p.calls++
	p.tell(core.CallbackArrived{
		Call: p.calls, Target: flowRedirect, State: state, Nonce: core.NewSecret("nonce-of-" + state), SessionID: "sess_" + state,
	})
	return p.calls
}

func (p *flowProcess) mustReply(call core.CallID, want core.Outcome) core.Reply {
	p.t.Helper()
	reply, ok := p.replies[call]
	if !ok || reply.Outcome != want {
		p.t.Errorf("call %d: answered %v with %q, want %q (%+v)", call, ok, reply.Outcome, want, reply.Evidence)
	}
	return reply
}

func (p *flowProcess) mustShow(kind core.Kind, session string) {
	p.t.Helper()
	if v := p.state.Verdict(); v.Kind != kind || v.SessionID != session {
		p.t.Errorf("the verdict is %s(%s) with session %q, want %s with %q", v.Kind, v.Cause, v.SessionID, kind, session)
	}
}
