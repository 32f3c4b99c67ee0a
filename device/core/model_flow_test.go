package core

import "fmt"

// The part of the model with a sign-in in the browser. The flow's client is C2,
// with credential B0 and session S2, as that of a sign-in; the two never meet in
// one scene. The person comes back whenever they like once they have the
// address, as often as they like, and to whichever process is there.

// modelFlow is what the scene adds to the world.
type modelFlow struct {
	on bool
	// handed: the address was handed out, so there may be a callback.
	handed bool
}

var flowVerifier, flowNonce = NewSecret("v"), NewSecret("n")

func (w *world) flowActions(add func(bool, deed, int)) {
	if !w.flow.on || !w.alive {
		return
	}
	budget := w.budget.flow > 0
	add(budget && !w.server.attempt && !w.asking(StartFlow), doBeginFlow, 0)
	add(budget && w.flow.handed, doCallback, 0)
	add(budget, doCallbackForeign, 0)
	add(budget && w.flow.handed, doAbandonFlow, 0)
	pending := w.disk.present && !w.disk.keyGone && w.disk.record.Flows[0].open()
	add(w.budget.peer > 0 && w.flow.handed && pending && !w.server.over[2], doPeerCallback, 0)
}

func (w *world) takeFlow(a action) error {
	if a.do == doPeerCallback {
		w.budget.peer--
		w.disk.version.Generation++
		w.server.created = true
		w.peerInstalls(w.disk.record, credB0, "LF")
		w.disk.record.Flows = [MaxFlows]Flow{{State: "F", SessionID: "S2", Done: true}}
		return nil
	}
	w.budget.flow--
	w.calls++
	call := w.calls
	var event Event
	switch a.do {
	case doBeginFlow:
		w.beginAnew()
		event = BrowserFlowAsked{Call: call, State: "F", Verifier: flowVerifier, Challenge: "ch", Redirect: "app://x"}
	case doCallback:
		event = CallbackArrived{Call: call, Target: "app://x", State: "F", Nonce: flowNonce, SessionID: "S2"}
	case doCallbackForeign:
		event = CallbackArrived{Call: call, Target: "app://x", State: "X", Nonce: flowNonce, SessionID: "S2"}
	case doAbandonFlow:
		event = BrowserFlowAbandoned{Call: call}
	default:
		return fmt.Errorf("model: no such deed of a flow: %d", a.do)
	}
	w.ghost.open[call] = true
	return w.step(event)
}

// serveFlow answers the two requests of a flow.
func (w *world) serveFlow(r SendRequest, e Responded) Responded {
	s := &w.server
	switch {
	case r.Kind == StartFlow:
		s.attempt = true
		e.Credential, e.URL = credB0, NewSecret("https://x/")
	case w.clientOf(r.Credential) == "C2" && r.Nonce == flowNonce && r.Verifier == flowVerifier && !s.over[2]:
		s.created = true
		e.Client = w.clientDoc("C2")
	default:
		return refusal(e, "verification_expired")
	}
	return e
}

// judgeFlow: what the end of a flow needs is durable before the address is
// handed out, and what came back before it is redeemed, where the store can be
// written.
func (w *world) judgeFlow(r SendRequest, known bool) error {
	if r.Kind != RedeemFlow {
		return nil
	}
	if r.Verifier != flowVerifier || r.Nonce != flowNonce || r.Credential != credB0 {
		return fmt.Errorf("law 4: a flow is redeemed with what belongs to another one")
	}
	if i := returned(&w.disk.record.Flows); known && i < 0 {
		return fmt.Errorf("law 5: a flow is redeemed before it is durable that it came back")
	}
	return nil
}

// witnessFlow notes that the person has the address.
func (w *world) witnessFlow(reply Reply) error {
	if reply.URL.IsZero() {
		return nil
	}
	w.flow.handed = true
	i, s := flowNamed(&w.disk.record.Flows, "F"), &w.state.store
	early := reply.Outcome == OutcomePersist && s.readable() && s.failed == ""
	if early || reply.Outcome == OutcomeDone && (i < 0 || w.disk.keyGone) {
		return fmt.Errorf("law 5: the address is handed out before the flow is durable")
	}
	return nil
}

// peerEndsFlows: a sign-out elsewhere is about what was begun, too.
func (w *world) peerEndsFlows() {
	for _, f := range w.disk.record.Flows {
		w.ghost.meant[2] = w.ghost.meant[2] || f.open()
	}
}

func flowScenes() []scene {
	signedIn := func(w *world) {
		w.flow.on = true
		w.disk = modelDisk{present: true, version: Version{"L0", 10}, record: modelRecord()}
	}
	return []scene{
		{
			"browser flow on an empty store", func(w *world) { w.flow.on = true },
			budget{kill: 1, flow: 3, storeFault: 1, trouble: 1},
			budget{kill: 2, flow: 5, storeFault: 2, trouble: 2, signOut: 1, lie: 1, nudge: 1},
		},
		{
			"browser flow over a session", signedIn,
			budget{kill: 1, flow: 3, signOut: 1, peer: 1},
			budget{kill: 2, flow: 4, signOut: 1, peer: 2, storeFault: 1, trouble: 1},
		},
	}
}
