package core

import (
	"fmt"
	"slices"
)

// action is one thing that can happen next.
type action struct {
	do  deed
	arg uint8
}

type deed uint8

const (
	doLaunch deed = iota
	doKill
	doStore         // the store answers honestly
	doStoreFail     // it fails, and nothing was done
	doStoreFailDone // a write is done and reported as failed
	doStoreLocked
	doStoreCorrupt
	doKeyGone // from now on the key is gone
	doServe   // request arg is served and answered
	doRotate  // the same, with a successor credential
	doLose    // request arg never arrived
	doLost    // request arg was served, the answer is lost
	doLie     // request arg/4 gets lie arg%4
	doTimer
	doToken
	doSignOut
	doSignOutImplicit
	doSignIn
	doSignInCode
	doEnterCode
	doAdopt
	doPeerSignOut
	doPeerTouch
	doPeerSignIn
	doPeerRotates
	doPeerNotice
	doEnd
	doForget
	doNudge
	doMinute
	doMonth
	doClockBack
	doKeyMade // a device key, see model_binding_test.go
	doKeyNone
	doAskRotation
	doForeignKey // somebody shows line arg with another key
	doBackup
	doRestore
	doPeerBinds
)

var deedNames = [...]string{
	"launch", "kill", "store answers", "store fails", "store fails but did it", "store is locked", "store is corrupt",
	"key is gone", "served", "served with successor", "request lost", "answer lost", "lie", "timer", "token asked",
	"sign-out asked", "implicit sign-out", "sign-in", "code sign-in", "code entered", "adopt", "peer signs out",
	"peer touches", "peer signs in", "peer rotates", "peer noticed", "session ended", "client forgotten", "nudge", "two minutes", "a month", "clock back",
	"key made", "no key", "rotation asked", "foreign key", "backup taken", "backup restored", "peer binds",
}

func (w *world) describe(a action) string {
	switch a.do {
	case doServe, doRotate, doLose, doLost:
		return fmt.Sprintf("%s: %s %s", deedNames[a.do], w.reqs[a.arg].Kind, w.reqs[a.arg].Credential.Reveal())
	case doLie:
		return fmt.Sprintf("%s %d: %s %s", deedNames[a.do], a.arg%4, w.reqs[a.arg/4].Kind, w.reqs[a.arg/4].Credential.Reveal())
	case doTimer:
		return fmt.Sprintf("timer %d", a.arg)
	default:
		return deedNames[a.do]
	}
}

// actions lists everything that can happen in w, in a fixed order.
func (w *world) actions(into []action) []action {
	list := into[:0]
	add := func(ok bool, do deed, arg int) {
		if ok {
			list = append(list, action{do, uint8(arg)})
		}
	}
	b := w.budget
	if !w.alive {
		add(true, doLaunch, 0)
		add(b.end > 0, doEnd, 0)
		w.bindingActions(add)
		return list
	}
	add(b.kill > 0, doKill, 0)
	if w.op.id != 0 {
		fault := b.storeFault > 0
		add(true, doStore, 0)
		add(fault, doStoreFail, 0)
		add(fault && w.op.save, doStoreFailDone, 0)
		add(fault, doStoreLocked, 0)
		add(fault && !w.op.save, doStoreCorrupt, 0)
	}
	for i := range w.reqs {
		if w.reqs[i].ID == 0 {
			continue
		}
		add(true, doServe, i)
		add(b.rotate > 0 && w.reqs[i].Credential == credA0, doRotate, i)
		add(b.trouble > 0, doLose, i)
		add(b.trouble > 0 && w.reqs[i].Kind != ReadClient, doLost, i)
		if b.lie > 0 {
			for j := range w.lies(w.reqs[i]) {
				add(true, doLie, i*4+j)
			}
		}
	}
	for timer := range w.state.timers {
		add(w.state.timers[timer] != 0, doTimer, timer)
	}
	add(b.token > 0, doToken, 0)
	add(b.signOut > 0, doSignOut, 0)
	add(b.signOut > 0, doSignOutImplicit, 0)
	fresh := b.signIn > 0 && !w.server.attempt && !w.asking(CreateSignIn)
	add(fresh, doSignIn, 0)
	add(fresh, doSignInCode, 0)
	add(b.signIn > 0 && w.state.record.Attempt.ID != "", doEnterCode, 0)
	add(b.adopt > 0, doAdopt, 0)
	readable := w.disk.present && !w.disk.keyGone && w.disk.record.Tombstone == "" && w.disk.record.signedIn()
	add(b.peer > 0 && readable, doPeerSignOut, 0)
	add(b.peer > 0 && readable, doPeerTouch, 0)
	add(b.peer > 0 && !w.disk.keyGone && !w.server.attempt && !w.asking(CreateSignIn), doPeerSignIn, 0)
	add(b.peer > 0 && readable && w.disk.record.Credential == credA0 && !w.server.rotated && !w.server.forgotten, doPeerRotates, 0)
	add(b.peer > 0, doPeerNotice, 0)
	add(b.end > 0, doEnd, 0)
	add(b.forget > 0, doForget, 0)
	add(b.key > 0, doKeyGone, 0)
	add(b.nudge > 0, doNudge, 0)
	add(b.clock > 0, doMinute, 0)
	add(b.clock > 0, doMonth, 0)
	add(b.clock > 0, doClockBack, 0)
	w.bindingActions(add)
	return list
}

