package core

import "slices"

// Step tells the machine that event happened at now, and returns what it
// became and what it wants done, in order. It is pure: equal arguments give
// equal results and no argument is altered. It has an answer for every event in
// every state.
func Step(state State, now Instant, event Event) (State, []Effect) {
	var out outbox
	t := turn{State: &state, now: now, out: &out} // state is this call's own
	t.take(event)
	t.settle()
	return state, append(out.effects, out.replies...)
}

// turn is one Step being taken: a private copy of the state, and the effects so
// far.
type turn struct {
	*State
	now Instant
	out *outbox
	// unsaved: the record is not what the store holds. persist finds out; what
	// comes after it changes neither.
	unsaved bool
}

// outbox is apart from the turn so that the turn stays on the stack.
type outbox struct {
	effects []Effect
	// replies come after every other effect, so that who is answered finds
	// everything published.
	replies []Effect
}

func (t *turn) reply(reply Reply) { t.out.replies = append(t.out.replies, reply) }

func (t *turn) do(effect Effect) {
	if t.out.effects == nil {
		t.out.effects = make([]Effect, 0, 8) // few events have more
	}
	t.out.effects = append(t.out.effects, effect)
}

func (t *turn) newID() RequestID {
	t.lastID++
	return t.lastID
}

// take records what the event says. What follows from it is left to settle.
func (t *turn) take(event Event) {
	switch e := event.(type) {
	case Launch:
		t.launch(e)
	case TokenAsked:
		t.askToken(e)
	case CredentialAsked:
		t.wait(waiter{call: e.Call, want: wantCredential})
	case TokenUsed:
		t.tokenUsed = t.tokenUsed || !t.token.jwt.IsZero()
	case SignInAsked:
		t.beginSignIn(e)
	case SignUpAsked:
		t.beginSignUp(e)
	case CodeEntered:
		t.enterCode(e)
	case SecondFactorEntered:
		t.enterSecondFactor(e)
	case PasswordChosen:
		t.choosePassword(e)
	case SecondFactorCodeAsked:
		t.sendSecondFactor(e)
	case CodeResendAsked:
		t.resendCode(e)
	case AttemptAbandoned:
		t.abandonAttempt(e)
	case BrowserFlowAsked:
		t.beginFlow(e)
	case CallbackArrived:
		t.arrive(e)
	case BrowserFlowAbandoned:
		t.abandonFlow(e)
	case AdoptAsked:
		t.askAdopt(e)
	case SignOutAsked:
		t.askSignOut(e)
	case CallCancelled:
		t.cancelCall(e.Call)
	case StoreLoaded:
		t.loaded(e)
	case StoreSaved:
		t.saved(e)
	case Responded:
		t.readWall(e.Wall)
		t.responded(e)
	case TimerFired:
		t.readWall(e.Wall)
		t.timerFired(e)
	case EntropyDelivered:
		t.entropy[0] ^= e.Words[0]
		t.entropy[1] ^= e.Words[1]
	case KeyMade:
		t.keyMade(e)
	case RotationAsked:
		t.askRotation()
	case Nudged:
		t.readWall(e.Wall)
		t.nudged()
	case PeerChanged:
		t.store.reload = t.store.reload || t.launched
	}
}

// settle does everything that the state now calls for. It looks at what is
// true, not at what has just happened, so it does not matter which event came
// last, and nothing that is due can be forgotten.
func (t *turn) settle() {
	if !t.launched {
		t.answerWaiters()
		return
	}
	t.decideCallbacks()
	t.persist()
	t.converse()
	t.publish()
	t.publishToken()
	t.publishPending()
	t.answerWaiters()
	t.setTimers()
}

func (t *turn) launch(e Launch) {
	if t.launched {
		return
	}
	t.launched = true
	t.entropy = e.Entropy
	t.readWall(e.Wall)
	t.unconfirmed = t.now
	t.store.reload = true
	t.setTimer(TimerLocalDeadline, t.now.Add(t.config.LocalDeadline))
	t.note(HappenedLaunch, Evidence{})
}

// nudged brings forward what waits for a better moment.
func (t *turn) nudged() {
	const fresh = 60_000 // a confirmation younger than this (ms) is good enough
	t.quiet = t.quiet.shorten(t.now)
	t.revoking = t.revoking.shorten(t.now)
	t.redeeming = t.redeeming.shorten(t.now)
	// Another process may have been at work meanwhile, or the store may have
	// become readable.
	t.store.reload = t.store.reload || t.launched
	// A task is done elsewhere, so that a nudge may be about just that.
	if t.confirmed && (t.record.SessionStatus == "pending" || t.now-t.confirmedAt >= fresh) {
		t.wantConfirm = true
	}
}

func (t *turn) cancelCall(call CallID) {
	t.forgetCaller(call)
	if i := slices.IndexFunc(t.waiters, func(w waiter) bool { return w.call == call }); i >= 0 {
		t.waiters = slices.Delete(slices.Clone(t.waiters), i, i+1)
	}
}

// readWall takes a reading of the wall clock and notes when it moved against
// the monotonic one.
func (t *turn) readWall(w Wall) {
	const tolerance = 5 * 60_000 // ms
	if w == 0 {
		return
	}
	moved := w - t.wallNow(t.now)
	jumped := t.wall != 0 && (moved > tolerance || moved < -tolerance)
	t.wall, t.wallAt = w, t.now
	if jumped {
		t.note(HappenedClock, Evidence{})
		// What only the clock says may be wrong, and the server knows.
		t.wantConfirm = t.wantConfirm || (t.confirmed && t.overLimit())
	}
}
