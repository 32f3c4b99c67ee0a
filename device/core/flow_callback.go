package core

import "slices"

// callback is one that has arrived and is not decided upon yet.
type callback struct {
	event CallbackArrived
	// since is the newest request when it arrived: what the store says to a
	// later one is news.
	since RequestID
}

// maxCallbacks bounds those that wait for the store.
const maxCallbacks = 8

// arrive keeps a callback until it is known which flows there are. It may come
// before the store was read, and another process may have begun its flow.
func (t *turn) arrive(e CallbackArrived) {
	switch {
	case e.State == "" || e.Nonce.IsZero() || e.SessionID == "":
		t.reply(Reply{Call: e.Call, Outcome: OutcomeInvalid})
		return
	case len(t.callbacks) >= maxCallbacks:
		t.reply(Reply{Call: e.Call, Outcome: OutcomeUnavailable, Evidence: Evidence{Store: t.store.answer}})
		return
	}
	t.callbacks = append(slices.Clone(t.callbacks), callback{e, t.lastID})
}

// decideCallbacks takes the callbacks in of which it is known now what they
// belong to.
func (t *turn) decideCallbacks() {
	if len(t.callbacks) == 0 || t.signOutWanted {
		return
	}
	var kept []callback
	for _, c := range t.callbacks {
		if !t.decide(c) {
			kept = append(kept, c)
		}
	}
	t.callbacks = kept
}

// decide reports whether c needs to be kept no longer.
func (t *turn) decide(c callback) bool {
	e := c.event
	i := flowNamed(&t.record.Flows, e.State)
	if i < 0 {
		s := &t.store
		if !s.readable() || s.read <= c.since {
			// Whatever comes first: a store that cannot be read is read again,
			// or written beside, by itself.
			s.reload = s.reload || (s.readable() && s.loading <= c.since)
			return false
		}
		t.refuseCallback(e, OutcomeNoFlow, "no such flow is pending")
		return true
	}
	f := t.record.Flows[i]
	busy := slices.ContainsFunc(t.record.Flows[:], func(o Flow) bool { return !o.Nonce.IsZero() && o.State != f.State })
	switch {
	case e.Target != f.Redirect && !f.Done:
		t.refuseCallback(e, OutcomeNoFlow, "the callback came to another address")
	case f.Done && f.SessionID == e.SessionID && t.record.signedIn() && t.record.SessionID == f.SessionID:
		t.note(HappenedFlow, Evidence{Detail: "the callback came again"})
		t.awaitFlow(e.Call, wantSignIn)
	case f.Done, !f.Nonce.IsZero() && (f.Nonce != e.Nonce || f.SessionID != e.SessionID):
		t.refuseCallback(e, OutcomeNoFlow, "the flow is complete")
	case !f.Nonce.IsZero():
		t.redeeming = t.redeeming.shorten(t.now)
		t.awaitFlow(e.Call, wantFlow)
	case busy:
		t.refuseCallback(e, OutcomeSuperseded, "another flow came back first")
	default:
		f.Nonce, f.SessionID = e.Nonce, e.SessionID
		t.record.Flows[i] = f
		t.redeeming = quiet{}
		t.note(HappenedFlow, Evidence{Detail: "the browser came back"})
		t.awaitFlow(e.Call, wantFlow)
	}
	return true
}

func (t *turn) refuseCallback(e CallbackArrived, outcome Outcome, why string) {
	evidence := Evidence{Detail: why}
	t.note(HappenedFlow, evidence)
	t.reply(Reply{Call: e.Call, Outcome: outcome, Evidence: evidence})
}

func (t *turn) awaitFlow(call CallID, what want) {
	if call != 0 {
		t.wait(waiter{call: call, want: what})
	}
}

// forgetCaller makes the callback of a cancelled call go on without it.
func (t *turn) forgetCaller(call CallID) {
	i := slices.IndexFunc(t.callbacks, func(c callback) bool { return c.event.Call == call })
	if i >= 0 && call != 0 {
		t.callbacks = slices.Clone(t.callbacks)
		t.callbacks[i].event.Call = 0
	}
}

