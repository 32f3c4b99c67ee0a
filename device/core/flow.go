package core

// A browser flow is a sign-in that happens in the system's browser: the machine
// asks the server for an address to open, the person signs in there, and the
// browser comes back to the application with what redeems the result. Like an
// attempt it is a conversation of its own, with a credential of its own, and
// takes the place of the record only when it is complete. Everything that its
// end needs is in the record before the address is handed out: the application
// may be killed while the browser is in front.
//
// No clock of this device ends a flow. The server refuses what comes too late.

// MaxFlows is how many browser flows are kept: a person may begin again, and
// then finish in the tab that was opened first.
const MaxFlows = 2

// Flow is a browser flow that was begun.
type Flow struct {
	// State is what the callback has to repeat; it names the flow.
	State string
	// Verifier is the PKCE code verifier (RFC 7636).
	Verifier Secret
	// Redirect is where the browser comes back to, in canonical form.
	Redirect   string
	SignUp     bool
	Credential Secret
	StartedAt  Wall

	// Nonce and SessionID are what the callback brought, empty before it.
	Nonce     Secret
	SessionID string
	// Done: the flow is complete. Only State and SessionID are left of it, so
	// that a callback that is delivered twice is known for what it is.
	Done bool
}

// IsZero reports whether there is no flow: every flow has a name.
func (f *Flow) IsZero() bool { return f.State == "" }

// open reports whether the flow can still be completed.
func (f *Flow) open() bool { return !f.IsZero() && !f.Done }

// FlowView is what an application may know about a pending browser flow.
type FlowView struct {
	Redirect  string
	SignUp    bool
	StartedAt Wall
	// Returned: the browser has come back, and the server has not answered yet.
	Returned bool
}

// IsZero reports whether there is no flow.
func (f FlowView) IsZero() bool { return f == FlowView{} }

// viewFlow shows the flow that matters: the one that came back, else the newest.
func viewFlow(flows *[MaxFlows]Flow) FlowView {
	var view FlowView
	for i := range flows {
		f := &flows[i]
		returned := !f.Nonce.IsZero()
		if f.open() && (view.IsZero() || returned) {
			view = FlowView{f.Redirect, f.SignUp, f.StartedAt, returned}
		}
	}
	return view
}

// flowNamed returns the place of the flow that state names, or -1. The state
// keeps others from completing a flow, so it is compared in constant time.
func flowNamed(flows *[MaxFlows]Flow, state string) int {
	found := -1
	for i := range flows {
		if !flows[i].IsZero() && equalText(flows[i].State, state) && found < 0 {
			found = i
		}
	}
	return found
}

// equalText compares in a time that tells nothing but the lengths.
func equalText(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var different byte
	for i := range len(a) {
		different |= a[i] ^ b[i]
	}
	return different == 0
}

// withFlow puts f in front; the oldest one gives way.
func withFlow(flows [MaxFlows]Flow, f Flow) [MaxFlows]Flow {
	copy(flows[1:], flows[:])
	flows[0] = f
	return flows
}

// withoutFlow removes the flow at i and closes the gap.
func withoutFlow(flows [MaxFlows]Flow, i int) [MaxFlows]Flow {
	copy(flows[i:], flows[i+1:])
	flows[MaxFlows-1] = Flow{}
	return flows
}

// overlayFlows puts what this process has done since was on top of what is
// stored. What a peer completed or dropped meanwhile, a sign-out above all,
// stays completed or dropped.
func overlayFlows(stored, ours, was [MaxFlows]Flow) [MaxFlows]Flow {
	merged := stored
	for i := range was {
		gone := !was[i].IsZero() && flowNamed(&ours, was[i].State) < 0
		if at := flowNamed(&merged, was[i].State); gone && at >= 0 && !merged[at].Done {
			merged = withoutFlow(merged, at)
		}
	}
	for i := MaxFlows - 1; i >= 0; i-- {
		f := ours[i]
		at, before := flowNamed(&merged, f.State), flowNamed(&was, f.State)
		switch {
		case f.IsZero():
		case at >= 0 && !merged[at].Done && (before < 0 || was[before] != f):
			merged[at] = f
		case at < 0 && before < 0:
			merged = withFlow(merged, f)
		}
	}
	return merged
}