// take performs a and returns the first law that is broken by what follows.
func (w *world) take(a action) error {
	b := &w.budget
	switch a.do {
	case doLaunch:
		return w.launch()
	case doKill:
		b.kill--
		w.kill()
		return nil
	case doStore:
		return w.storeAnswers()
	case doStoreFail, doStoreLocked, doStoreCorrupt:
		b.storeFault--
		answer := map[deed]StoreAnswer{doStoreFail: StoreFailed, doStoreLocked: StoreLocked, doStoreCorrupt: StoreCorrupt}[a.do]
		return w.answerStore(answer)
	case doStoreFailDone:
		b.storeFault--
		w.write()
		return w.answerStore(StoreFailed)
	case doKeyGone:
		b.key--
		w.disk.keyGone = w.disk.present
		return nil
	case doServe, doRotate, doLose, doLost, doLie:
		return w.exchange(a)
	case doTimer:
		timer := Timer(a.arg)
		if timer == TimerLocalDeadline {
			w.ghost.deadline = true
		}
		return w.step(TimerFired{Timer: timer, Due: w.state.timers[timer], Wall: w.clock()})
	case doPeerSignOut, doPeerTouch, doPeerSignIn, doPeerRotates:
		b.peer--
		w.peerWrites(a.do)
		return nil
	case doEnd:
		b.end--
		w.server.ended = true
		return nil
	case doForget:
		b.forget--
		w.server.forgotten = true
		return nil
	case doMinute, doMonth:
		b.clock--
		w.now += map[deed]Instant{doMinute: modelMinute, doMonth: modelMonth}[a.do]
		return w.step(Nudged{Wall: w.clock()})
	case doKeyMade, doKeyNone, doAskRotation, doForeignKey, doBackup, doRestore, doPeerBinds:
		return w.takeBinding(a)
	case doClockBack:
		b.clock--
		w.wall -= Wall(modelMonth)
		return w.step(Nudged{Wall: w.clock()})
	default:
		return w.wish(a)
	}
}

// wish is what a person or a host asks for.
func (w *world) wish(a action) error {
	b := &w.budget
	w.calls++
	call := w.calls
	var event Event
	switch a.do {
	case doToken:
		b.token--
		event = TokenAsked{Call: call}
	case doSignOut:
		b.signOut--
		w.ghost.asked = true
		event = SignOutAsked{Call: call}
	case doSignOutImplicit:
		b.signOut--
		shown := w.state.verdict.SignedIn() || w.state.verdict.Kind == Pending
		w.ghost.asked = w.ghost.asked || shown
		event = SignOutAsked{Call: call, Implicit: true}
	case doSignIn:
		b.signIn--
		event = SignInAsked{Call: call, Identifier: "u", Strategy: StrategyPassword, Password: NewSecret("p")}
	case doSignInCode:
		b.signIn--
		event = SignInAsked{Call: call, Identifier: "u", Strategy: StrategyEmailCode}
	case doEnterCode:
		b.signIn--
		event = CodeEntered{Call: call, Code: NewSecret("c")}
	case doAdopt:
		b.adopt--
		event = AdoptAsked{Call: call, Credential: credK0}
	case doPeerNotice:
		b.peer--
		w.calls--
		return w.step(PeerChanged{})
	case doNudge:
		b.nudge--
		w.calls--
		return w.step(Nudged{Wall: w.clock()})
	default:
		return fmt.Errorf("model: no such wish: %d", a.do)
	}
	w.ghost.open[call] = true
	return w.step(event)
}

func (w *world) launch() error {
	if !w.alive {
		w.alive = true
		config := modelConfig()
		config.Bind = w.bind.on
		w.state = New(config)
	}
	return w.step(Launch{Wall: w.clock(), Entropy: [2]uint64{1, w.names}})
}

