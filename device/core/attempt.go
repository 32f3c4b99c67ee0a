package core

import (
	"slices"
	"strings"
)

// A sign-in or sign-up attempt is a conversation of its own: it begins without
// a credential, gets one for itself, and takes the place of the record only
// when it is complete. Nothing that happens to the session that may exist
// beside it concerns it, and nothing it does concerns that session before then.

func (t *turn) beginSignIn(e SignInAsked) {
	offered := e.Strategy == StrategyEmailCode || e.Strategy == StrategyResetEmailCode ||
		(e.Strategy == StrategyPassword && !e.Password.IsZero())
	if e.Identifier == "" || !offered {
		t.reply(Reply{Call: e.Call, Outcome: OutcomeInvalid})
		return
	}
	t.begin(e.Call, Attempt{Strategy: e.Strategy}, SendRequest{
		Kind: CreateSignIn, Identifier: e.Identifier, Strategy: e.Strategy, Password: e.Password,
	})
}

func (t *turn) beginSignUp(e SignUpAsked) {
	if e.Email == "" {
		t.reply(Reply{Call: e.Call, Outcome: OutcomeInvalid})
		return
	}
	t.begin(e.Call, Attempt{SignUp: true, Strategy: StrategyEmailCode}, SendRequest{
		Kind: CreateSignUp, Identifier: e.Email, Password: e.Password,
	})
}

// begin drops an older attempt and sends the first request of a new one. It
// needs neither the store nor a verdict and waits for no pause: signing in has
// a budget of its own.
func (t *turn) begin(call CallID, attempt Attempt, request SendRequest) {
	if !t.launched {
		t.reply(Reply{Call: call, Outcome: OutcomeUndetermined, Cause: CauseStarting})
		return
	}
	t.dropAttempt(OutcomeSuperseded)
	attempt.StartedAt = t.wallNow(t.now)
	t.attempt.begin = attempt
	t.wait(waiter{call: call, want: wantAttempt})
	t.note(HappenedSignIn, Evidence{Request: request.Kind})
	t.sendAttempt(request)
}

// dropAttempt forgets the pending attempt and tells those who wait for it why.
func (t *turn) dropAttempt(why Outcome) {
	t.replyAll(wantAttempt, Reply{Outcome: why})
	t.orphan(t.attempt.flight)
	t.attempt = attemptFlight{}
	t.record.Attempt = Attempt{}
}

func (t *turn) sendAttempt(request SendRequest) {
	request.Credential = t.record.Attempt.Credential
	request.AttemptID = t.record.Attempt.ID
	t.attempt.code, t.attempt.of = request.Code, t.record.Attempt
	t.attempt.flight = t.send(&request)
	t.attempt.flight.clientID = t.record.Attempt.ClientID
}

func (t *turn) enterCode(e CodeEntered) {
	a := t.record.Attempt
	kind := AttemptFirstFactor
	if a.SignUp {
		kind = AttemptVerification
	}
	t.continueAttempt(e.Call, SendRequest{Kind: kind, Strategy: a.Strategy, Code: e.Code}, e.Code.IsZero())
}

func (t *turn) enterSecondFactor(e SecondFactorEntered) {
	missing := e.Code.IsZero() || e.Strategy == "" || t.record.Attempt.SignUp
	t.continueAttempt(e.Call, SendRequest{Kind: AttemptSecondFactor, Strategy: e.Strategy, Code: e.Code}, missing)
}

// sendSecondFactor has a code sent; which of the person's addresses it goes to
// is left to the server, which knows the default one.
func (t *turn) sendSecondFactor(e SecondFactorCodeAsked) {
	missing := e.Strategy == "" || t.record.Attempt.SignUp
	t.continueAttempt(e.Call, SendRequest{Kind: PrepareSecondFactor, Strategy: e.Strategy}, missing)
}

