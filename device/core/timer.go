package core

// setTimer asks for the timer unless it already stands at due.
func (t *turn) setTimer(timer Timer, due Instant) {
	if t.timers[timer] != due {
		t.timers[timer] = due
		if due == 0 {
			t.do(cancelled[timer])
			return
		}
		t.do(SetTimer{timer, due})
	}
}

// cancelled are the effects that cancel a timer, made once.
var cancelled = func() (effects [timers]Effect) {
	for timer := range timers {
		effects[timer] = SetTimer{Timer: timer}
	}
	return effects
}()

func (t *turn) timerFired(e TimerFired) {
	if e.Timer < 0 || e.Timer >= timers || e.Due == 0 || t.timers[e.Timer] != e.Due {
		return // replaced or cancelled since
	}
	t.timers[e.Timer] = 0
	switch e.Timer {
	case TimerLocalDeadline:
		t.store.late = true
	case TimerStore:
		t.store.pause = 0
	case TimerRecheck:
		t.wantConfirm, t.store.reload = true, true
	case TimerRefresh:
		t.wantMint = t.wantMint || t.tokenUsed
	case TimerConfirm:
		t.quiet.until, t.quiet.floor = 0, 0
	case TimerRevoke:
		t.revoking.until, t.revoking.floor = 0, 0
	case TimerFlow:
		t.redeeming.until, t.redeeming.floor = 0, 0
	case TimerOffline:
		// settle sees by itself that the instant has passed.
		t.wantConfirm = t.wantConfirm || t.confirmed
	case timers:
	}
}

// setTimers keeps the timers that stand for an instant in the state.
func (t *turn) setTimers() {
	if t.verdict.Settled() {
		t.setTimer(TimerLocalDeadline, 0)
	}
	talking := t.wantConfirm || t.wantMint || !t.record.Candidate.IsZero()
	t.setTimer(TimerConfirm, pendingUntil(t.quiet, t.now, talking && (t.record.signedIn() || !t.record.Candidate.IsZero())))
	t.setTimer(TimerRevoke, pendingUntil(t.revoking, t.now, !t.record.Revocations[0].IsZero()))
	t.setTimer(TimerFlow, pendingUntil(t.redeeming, t.now, returned(&t.record.Flows) >= 0))
	t.setTimer(TimerOffline, t.offlineTimer())
	if t.token.jwt.IsZero() || !t.record.signedIn() {
		t.setTimer(TimerRefresh, 0)
	} else if t.now < t.token.renewAt {
		t.setTimer(TimerRefresh, t.token.renewAt)
	}
	if t.confirmed && t.record.signedIn() && !t.wantConfirm {
		t.setTimer(TimerRecheck, t.confirmedAt.Add(t.config.Recheck))
	} else {
		t.setTimer(TimerRecheck, 0)
	}
}

func pendingUntil(q quiet, now Instant, wanted bool) Instant {
	if until := max(q.until, q.floor); wanted && until > now {
		return until
	}
	return 0
}

func (t *turn) offlineTimer() Instant {
	if due := t.offlineDue(); due > t.now {
		return due
	}
	return 0
}