func (w *world) kill() {
	w.alive = false
	w.state, w.bind.wanted = State{}, false
	w.op, w.reqs, w.calls = modelOp{}, [maxModelReqs]SendRequest{}, 0
	g := &w.ghost
	*g = ghost{gone: g.gone, forever: g.forever, over: g.forever, asked: g.asked, peerOut: g.peerOut, peerIn: g.peerIn, acceptedA1: g.acceptedA1, acceptedK0: g.acceptedK0}
}

// storeAnswers performs the operation that the store was asked for.
func (w *world) storeAnswers() error {
	if !w.op.save {
		switch {
		case !w.disk.present:
			return w.answerStore(StoreAbsent)
		case w.disk.keyGone:
			return w.answerStore(StoreKeyMissing)
		default:
			return w.answerStore(StoreFound)
		}
	}
	return w.answerStore(w.write())
}

// write is the vault's compare-and-set.
func (w *world) write() StoreAnswer {
	save, d := w.op.body, &w.disk
	next := save.Next
	switch {
	case d.present && d.keyGone && !save.Beside:
		return StoreKeyMissing
	case d.present && !d.keyGone && d.version == next && d.record == w.state.store.saving.record:
		return StoreStored
	case d.present && !d.keyGone && d.version != save.Previous, !d.present && !save.Previous.IsZero():
		return StoreConflict
	}
	*d = modelDisk{present: true, version: next, record: w.state.store.saving.record}
	return StoreStored
}

func (w *world) answerStore(answer StoreAnswer) error {
	op := w.op
	w.op = modelOp{}
	if op.save {
		return w.step(StoreSaved{ID: op.id, Answer: answer})
	}
	w.ghost.lastRead = answer
	w.ghost.keyLost = w.ghost.keyLost || answer == StoreKeyMissing
	e := StoreLoaded{ID: op.id, Answer: answer}
	if answer == StoreFound {
		e.Version, e.Data = w.disk.version, EncodeRecord(w.disk.record, "t")
	}
	return w.step(e)
}

// peerWrites is what another process of the same device does, under the same
// compare-and-set.
func (w *world) peerWrites(what deed) {
	d := &w.disk
	d.version.Generation++
	switch what {
	case doPeerSignOut:
		w.ghost.peerOut = true
		d.record = d.record.ownRevocations().ended(CauseUser, Evidence{})
	case doPeerSignIn:
		w.server.attempt, w.server.created, w.ghost.peerIn = true, true, true
		next := Record{
			Lineage: "LP", Credential: credB0, ClientID: "C2", SessionID: "S2", SessionStatus: "active",
			User: User{ID: "U2"}, ConfirmedAt: w.clock(),
		}
		*d = modelDisk{present: true, version: Version{"LP", d.version.Generation}, record: d.record.carriedInto(next)}
	case doPeerRotates:
		w.server.rotated, w.server.presented = true, true
		w.ghost.acceptedA1 = true
		d.record.Credential, d.record.Successor = credA1, Secret{}
	default:
		d.record.User.FirstName += "x"
	}
}

// exchange ends the request that a names.
func (w *world) exchange(a action) error {
	b := &w.budget
	i := a.arg
	if a.do == doLie {
		i /= 4
	}
	r := w.reqs[i]
	lost := Responded{ID: r.ID, Wall: w.clock(), Class: Ambiguous, Trouble: TroubleTimeout}
	answer := lost
	switch a.do {
	case doServe:
		answer = w.serve(r, false)
	case doRotate:
		b.rotate--
		answer = w.serve(r, true)
	case doLose:
		b.trouble--
	case doLost:
		b.trouble--
		w.serve(r, false)
	case doLie:
		b.lie--
		answer = w.lies(r)[a.arg%4]
	default:
		return fmt.Errorf("model: no such exchange: %d", a.do)
	}
	w.reqs = remove(w.reqs, int(i))
	w.witness(r, answer)
	return w.step(answer)
}

func remove(reqs [maxModelReqs]SendRequest, i int) [maxModelReqs]SendRequest {
	kept := slices.Delete(slices.Clone(reqs[:]), i, i+1)
	var result [maxModelReqs]SendRequest
	copy(result[:], kept)
	return result
}

func (w *world) asking(kind RequestKind) bool {
	return slices.ContainsFunc(w.reqs[:], func(r SendRequest) bool { return r.ID != 0 && r.Kind == kind })
}