// pastFlow reports whether ours is the outcome of a browser flow with which
// another process has been through since: it completed the flow or dropped it,
// and what it stored is later. The same sign-in is in it, or its end.
func (r Record) pastFlow(ours, was Record) bool {
	done := ours.Flows[0]
	if !done.Done {
		return false
	}
	before, now := flowNamed(&was.Flows, done.State), flowNamed(&r.Flows, done.State)
	return before >= 0 && was.Flows[before].open() && (now < 0 || r.Flows[now].Done)
}

// flowFlight is the beginning of a browser flow.
type flowFlight struct {
	flight flight
	begin  Flow
	// url is what the server answered, until it is handed out.
	url Secret
}

// beginFlow asks the server for an address to open. A flow that was begun
// before stays: its callback may come first.
func (t *turn) beginFlow(e BrowserFlowAsked) {
	switch {
	case e.State == "" || e.Verifier.IsZero() || e.Challenge == "" || e.Redirect == "":
		t.reply(Reply{Call: e.Call, Outcome: OutcomeInvalid})
		return
	case !t.launched:
		t.reply(Reply{Call: e.Call, Outcome: OutcomeUndetermined, Cause: CauseStarting})
		return
	}
	t.dropBeginning()
	t.flow.begin = Flow{
		State: e.State, Verifier: e.Verifier, Redirect: e.Redirect, SignUp: e.SignUp, StartedAt: t.wallNow(t.now),
	}
	t.wait(waiter{call: e.Call, want: wantFlowURL})
	t.note(HappenedFlow, Evidence{Request: StartFlow})
	t.flow.flight = t.send(&SendRequest{
		Kind: StartFlow, Redirect: e.Redirect, State: e.State, Challenge: e.Challenge, SignUp: e.SignUp,
	})
}

// flowBegun takes in the address. It is handed out when the flow is stored.
func (t *turn) flowBegun(e Responded) {
	begin, evidence := t.flow.begin, evidenceOf(StartFlow, e)
	t.flow = flowFlight{}
	switch {
	case e.Class == Refused:
		t.note(HappenedFlow, evidence)
		t.replyAll(wantFlowURL, Reply{Outcome: OutcomeRefused, Evidence: evidence, Param: e.Param, Message: e.Message})
	case e.Class == Accepted && !e.URL.IsZero() && !e.Credential.IsZero():
		begin.Credential = e.Credential
		t.flow.begin, t.flow.url = begin, e.URL
		t.record.Flows = withFlow(t.record.Flows, begin)
		evidence.Detail = "waiting for the browser"
		t.note(HappenedFlow, evidence)
	default:
		if evidence.Trouble == TroubleNone {
			evidence.Trouble = TroubleMalformed
		}
		t.note(HappenedFlow, evidence)
		t.replyAll(wantFlowURL, Reply{Outcome: OutcomeUnavailable, Evidence: evidence})
	}
}

// flowsStored reports whether the flows are durable, or it is known that they
// cannot be: a flow that does not survive a restart is better than none.
func (t *turn) flowsStored() bool {
	s := &t.store
	return s.answer != "" && (!s.readable() || s.failed != "" || t.durable.Flows == t.record.Flows)
}

func (t *turn) answerFlowURL() (Reply, bool) {
	if t.flow.url.IsZero() || !t.flowsStored() {
		return Reply{}, false
	}
	if flowNamed(&t.record.Flows, t.flow.begin.State) < 0 {
		return Reply{Outcome: OutcomeSuperseded}, true
	}
	reply := Reply{Outcome: OutcomeDone, URL: t.flow.url}
	if t.durable.Flows != t.record.Flows {
		reply.Outcome, reply.Evidence = OutcomePersist, Evidence{Store: t.store.failed}
	}
	return reply, true
}

// dropBeginning forgets a flow whose address is not there yet.
func (t *turn) dropBeginning() {
	t.replyAll(wantFlowURL, Reply{Outcome: OutcomeSuperseded})
	t.orphan(t.flow.flight)
	t.flow = flowFlight{}
}

// dropFlows forgets every flow and tells those who wait for one why.
func (t *turn) dropFlows(why Outcome) {
	t.dropBeginning()
	t.replyAll(wantFlow, Reply{Outcome: why})
	t.orphan(t.redeem)
	t.redeem, t.redeeming = flight{}, quiet{}
	t.record.Flows = [MaxFlows]Flow{}
}

func (t *turn) abandonFlow(e BrowserFlowAbandoned) {
	t.dropFlows(OutcomeSuperseded)
	t.reply(Reply{Call: e.Call, Outcome: OutcomeDone})
}
