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
	doStoreFault    // it answers storeFaults[arg], and nothing was done
	doStoreFailDone // a write is done and reported as failed
	doKeyGone       // from now on the key is gone
	doErase         // somebody removes the record
	doServe         // request arg is served and answered
	doRotate        // the same, with a successor credential
	doRotateLost    // the same, and the answer is lost
	doLose          // request arg never arrived
	doLost          // request arg was served, the answer is lost
	doLie           // request arg/maxLies gets lie arg%maxLies
	doDrop          // request arg arrives without its credential, see model_drop_test.go
	doProxyLeaves
	doTimer
	doToken
	doSignOut
	doSignOutImplicit
	doSignIn
	doSignInCode
	doEnterCode
	doEnterSecond
	doAbandon
	doAdopt
	doPeerSignOut
	doPeerTouch
	doPeerSignIn
	doPeerBegins
	doPeerRotates
	doPeerAdopts
	doPeerRevokes
	doPeerNotice
	doEnd
	doEndListed
	doForget
	doTaskDone
	doNudge
	doMinute
	doMonth
	doClockMonth   // only the clock of the device jumps
	doClockCentury // it is set to 2100 or so
	doClockBack
	doClock1970
	doBeginFlow // a sign-in in the browser, see model_flow_test.go
	doCallback
	doCallbackForeign
	doAbandonFlow
	doPeerCallback
	doKeyMade // a device key, see model_binding_test.go
	doKeyNone
	doAskRotation
	doForeignKey // somebody shows line arg with another key
	doBackup
	doRestore
	doPeerBinds
)

// storeFaults are the answers that say nothing about what is stored.
var storeFaults = [...]StoreAnswer{StoreFailed, StoreLocked, StoreAccessDenied, StoreCorrupt, StoreTooNew}

const (
	readFaults  = len(storeFaults)
	writeFaults = 3 // of them, a write meets the first ones
)

var deedNames = [...]string{
	"launch", "kill", "store answers", "store", "store fails but did it", "key is gone", "record removed",
	"served", "served with successor", "answer with successor lost", "request lost", "answer lost", "lie", "served without its credential", "proxy is gone", "timer", "token asked",
	"sign-out asked", "implicit sign-out", "sign-in", "code sign-in", "code entered", "second factor entered", "attempt abandoned",
	"adopt", "peer signs out", "peer touches", "peer signs in", "peer begins a sign-in", "peer rotates", "peer adopts", "peer revokes",
	"peer noticed", "session ended", "session ended and listed", "client forgotten", "task done", "nudge", "two minutes", "a month",
	"clock a month ahead", "clock a century ahead", "clock back", "clock at 1970",
	"browser flow begins", "callback", "foreign callback", "browser flow abandoned", "peer completes the flow",
	"key made", "no key", "rotation asked", "foreign key", "backup taken", "backup restored", "peer binds",
}

