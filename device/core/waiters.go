package core

import "slices"

// wait adds a call to those that wait for a reply.
func (t *turn) wait(w waiter) {
	t.waiters = append(slices.Clip(t.waiters), w) // into another array
}

// replyAll answers every call that waits for what.
func (t *turn) replyAll(what want, reply Reply) {
	t.sift(func(w waiter) (Reply, bool) { return reply, w.want == what })
}

// replyAttempt answers the calls that wait for the pending attempt, and shows
// them where it stands.
func (t *turn) replyAttempt(reply Reply) {
	reply.Attempt = viewAttempt(t.record.Attempt)
	t.replyAll(wantAttempt, reply)
}

// convertWaiters makes the calls that wait for one thing wait for another.
func (t *turn) convertWaiters(from, to want) {
	t.waiters = slices.Clone(t.waiters)
	for i := range t.waiters {
		if t.waiters[i].want == from {
			t.waiters[i].want = to
		}
	}
}

// answerWaiters answers every call for which the time has come.
func (t *turn) answerWaiters() {
	t.sift(func(w waiter) (Reply, bool) {
		switch w.want {
		case wantToken:
			return t.answerToken(w)
		case wantSignOut:
			return t.answerSignOut()
		case wantCredential:
			return t.answerCredential()
		case wantSignIn, wantAdopt:
			return t.answerSignIn(w.want)
		case wantFlowURL:
			return t.answerFlowURL()
		default: // attempts are answered where they move
			return Reply{}, false
		}
	})
	if !t.flow.url.IsZero() && !t.awaits(wantFlowURL) {
		t.flow = flowFlight{} // handed out, or nobody wants it any more
	}
}

// awaits reports whether a call waits for what.
func (t *turn) awaits(what want) bool {
	return slices.ContainsFunc(t.waiters, func(w waiter) bool { return w.want == what })
}

// sift asks answer about every waiting call and removes those it answered.
func (t *turn) sift(answer func(waiter) (Reply, bool)) {
	for i := 0; i < len(t.waiters); {
		reply, ok := answer(t.waiters[i])
		if !ok {
			i++
			continue
		}
		reply.Call = t.waiters[i].call
		t.reply(reply)
		t.waiters = slices.Concat(t.waiters[:i], t.waiters[i+1:])
	}
}

func (t *turn) answerToken(w waiter) (Reply, bool) {
	v := t.verdict
	if t.held() || !v.Settled() && t.launched {
		return Reply{}, false
	}
	switch v.Kind {
	case SignedOut:
		return Reply{Outcome: OutcomeSignedOut, Cause: v.Cause, Evidence: v.Evidence}, true
	case Pending:
		return Reply{Outcome: OutcomePending, Cause: v.Cause}, true
	case Undetermined:
		return Reply{Outcome: OutcomeUndetermined, Cause: v.Cause, Evidence: v.Evidence}, true
	case Active, ActiveUnverified:
	}
	if t.satisfied(w) {
		return Reply{Outcome: OutcomeDone, Token: t.token.jwt}, true
	}
	if t.quiet.pausing(t.now) && t.confirm.id == 0 && t.mint.id == 0 {
		return Reply{Outcome: OutcomeUnavailable, Evidence: t.quiet.evidence}, true
	}
	return Reply{}, false
}

// satisfied reports whether the token in memory answers w.
func (t *turn) satisfied(w waiter) bool {
	return !t.token.jwt.IsZero() && t.now < t.token.validUntil && (!w.force || t.token.serial > w.serial)
}

// starving reports whether a call waits for a token that nobody has asked for.
func (t *turn) starving() bool {
	return slices.ContainsFunc(t.waiters, func(w waiter) bool { return w.want == wantToken && !t.satisfied(w) })
}

// answerCredential hands out what another SDK can present. Nobody being signed
// in is an answer, too.
func (t *turn) answerCredential() (Reply, bool) {
	v := t.verdict
	switch {
	case t.held() || !v.Settled() && t.launched:
		return Reply{}, false
	case v.Kind == Undetermined:
		return Reply{Outcome: OutcomeUndetermined, Cause: v.Cause, Evidence: v.Evidence}, true
	case v.Kind == SignedOut:
		return Reply{Outcome: OutcomeDone}, true
	}
	credential, ok := t.shareable()
	if !ok {
		return Reply{Outcome: OutcomeUnsupported, Evidence: Evidence{Detail: "the credential is bound to this device"}}, true
	}
	return Reply{Outcome: OutcomeDone, Credential: credential}, true
}

func (t *turn) answerSignOut() (Reply, bool) {
	if t.signOutWanted || t.held() || !t.launched {
		return Reply{}, false
	}
	return t.doneOrPersist(), true
}

func (t *turn) answerSignIn(what want) (Reply, bool) {
	switch {
	case t.held():
		return Reply{}, false
	case what == wantAdopt && !t.record.Candidate.IsZero():
		safe := t.durable.Candidate == t.record.Candidate || t.store.failed != ""
		again := t.deserted == t.record.Candidate // it pauses only to ask a second time
		waiting := safe && !again && t.adopt.id == 0 && t.quiet.pausing(t.now)
		return Reply{Outcome: OutcomeUnavailable, Evidence: t.quiet.evidence}, waiting
	case t.record.signedIn():
		return t.doneOrPersist(), true
	default: // signed out again before it was durable
		return Reply{Outcome: OutcomeSignedOut, Cause: t.record.Tombstone}, true
	}
}

func (t *turn) doneOrPersist() Reply {
	if t.store.failed != "" && t.unsaved {
		return Reply{Outcome: OutcomePersist, Evidence: Evidence{Store: t.store.failed}}
	}
	return Reply{Outcome: OutcomeDone}
}
