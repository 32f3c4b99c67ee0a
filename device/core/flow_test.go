package core_test

import (
	"fmt"
	"testing"

	"github.com/perennialauth/perennial/device/core"
)

// begun is a device whose process has begun flow F and shown its address.
func begun(t *testing.T, server *flowServer) (*flowProcess, *flowStore) {
	t.Helper()
	store := new(flowStore)
	p := mustLaunch(t, server, store)
	call := p.begin("F")
	p.rest()
	if reply := p.mustReply(call, core.OutcomeDone); reply.URL.Reveal() != "https://id.example.com/sign-in?F" {
		t.Fatalf("the address is %q", reply.URL.Reveal())
	}
	if p.pending.Flow.IsZero() || p.pending.Flow.Returned {
		t.Errorf("the pending flow is shown as %+v", p.pending.Flow)
	}
	return p, store
}

func TestFlowCompletes(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	first, second := p.callback("F"), p.callback("F")
	p.rest()
	p.mustReply(first, core.OutcomeDone)
	p.mustReply(second, core.OutcomeDone)
	p.mustShow(core.Active, "sess_F")
	if server.redeemed != 1 {
		t.Errorf("%d redemptions, want one", server.redeemed)
	}
	third := p.callback("F")
	p.rest()
	p.mustReply(third, core.OutcomeDone)
	again := mustLaunch(t, server, store)
	fourth := again.callback("F")
	again.rest()
	again.mustReply(fourth, core.OutcomeDone)
	again.mustShow(core.Active, "sess_F")
	if server.redeemed != 1 || !again.pending.Flow.IsZero() {
		t.Errorf("%d redemptions, pending %+v", server.redeemed, again.pending.Flow)
	}
}

// TestFlowSurvivesAKillAnywhere kills the process at every effect, before and
// after it took place, first while the flow begins and then while its callback
// is taken in. The next process gets the callback before it has read the store.
func TestFlowSurvivesAKillAnywhere(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			if !killOnce(t, at, after) {
				if at < 6 {
					t.Errorf("only %d effects to be killed at", at)
				}
				break
			}
		}
	}
}

// killOnce reports whether the process lived to see effect number at.
func killOnce(t *testing.T, at int, after bool) bool {
	t.Helper()
	name := fmt.Sprintf("killed at effect %d, done %v", at, after)
	server, store := newFlowServer(), new(flowStore)
	p := newFlowProcess(t, server, store)
	p.killAt, p.killAfter = at, after
	p.tell(core.Launch{Wall: 1_700_000_000_000})
	p.rest()
	opened := p.begin("F")
	p.rest()
	if _, shown := p.replies[opened]; shown { // the person has the address
		p.callback("F")
		p.rest()
		again := newFlowProcess(t, server, store)
		call := again.callback("F")
		again.tell(core.Launch{Wall: 4_000_000_000_000}) // its clock has jumped
		again.rest()
		if reply := again.replies[call]; reply.Outcome != core.OutcomeDone {
			t.Errorf("%s: the callback ended with %q", name, reply.Outcome)
		}
		if v := again.state.Verdict(); v.Kind != core.Active || v.SessionID != "sess_F" {
			t.Errorf("%s: %s %s", name, v.Kind, v.SessionID)
		}
	}
	return p.dead
}

// TestFlowGoesOnWithoutItsCallback: the callback was taken in, the process
// killed, and nobody delivers it again.
func TestFlowGoesOnWithoutItsCallback(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	server.down = 1_000_000
	call := p.callback("F")
	p.work()
	p.mustReply(call, core.OutcomeUnavailable)
	if !p.pending.Flow.Returned {
		t.Error("it is not shown that the browser has come back")
	}
	server.down = 0
	next := mustLaunch(t, server, store)
	next.mustShow(core.Active, "sess_F")
}

func TestFlowIsRetried(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, _ := begun(t, server)
	server.down = 4
	call := p.callback("F")
	p.rest()
	p.mustReply(call, core.OutcomeUnavailable)
	p.mustShow(core.Active, "sess_F")
	if server.redeemed != 5 {
		t.Errorf("%d redemptions, want 5", server.redeemed)
	}
}

func TestCallbackThatBelongsToNothing(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	call := p.callback("F")
	p.rest()
	p.mustReply(call, core.OutcomeDone)
	before := store.version
	foreign := p.callback("X")
	p.calls++
	p.tell(core.CallbackArrived{Call: p.calls, Target: flowRedirect, State: "F", Nonce: core.NewSecret("n"), SessionID: "sess_other"})
	missing := p.calls + 1
	p.tell(core.CallbackArrived{Call: missing, Target: flowRedirect, State: "F"})
	p.rest()
	p.mustReply(foreign, core.OutcomeNoFlow)
	p.mustReply(p.calls, core.OutcomeNoFlow)
	p.mustReply(missing, core.OutcomeInvalid)
	p.mustShow(core.Active, "sess_F")
	if server.redeemed != 1 || store.version != before {
		t.Errorf("%d redemptions, version %v", server.redeemed, store.version)
	}
}

func TestCallbackToAnotherAddress(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, _ := begun(t, server)
	p.tell(core.CallbackArrived{Call: 90, Target: "otherapp://callback", State: "F", Nonce: core.NewSecret("n"), SessionID: "sess_F"})
	p.rest()
	p.mustReply(90, core.OutcomeNoFlow)
	right := p.callback("F")
	p.rest()
	p.mustReply(right, core.OutcomeDone)
}

// TestSecondFlow: a person begins again, and finishes in the first tab.
func TestSecondFlow(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	p.begin("G")
	p.rest()
	p = mustLaunch(t, server, store)
	first := p.callback("F")
	p.rest()
	p.mustReply(first, core.OutcomeDone)
	p.mustShow(core.Active, "sess_F")
	second := p.callback("G")
	p.rest()
	p.mustReply(second, core.OutcomeNoFlow)
	p.mustShow(core.Active, "sess_F")
}