func (w *world) describe(a action) string {
	switch a.do {
	case doServe, doRotate, doRotateLost, doLose, doLost, doDrop:
		return fmt.Sprintf("%s: %s %s", deedNames[a.do], w.reqs[a.arg].Kind, w.reqs[a.arg].Credential.Reveal())
	case doLie:
		r := w.reqs[a.arg/maxLies]
		return fmt.Sprintf("%s %d: %s %s", deedNames[a.do], a.arg%maxLies, r.Kind, r.Credential.Reveal())
	case doStoreFault:
		return fmt.Sprintf("store: %s", storeFaults[a.arg])
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
		add(b.clock > 0, doClockCentury, 0)
		add(b.clock > 0, doClock1970, 0)
		return list
	}
	add(b.kill > 0, doKill, 0)
	if w.op.id != 0 {
		fault := b.storeFault > 0
		add(true, doStore, 0)
		for i := range readFaults {
			add(fault && (i < writeFaults || !w.op.save), doStoreFault, i)
		}
		add(fault && w.op.save, doStoreFailDone, 0)
	}
	for i := range w.reqs {
		if w.reqs[i].ID == 0 {
			continue
		}
		add(true, doServe, i)
		rotate := b.rotate > 0 && w.reqs[i].Credential == credA0
		add(rotate, doRotate, i)
		add(rotate, doRotateLost, i)
		add(b.drop > 0 && !w.proxy.there && droppable(w.reqs[i]), doDrop, i)
		add(b.trouble > 0, doLose, i)
		add(b.trouble > 0 && w.reqs[i].Kind != ReadClient, doLost, i)
		if b.lie > 0 {
			for j := range lies(w.reqs[i].Kind) {
				add(true, doLie, i*maxLies+j)
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
	attempt := &w.state.record.Attempt
	add(b.signIn > 0 && attempt.ID != "", doEnterCode, 0)
	add(attempt.Status == "needs_second_factor" && w.state.attempt.flight.id == 0, doEnterSecond, 0)
	add(b.signIn > 0 && attempt.ID != "", doAbandon, 0)
	add(b.adopt > 0, doAdopt, 0)
	if b.peer > 0 {
		list = w.peerActions(list)
	}
	add(b.end > 0, doEnd, 0)
	add(b.end > 0, doEndListed, 0)
	add(b.forget > 0, doForget, 0)
	add(b.key > 0, doKeyGone, 0)
	add(b.erase > 0 && w.disk.present, doErase, 0)
	add(b.task > 0 && w.server.task, doTaskDone, 0)
	add(b.nudge > 0, doNudge, 0)
	for do := doMinute; do <= doClock1970; do++ {
		add(b.clock > 0, do, 0)
	}
	add(w.proxy.there, doProxyLeaves, 0)
	w.flowActions(add)
	w.bindingActions(add)
	return list
}

// peerActions is what another process of the device can do with what is stored.
func (w *world) peerActions(list []action) []action {
	add := func(ok bool, do deed) {
		if ok {
			list = append(list, action{do: do})
		}
	}
	d, s := &w.disk, &w.server
	readable := d.present && !d.keyGone
	signedIn := readable && d.record.Tombstone == "" && d.record.signedIn()
	add(signedIn, doPeerSignOut)
	add(signedIn, doPeerTouch)
	add(!d.keyGone && !s.created4, doPeerSignIn)
	add(readable && !s.attempt4, doPeerBegins)
	add(signedIn && d.record.Credential == credA0 && !s.rotated && !s.forgotten, doPeerRotates)
	add(readable && d.record.Candidate == credK0 && !s.over[3], doPeerAdopts)
	add(readable && !d.record.Revocations[0].IsZero(), doPeerRevokes)
	add(true, doPeerNotice)
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
	case doStoreFault:
		b.storeFault--
		return w.answerStore(storeFaults[a.arg])
	case doStoreFailDone:
		b.storeFault--
		w.write()
		return w.answerStore(StoreFailed)
	case doKeyGone:
		b.key--
		w.disk.keyGone = w.disk.present
		return nil
	case doErase:
		b.erase--
		w.disk = modelDisk{}
		return nil
	case doServe, doRotate, doRotateLost, doLose, doLost, doLie, doDrop:
		return w.exchange(a)
	case doTimer:
		timer := Timer(a.arg)
		if timer == TimerLocalDeadline {
			w.ghost.deadline = true
		}
		return w.step(TimerFired{Timer: timer, Due: w.state.timers[timer], Wall: w.clock()})
	case doPeerSignOut, doPeerTouch, doPeerSignIn, doPeerBegins, doPeerRotates, doPeerAdopts, doPeerRevokes:
		b.peer--
		w.peerWrites(a.do)
		return nil
	case doEnd, doEndListed:
		b.end--
		w.endSession("S1")
		w.server.listed = a.do == doEndListed
		return nil
	case doTaskDone:
		b.task--
		w.server.task = false
		return nil
	case doProxyLeaves:
		w.proxy.there = false
		return nil
	case doForget:
		b.forget--
		w.server.forgotten = true
		return nil
	case doMinute, doMonth, doClockMonth, doClockCentury, doClockBack, doClock1970:
		b.clock--
		return w.passTime(a.do)
	case doBeginFlow, doCallback, doCallbackForeign, doAbandonFlow, doPeerCallback:
		return w.takeFlow(a)
	case doKeyMade, doKeyNone, doAskRotation, doForeignKey, doBackup, doRestore, doPeerBinds:
		return w.takeBinding(a)
	default:
		return w.wish(a)
	}
}

// passTime lets time pass, or sets the clock of the device.
func (w *world) passTime(how deed) error {
	before := w.clock()
	switch how {
	case doMinute:
		w.now += modelMinute
	case doMonth:
		w.now += modelMonth
	case doClockMonth:
		w.wall += Wall(modelMonth)
	case doClockCentury:
		w.wall += modelCentury
	case doClockBack:
		w.wall -= Wall(modelMonth)
	default:
		w.wall = -modelWall - Wall(w.now) + 1
	}
	ahead := w.clock() - before
	w.ghost.late = w.ghost.late || ahead >= Wall(modelMonth) && ahead < modelCentury
	if !w.alive {
		return nil
	}
	return w.step(Nudged{Wall: w.clock()})
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
		w.signOut()
		event = SignOutAsked{Call: call}
	case doSignOutImplicit:
		b.signOut--
		shown := w.state.verdict.SignedIn() || w.state.verdict.Kind == Pending
		if shown {
			w.signOut()
		}
		event = SignOutAsked{Call: call, Implicit: true}
	case doSignIn:
		b.signIn--
		w.beginAnew()
		event = SignInAsked{Call: call, Identifier: "u", Strategy: StrategyPassword, Password: NewSecret("p")}
	case doSignInCode:
		b.signIn--
		w.beginAnew()
		event = SignInAsked{Call: call, Identifier: "u", Strategy: StrategyEmailCode}
	case doEnterCode:
		b.signIn--
		event = CodeEntered{Call: call, Code: NewSecret("c")}
	case doEnterSecond:
		event = SecondFactorEntered{Call: call, Strategy: StrategyTOTP, Code: NewSecret("t")}
	case doAbandon:
		b.signIn--
		event = AttemptAbandoned{Call: call}
	case doAdopt:
		b.adopt--
		event = AdoptAsked{Call: call, Credential: w.handed()}
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

// handed is the credential that the host hands over.
func (w *world) handed() Secret {
	if w.alike {
		return credR0
	}
	return credK0
}

// signOut notes what a person who signs out now means.
func (w *world) signOut() {
	g := &w.ghost
	g.asked = true
	g.meant[1], g.meant[2] = true, w.server.attempt || w.asking(CreateSignIn) || w.asking(StartFlow)
	g.meant[3], g.meant[4] = g.acceptedK0, g.shown4
}

// beginAnew: nobody has signed out of a sign-in that begins now.
func (w *world) beginAnew() {
	g := &w.ghost
	g.meant[2], g.over[2], g.forever[2] = false, false, false
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
	*g = ghost{
		gone: g.gone, forever: g.forever, over: g.forever, asked: g.asked, peerOut: g.peerOut,
		acceptedA1: g.acceptedA1, acceptedK0: g.acceptedK0, acceptedR0: g.acceptedR0, late: g.late,
	}
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
	before := w.disk.record
	answer := w.write()
	if answer == StoreStored {
		w.forgetDelivered(&before)
	}
	return w.answerStore(answer)
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
		if answer == StoreStored {
			w.ghost.told = op.body.Next
		}
		return w.step(StoreSaved{ID: op.id, Answer: answer})
	}
	w.ghost.lastRead = answer
	if answer == StoreFound || answer == StoreAbsent {
		w.ghost.told = w.disk.version
	}
	w.ghost.keyLost = w.ghost.keyLost || answer == StoreKeyMissing
	e := StoreLoaded{ID: op.id, Answer: answer}
	if answer == StoreFound {
		e.Version, e.Data = w.disk.version, EncodeRecord(w.disk.record, "t")
	}
	return w.step(e)
}

// forgetDelivered: what was believed of a credential that is stored no more is
// no reason to drop it again.
func (w *world) forgetDelivered(before *Record) {
	held := func(r *Record) (all credentialSet) {
		for rev := range r.Queued() {
			all.add(rev.Credential)
		}
		if !r.Credential.IsZero() {
			all.add(r.Credential)
		}
		return all
	}
	w.ghost.revBelieved &^= held(before) &^ held(&w.disk.record)
}

// peerWrites is what another process of the same device does, under the same
// compare-and-set.
func (w *world) peerWrites(what deed) {
	d := &w.disk
	d.version.Generation++
	switch what {
	case doPeerSignOut:
		w.ghost.peerOut = true
		w.ghost.meant[sessionIndex(d.record.SessionID)] = true
		w.peerEndsFlows()
		d.record = d.record.ownRevocations().ended(CauseUser, Evidence{})
	case doPeerSignIn:
		w.server.attempt4, w.server.created4 = true, true
		w.peerInstalls(d.record, credD0, "LP")
	case doPeerBegins:
		w.server.attempt4 = true
		d.record.Attempt = Attempt{
			ID: "AP", Status: "needs_first_factor", Strategy: StrategyEmailCode, Credential: credD0, ClientID: "C4",
		}
	case doPeerAdopts:
		w.ghost.acceptedK0 = true
		kept := d.record
		if kept.Tombstone == "" {
			kept = Record{Revocations: kept.Revocations}
		}
		attempt := d.record.Attempt
		w.peerInstalls(kept, credK0, "LQ")
		d.record.Attempt = attempt
	case doPeerRevokes:
		rev := d.record.Revocations[0]
		if client := w.clientOf(rev.Credential); client != "" {
			w.endSession("S" + client[1:])
		}
		d.record = d.record.withoutRevocation(rev)
	case doPeerRotates:
		w.server.rotated, w.server.presented = true, true
		w.ghost.acceptedA1 = true
		d.record.Credential, d.record.Successor = credA1, Secret{}
	default:
		d.record.User.FirstName += "x"
	}
}

// peerInstalls stores a sign-in of another process over before.
func (w *world) peerInstalls(before Record, credential Secret, lineage string) {
	n := holder(credential)[1:]
	next := Record{
		Lineage: lineage, Credential: credential, ClientID: "C" + n, SessionID: "S" + n, SessionStatus: "active",
		ClientUpdatedAt: 5, User: User{ID: "U" + n}, ConfirmedAt: w.clock(),
	}
	w.disk = modelDisk{
		present: true, version: Version{lineage, w.disk.version.Generation}, record: before.carriedInto(next),
	}
}

// exchange ends the request that a names.
func (w *world) exchange(a action) error {
	b := &w.budget
	i := a.arg
	if a.do == doLie {
		i /= maxLies
	}
	r := w.reqs[i]
	dropped := a.do == doDrop || w.proxy.there && a.do != doLose && droppable(r)
	lost := Responded{ID: r.ID, Wall: w.clock(), Class: Ambiguous, Trouble: TroubleTimeout}
	answer := lost
	switch a.do {
	case doServe:
		answer = w.arriving(r, dropped, false)
	case doRotate:
		b.rotate--
		answer = w.arriving(r, dropped, true)
	case doRotateLost:
		b.rotate--
		w.arriving(r, dropped, true)
	case doLose:
		b.trouble--
	case doLost:
		b.trouble--
		w.arriving(r, dropped, false)
	case doLie:
		b.lie--
		answer = w.lie(r, int(a.arg)%maxLies)
	case doDrop:
		b.drop--
		answer = w.arriving(r, dropped, false)
	default:
		return fmt.Errorf("model: no such exchange: %d", a.do)
	}
	w.reqs = remove(w.reqs, int(i))
	w.witness(r, answer, !dropped)
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