// returned is the place of the flow whose browser has come back, or -1.
func returned(flows *[MaxFlows]Flow) int {
	for i := range flows {
		if flows[i].open() && !flows[i].Nonce.IsZero() {
			return i
		}
	}
	return -1
}

// redeemFlow asks for the outcome of the flow that came back, once it is stored
// that it did: whoever launches next has to know.
func (t *turn) redeemFlow() {
	i := returned(&t.record.Flows)
	if i < 0 && t.redeem.id == 0 && t.awaits(wantFlow) {
		t.flowEnded()
	}
	if i < 0 || t.redeem.id != 0 || t.redeeming.pausing(t.now) || !t.flowsStored() {
		return
	}
	f := t.record.Flows[i]
	t.redeem = t.send(&SendRequest{
		Kind: RedeemFlow, Credential: f.Credential, SessionID: f.SessionID, Nonce: f.Nonce, Verifier: f.Verifier,
	})
}

// flowRedeemed judges the answer. One that proves nothing leaves the flow as it
// is, and the question is asked again later, by the next process if need be.
func (t *turn) flowRedeemed(e Responded, sent flight) {
	evidence := evidenceOf(RedeemFlow, e)
	i := slices.IndexFunc(t.record.Flows[:], func(f Flow) bool { return f.open() && f.Credential == sent.credential })
	session, found := SessionDoc{}, false
	if e.Class == Accepted && e.Client != nil {
		session, found = findSession(*e.Client, sent.sessionID)
	}
	switch {
	case i < 0:
		t.flowGone(e, sent)
	case found && t.record.revokes(Record{Credential: sent.credential, SessionID: session.ID}):
		// It was signed out of already, and the server has not been told yet.
		t.record.Flows = withoutFlow(t.record.Flows, i)
		t.replyAll(wantFlow, Reply{Outcome: OutcomeSuperseded})
	case e.Class == Refused:
		t.note(HappenedFlow, evidence)
		t.record.Flows = withoutFlow(t.record.Flows, i)
		t.replyAll(wantFlow, Reply{Outcome: OutcomeRefused, Evidence: evidence, Param: e.Param, Message: e.Message})
	case found && live(session.Status):
		t.completeFlow(e, t.record.Flows[i], session)
	default:
		if evidence.Trouble == TroubleNone {
			evidence.Trouble = TroubleUnexplained
		}
		t.note(HappenedFlow, evidence)
		t.pauseFor(&t.redeeming, e, evidence)
		t.replyAll(wantFlow, Reply{Outcome: OutcomeUnavailable, Evidence: evidence})
	}
}

// flowEnded tells those who wait for a flow that is no longer there: a peer has
// completed it, or dropped it.
func (t *turn) flowEnded() {
	done := t.record.Flows[0]
	if done.Done && t.record.signedIn() && t.record.SessionID == done.SessionID {
		t.convertWaiters(wantFlow, wantSignIn)
		return
	}
	t.replyAll(wantFlow, Reply{Outcome: OutcomeNoFlow, Evidence: Evidence{Detail: "another process has ended the flow"}})
}

// flowGone takes in the answer about such a flow. What came into being by it
// is the session that the peer has, or one that nobody wants.
func (t *turn) flowGone(e Responded, sent flight) {
	rev := leftover(e, sent)
	if mine := t.record.signedIn() && t.record.SessionID == sent.sessionID; !rev.IsZero() && !mine {
		t.record.queue(rev)
	}
}

// completeFlow installs the session that was made in the browser.
func (t *turn) completeFlow(e Responded, f Flow, session SessionDoc) {
	credential := f.Credential
	if !e.Credential.IsZero() {
		credential = e.Credential
	}
	t.convertWaiters(wantFlow, wantSignIn)
	t.dropAttempt(OutcomeSuperseded)
	t.dropFlows(OutcomeSuperseded)
	t.install(e, credential, session)
	t.record.Flows[0] = Flow{State: f.State, SessionID: f.SessionID, Done: true}
}