func TestFlowIsRefused(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	server.refuse = "verification_expired"
	call := p.callback("F")
	p.rest()
	p.mustReply(call, core.OutcomeRefused)
	p.mustShow(core.SignedOut, "")
	again := mustLaunch(t, server, store)
	late := again.callback("F")
	again.rest()
	again.mustReply(late, core.OutcomeNoFlow)
}

// TestSignOutEndsFlows: whoever signs out means everything that was begun.
func TestSignOutEndsFlows(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	p.tell(core.SignOutAsked{Call: 80})
	p.rest()
	p.mustReply(80, core.OutcomeDone)
	late := p.callback("F")
	p.rest()
	p.mustReply(late, core.OutcomeNoFlow)
	again := mustLaunch(t, server, store)
	late = again.callback("F")
	again.rest()
	again.mustReply(late, core.OutcomeNoFlow)
	again.mustShow(core.SignedOut, "")
	if server.redeemed != 0 {
		t.Errorf("%d redemptions", server.redeemed)
	}
}

// TestSignOutDuringRedemption: what the answer brings is ended again.
func TestSignOutDuringRedemption(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, _ := begun(t, server)
	p.callback("F")
	for len(p.queue) > 0 { // up to the request, not its answer
		effect := p.queue[0]
		p.queue = p.queue[1:]
		if request, ok := effect.(core.SendRequest); ok && request.Kind == core.RedeemFlow {
			answer := server.answer(request)
			p.tell(core.SignOutAsked{Call: 80})
			p.tell(answer)
			continue
		}
		p.perform(effect)
	}
	p.rest()
	p.mustReply(80, core.OutcomeDone)
	p.mustShow(core.SignedOut, "")
	if !server.ended["sess_F"] {
		t.Error("the session lives on, and nobody knows of it")
	}
}

// TestCallbackInAnotherProcess: the operating system hands the callback to a
// process that was running before the flow began.
func TestCallbackInAnotherProcess(t *testing.T) {
	t.Parallel()
	server, store := newFlowServer(), new(flowStore)
	other := mustLaunch(t, server, store)
	p := mustLaunch(t, server, store)
	p.begin("F")
	p.rest()
	there := other.callback("F")
	other.rest()
	other.mustReply(there, core.OutcomeDone)
	other.mustShow(core.Active, "sess_F")
	here := p.callback("F")
	p.rest()
	p.mustReply(here, core.OutcomeDone)
	p.mustShow(core.Active, "sess_F")
	if server.redeemed != 1 {
		t.Errorf("%d redemptions, want one", server.redeemed)
	}
}

// TestPeerSignsOutDuringRedemption: both processes take the callback in; the
// one completes it and signs out before the other has its answer.
func TestPeerSignsOutDuringRedemption(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	peer := mustLaunch(t, server, store)
	call := p.callback("F")
	var answer core.Event
	for len(p.queue) > 0 {
		effect := p.queue[0]
		p.queue = p.queue[1:]
		if request, ok := effect.(core.SendRequest); ok && request.Kind == core.RedeemFlow {
			answer = server.answer(request)
			continue
		}
		p.perform(effect)
	}
	done := peer.callback("F")
	peer.rest()
	peer.mustReply(done, core.OutcomeDone)
	peer.tell(core.SignOutAsked{Call: 70})
	peer.rest()
	peer.mustReply(70, core.OutcomeDone)
	p.tell(answer)
	p.rest()
	p.mustShow(core.SignedOut, "")
	if reply := p.replies[call]; reply.Outcome == core.OutcomeDone {
		t.Error("the callback is said to have signed somebody in")
	}
	again := mustLaunch(t, server, store)
	again.mustShow(core.SignedOut, "")
}

func TestFlowWithoutAStore(t *testing.T) {
	t.Parallel()
	server, store := newFlowServer(), &flowStore{locked: true}
	p := newFlowProcess(t, server, store)
	p.tell(core.Launch{Wall: 1_700_000_000_000})
	call := p.begin("F")
	for range 10 {
		p.work()
		p.tick()
	}
	if reply := p.mustReply(call, core.OutcomePersist); reply.URL.IsZero() {
		t.Error("without a store there is no address at all")
	}
	store.locked = false
	back := p.callback("F")
	p.rest()
	p.mustReply(back, core.OutcomeDone)
	p.mustShow(core.Active, "sess_F")
}

func TestFlowArgumentsAreNeeded(t *testing.T) {
	t.Parallel()
	p := mustLaunch(t, newFlowServer(), new(flowStore))
	p.tell(core.BrowserFlowAsked{Call: 1, State: "F"})
	p.tell(core.BrowserFlowAbandoned{Call: 2})
	p.rest()
	p.mustReply(1, core.OutcomeInvalid)
	p.mustReply(2, core.OutcomeDone)
}

// TestAdoptionKeepsFlows: another SDK of the same app hands credentials over
// while the browser is in front.
func TestAdoptionKeepsFlows(t *testing.T) {
	t.Parallel()
	server := newFlowServer()
	p, store := begun(t, server)
	server.sessions["host"] = "sess_host"
	p.tell(core.AdoptAsked{Call: 60, Credential: core.NewSecret("host")})
	p.rest()
	p.mustReply(60, core.OutcomeDone)
	p.mustShow(core.Active, "sess_host")
	p = mustLaunch(t, server, store)
	call := p.callback("F")
	p.rest()
	p.mustReply(call, core.OutcomeDone)
	p.mustShow(core.Active, "sess_F")
	if !server.ended["sess_host"] {
		t.Error("the session that was replaced lives on")
	}
}