// strategies names those of the factors, each once.
func strategies(factors []FactorDoc) string {
	var names []string
	for _, f := range factors {
		if name := string(f.Strategy); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func (t *turn) choosePassword(e PasswordChosen) {
	missing := e.Password.IsZero() || t.record.Attempt.SignUp
	t.continueAttempt(e.Call, SendRequest{
		Kind: ResetPassword, Password: e.Password, SignOutOthers: e.SignOutOthers,
	}, missing)
}

func (t *turn) resendCode(e CodeResendAsked) {
	t.continueAttempt(e.Call, t.prepareRequest(), false)
}

func (t *turn) prepareRequest() SendRequest {
	a := t.record.Attempt
	if a.SignUp {
		return SendRequest{Kind: PrepareVerification, Strategy: a.Strategy}
	}
	return SendRequest{Kind: PrepareFirstFactor, Strategy: a.Strategy, FactorID: a.FactorID}
}

// continueAttempt takes the next step of the pending attempt. The same step
// asked twice is taken once and answers both.
func (t *turn) continueAttempt(call CallID, request SendRequest, invalid bool) {
	running := t.attempt.flight
	switch {
	case invalid:
		t.reply(Reply{Call: call, Outcome: OutcomeInvalid})
	case t.record.Attempt.ID == "":
		t.reply(Reply{Call: call, Outcome: OutcomeNoAttempt})
	case running.id != 0 && running.kind == request.Kind && t.attempt.code == request.Code:
		t.wait(waiter{call: call, want: wantAttempt})
	default:
		t.replyAll(wantAttempt, Reply{Outcome: OutcomeSuperseded})
		t.orphan(running)
		t.attempt = attemptFlight{}
		t.wait(waiter{call: call, want: wantAttempt})
		t.sendAttempt(request)
	}
}

func (t *turn) abandonAttempt(e AttemptAbandoned) {
	t.dropAttempt(OutcomeSuperseded)
	t.reply(Reply{Call: e.Call, Outcome: OutcomeDone})
}

// attemptAnswered judges the answer to a step. An answer that proves nothing
// leaves the attempt where it was, so that the step can be repeated.
func (t *turn) attemptAnswered(e Responded) {
	kind := t.attempt.flight.kind
	begin, created, of := t.attempt.begin, t.attempt.created, t.attempt.of
	t.attempt = attemptFlight{}
	other := of.ID != "" && t.record.Attempt.ID != "" && t.record.Attempt.ID != of.ID
	if other && e.Class == Accepted {
		t.record.Attempt = of // the answer is about this one, with its credential
	}
	evidence := evidenceOf(kind, e)
	switch {
	case e.Class == Refused:
		t.note(HappenedSignIn, evidence)
		if t.record.Attempt.ID != "" && !other && (e.Status == 404 || e.Status == 410) {
			t.record.Attempt = Attempt{}
		}
		t.replyAttempt(Reply{Outcome: OutcomeRefused, Evidence: evidence, Param: e.Param, Message: e.Message})
	case e.Class != Accepted || (kind == ReadClient && e.Client == nil) || (kind != ReadClient && e.Attempt == nil):
		t.note(HappenedSignIn, evidence)
		t.replyAttempt(Reply{Outcome: OutcomeUnavailable, Evidence: evidence})
	case kind == ReadClient:
		t.completeAttempt(e, created)
	default:
		t.moveAttempt(e, kind, begin)
	}
}

// moveAttempt takes in where the attempt stands now.
func (t *turn) moveAttempt(e Responded, kind RequestKind, begin Attempt) {
	a := t.record.Attempt
	if begin != (Attempt{}) {
		a = begin
	}
	a.ID, a.Status = e.Attempt.ID, e.Attempt.Status
	if !e.Credential.IsZero() {
		a.Credential = e.Credential
	}
	if e.Client != nil {
		a.ClientID = e.Client.ID
	}
	if a.ID == "" || a.Credential.IsZero() {
		// Without a credential of its own the attempt cannot be continued.
		e.Trouble = TroubleMalformed
		t.replyAttempt(Reply{Outcome: OutcomeUnavailable, Evidence: evidenceOf(kind, e)})
		return
	}
	t.record.Attempt = a
	t.note(HappenedSignIn, Evidence{Request: kind, Trace: e.Trace, Status: e.Status, Detail: a.Status})
	switch a.Status {
	case "complete":
		t.completeAttempt(e, e.Attempt.CreatedSessionID)
	case "needs_first_factor", "missing_requirements":
		t.awaitFirstFactor(e, kind)
	case "needs_second_factor":
		t.replyAttempt(Reply{Outcome: OutcomeNeedsSecond, SecondFactors: strategies(e.Attempt.SecondFactors)})
	case "needs_new_password":
		t.replyAttempt(Reply{Outcome: OutcomeNeedsNewPass})
	default:
		t.unsupported(a.Status)
	}
}

// awaitFirstFactor has a code sent after the attempt was created, and asks for
// it after that.
func (t *turn) awaitFirstFactor(e Responded, kind RequestKind) {
	if kind != CreateSignIn && kind != CreateSignUp {
		t.replyAttempt(Reply{Outcome: OutcomeNeedsCode})
		return
	}
	a := &t.record.Attempt
	i := slices.IndexFunc(e.Attempt.FirstFactors, func(f FactorDoc) bool { return f.Strategy == a.Strategy })
	switch {
	case len(e.Attempt.MissingFields) > 0:
		t.unsupported("missing field: " + e.Attempt.MissingFields[0])
	case i < 0 || a.Strategy == StrategyPassword:
		t.unsupported("the server offers no such strategy here")
	default:
		a.FactorID, a.SafeIdentifier = e.Attempt.FirstFactors[i].ID, e.Attempt.FirstFactors[i].SafeIdentifier
		t.attempt.next = t.prepareRequest().Kind
	}
}

func (t *turn) unsupported(detail string) {
	t.record.Attempt = Attempt{}
	t.replyAttempt(Reply{Outcome: OutcomeUnsupported, Evidence: Evidence{Detail: detail}})
}

// stepAttempt sends the next request of an attempt once the attempt is stored,
// or once it is known that it cannot be: a lost attempt is an annoyance, an
// impossible one a locked door.
func (t *turn) stepAttempt() {
	if t.attempt.next == "" || t.attempt.flight.id != 0 || !t.attemptStored() {
		return
	}
	request := t.prepareRequest()
	request.Kind = t.attempt.next
	t.attempt.next = ""
	t.sendAttempt(request)
}

func (t *turn) attemptStored() bool {
	s := &t.store
	if s.answer == "" {
		return false
	}
	return !s.readable() || s.failed != "" || t.durable.Attempt == t.record.Attempt
}

// completeAttempt installs the session that the attempt created, or asks for it
// when the answer did not carry it.
func (t *turn) completeAttempt(e Responded, sessionID string) {
	session, ok := SessionDoc{}, false
	if e.Client != nil {
		session, ok = findSession(*e.Client, sessionID)
	}
	credential := t.record.Attempt.Credential
	if !e.Credential.IsZero() {
		credential = e.Credential
	}
	switch {
	case ok && t.record.revokes(Record{Credential: credential, SessionID: session.ID}):
		// A step that was superseded created it, too, and it is being ended.
		t.record.Attempt = Attempt{}
		t.replyAttempt(Reply{Outcome: OutcomeSuperseded})
	case ok && live(session.Status):
		t.dropFlows(OutcomeSuperseded)
		t.install(e, credential, session)
		t.convertWaiters(wantAttempt, wantSignIn)
	case t.attempt.created == "" && sessionID != "" && e.Attempt != nil:
		t.attempt.created, t.attempt.next = sessionID, ReadClient
	default:
		e.Trouble = TroubleMalformed
		t.replyAttempt(Reply{Outcome: OutcomeUnavailable, Evidence: evidenceOf(ReadClient, e)})
	}
}

// install replaces the record by a new sign-in, in one step. The session that
// it replaces is to be ended on the server.
func (t *turn) install(e Responded, credential Secret, session SessionDoc) {
	before := t.record
	before.Attempt = Attempt{}
	t.dropExchanges()
	next := Record{
		Lineage: t.newLineage(), Install: t.config.Install, Credential: credential, ClientID: e.Client.ID,
		SessionID: session.ID, SessionStatus: session.Status, SessionTask: session.Task, User: session.User,
	}
	if credential.bound() {
		next.RotatedAt = e.ServerTime
	}
	t.confirmed, t.confirmedAt, t.unconfirmed = true, t.now, t.now
	t.clientSeen = e.Client.UpdatedAt
	t.record = before.carriedInto(t.stampConfirmation(next, e, session))
	t.signOutWanted = false
	t.evidence = evidenceOf("", e)
	t.takeActiveToken(session.Token, e)
	t.setCritical()
	t.note(HappenedSignIn, Evidence{Trace: e.Trace, Status: e.Status, Detail: "a session was created"})
}

func viewAttempt(a Attempt) AttemptView {
	if a.ID == "" {
		return AttemptView{}
	}
	return AttemptView{
		ID: a.ID, SignUp: a.SignUp, Status: a.Status, Strategy: a.Strategy,
		SafeIdentifier: a.SafeIdentifier, StartedAt: a.StartedAt,
	}
}
