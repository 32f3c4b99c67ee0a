package core

import "slices"

// clientRead judges the answer to "who am I".
func (t *turn) clientRead(e Responded, f flight) {
	if t.doubt.checking {
		t.arrivalShown(e, f)
		return
	}
	if e.Class != Accepted || e.Client == nil {
		t.ambiguous(e, f.kind)
		return
	}
	doc, evidence := *e.Client, evidenceOf(f.kind, e)
	session, present := t.ownSession(doc)
	switch {
	case t.record.ClientID != "" && doc.ID != t.record.ClientID:
		evidence.Trouble = TroubleForeign
		t.strange(e, f, evidence)
	case present && live(session.Status):
		t.confirmWith(e, f, session)
	case t.record.ClientID == "":
		// Nothing is known about the client that the credential belongs to, so
		// this may be another one.
		evidence.Trouble = TroubleForeign
		t.strange(e, f, evidence)
	case t.behind(&doc):
		// It may not know the session yet.
		evidence.Trouble = TroubleStale
		t.sameRound(f.credential)
		t.doubt.named = true
		t.doubtful(e, f, evidence)
	default:
		evidence.Detail = "the client no longer lists the session"
		if present {
			evidence.Detail, evidence.Code = "the client lists the session as over", session.Status
		}
		t.end(CauseRevoked, evidence)
	}
}

// behind reports whether doc comes from a copy of the server that lags behind
// what we have seen of our client.
func (t *turn) behind(doc *ClientDoc) bool {
	return doc.ID == t.record.ClientID && doc.UpdatedAt != 0 && doc.UpdatedAt < max(t.clientSeen, t.record.ClientUpdatedAt)
}

// ownSession finds the record's session in doc. A record that does not know its
// session takes the last active one.
func (t *turn) ownSession(doc ClientDoc) (SessionDoc, bool) {
	if t.record.SessionID == "" {
		return lastActive(doc)
	}
	return findSession(doc, t.record.SessionID)
}

func findSession(doc ClientDoc, id string) (SessionDoc, bool) {
	i := slices.IndexFunc(doc.Sessions, func(s SessionDoc) bool { return s.ID == id })
	if i < 0 || id == "" {
		return SessionDoc{}, false
	}
	return doc.Sessions[i], true
}

func lastActive(doc ClientDoc) (SessionDoc, bool) {
	if s, ok := findSession(doc, doc.LastActiveSessionID); ok && live(s.Status) {
		return s, true
	}
	i := slices.IndexFunc(doc.Sessions, func(s SessionDoc) bool { return s.ID != "" && live(s.Status) })
	if i < 0 {
		return SessionDoc{}, false
	}
	return doc.Sessions[i], true
}

// confirmWith takes in that the server knows the session.
func (t *turn) confirmWith(e Responded, f flight, session SessionDoc) {
	contradicted, tries := t.doubt, t.quiet.tries
	t.believe(e, f)
	t.wantConfirm = false
	t.clientSeen = max(t.clientSeen, e.Client.UpdatedAt)
	t.remember(e, e.Client.ID, session)
	t.takeActiveToken(session.Token, e)
	if contradicted.refused {
		// A token is refused for a session that is there. Ask again later,
		// not in a circle.
		t.refuseTokens(contradicted)
		t.quiet.tries = tries
		t.pauseFor(&t.quiet, e, contradicted.evidence)
	}
}

// believe notes that the server answered for this credential.
func (t *turn) believe(e Responded, f flight) {
	if !t.confirmed {
		t.evidence = evidenceOf(f.kind, e)
	}
	t.confirmed, t.confirmedAt, t.unconfirmed = true, t.now, t.now
	t.doubt, t.quiet = doubt{}, quiet{}
	t.provedSuccessor(f.credential, e.ServerTime)
	t.takeSuccessor(e.Credential, f)
	t.considerRotation(e)
}

// remember puts the server's word into the record. A confirmation alone is
// written once an hour: the offline limit counts days.
func (t *turn) remember(e Responded, clientID string, session SessionDoc) {
	const hour = 3_600_000 // ms
	next := t.record
	next.ClientID, next.SessionID = clientID, session.ID
	next.SessionStatus, next.SessionTask = session.Status, session.Task
	if t.config.Install != "" {
		next.Install = t.config.Install
	}
	if session.User != (User{}) {
		next.User = session.User
	}
	age := t.wallNow(t.now) - next.ConfirmedAt
	if next == t.record && age >= 0 && age < hour && next.Unconfirmed < hour {
		return
	}
	t.record = t.stampConfirmation(next, e, session)
}

func (t *turn) stampConfirmation(r Record, e Responded, session SessionDoc) Record {
	r.ConfirmedAt, r.ConfirmedServer, r.Unconfirmed = t.wallNow(t.now), e.ServerTime, 0
	r.SessionExpireAt = session.ExpireAt
	if e.Client != nil {
		r.ClientUpdatedAt = max(t.clientSeen, e.Client.UpdatedAt)
	}
	return r
}

// strange is doubtful about another client than ours, which is also what a
// server answers that got no credential.
func (t *turn) strange(e Responded, f flight, evidence Evidence) {
	t.sameRound(f.credential)
	if !e.Presented {
		t.doubt.unheard, t.doubt.stranger, t.doubt.spare = true, e.Client.ID, e.Credential
	}
	t.doubtful(e, f, evidence)
}

// doubtful takes in a client answer that cannot be about our session. Together
// with a terminal refusal of exactly our session it is a rejection; alone it is
// nothing, and asking for a token is the way to find out.
func (t *turn) doubtful(e Responded, f flight, evidence Evidence) {
	t.sameRound(f.credential)
	t.note(HappenedRound, evidence)
	t.doubt.foreign = true
	if t.doubt.refused {
		t.conclude(e, f)
		return
	}
	if t.record.SessionID == "" {
		e.Trouble = evidence.Trouble
		t.ambiguous(e, f.kind)
		return
	}
	t.wantConfirm, t.wantMint = false, true
}

// sameRound begins another round of doubt when the credential in question is
// another one than before: two answers about two credentials prove nothing.
func (t *turn) sameRound(credential Secret) {
	if t.doubt.credential != credential {
		t.doubt = doubt{credential: credential}
	}
}

// conclude ends a round in which both answers are in.
func (t *turn) conclude(e Responded, f flight) {
	d := t.doubt
	switch {
	case !d.terminal:
		e.Trouble, e.Code, e.Status, e.Trace = TroubleUnexplained, d.evidence.Code, d.evidence.Status, d.evidence.Trace
		t.wantConfirm = true
		t.refuseTokens(d)
		t.ambiguous(e, f.kind)
	case !d.shown() && d.spare.IsZero():
		e.Trouble, t.wantConfirm = TroubleStripped, true
		t.refuseTokens(d)
		t.ambiguous(e, f.kind)
	case !d.shown():
		t.doubt.checking, t.wantConfirm, t.wantMint = true, false, false
	default:
		t.reject(d)
	}
}

// arrivalShown goes on with a round whose answers did not show that the
// credential arrived. Credentials do arrive if the one that came with the other
// client gets that very client back: a request that lost it would be handed one
// more. Who our client is, is asked once again then.
func (t *turn) arrivalShown(e Responded, f flight) {
	d := t.doubt
	if e.remembers(d.stranger) {
		// They may not have arrived before: what dropped them may just be gone.
		t.doubt.checking, t.doubt.arrives, t.wantConfirm = false, true, true
		return
	}
	if e.Class == Accepted {
		e.Trouble = TroubleStripped
	}
	t.wantConfirm = true
	t.refuseTokens(d)
	t.ambiguous(e, f.kind)
}

// unaddressed reports whether a client was answered that says nothing about the
// credential that was asked about: a new one, which is also what a server makes
// for a request that lost its credential on the way.
func (e Responded) unaddressed() bool {
	return e.Class == Accepted && e.Client != nil && len(e.Client.Sessions) == 0 && !e.Presented && !e.Credential.IsZero()
}

// remembers reports whether a server that does not say which credentials it got
// knew one that it had handed out with another client. One that does say so was
// not the one that gave the answers before.
func (e Responded) remembers(stranger string) bool {
	return e.Class == Accepted && !e.Presented && e.Client != nil && e.Client.ID == stranger && e.Credential.IsZero()
}

// reject believes that the credential in question is not known to the server.
func (t *turn) reject(d doubt) {
	t.doubt, t.wantMint = doubt{}, false
	if d.credential == t.record.Successor && d.credential != t.record.Credential {
		// The successor is not known to the server. The predecessor may be.
		t.note(HappenedRotation, d.evidence)
		t.record.Successor = Secret{}
		t.wantConfirm = true
		return
	}
	d.evidence.Detail = "the token was refused and the client is another one"
	t.condemned = condemned{d.credential, d.evidence}
	t.store.reload = true
}

// execute ends the session whose credential was rejected, now that the store
// has been read. If the record holds another one meanwhile, that one is asked
// about instead.
func (t *turn) execute() {
	c := t.condemned
	if c.credential.IsZero() {
		return
	}
	t.condemned = condemned{}
	switch {
	case t.record.Tombstone != "":
	case t.record.Credential == c.credential:
		t.end(CauseRejected, c.evidence)
	default:
		t.wantConfirm = t.record.signedIn()
	}
}

// ambiguous takes in an answer that proves nothing: everything stays, and the
// question is asked again later.
func (t *turn) ambiguous(e Responded, kind RequestKind) {
	t.doubt = doubt{}
	if !t.confirmed {
		t.wantConfirm = true
	}
	evidence := evidenceOf(kind, e)
	if evidence.Trouble == TroubleNone {
		evidence.Trouble = TroubleUnexplained
	}
	t.note(HappenedAnswer, evidence)
	t.pauseFor(&t.quiet, e, evidence)
}

// end is the only way from a session to signed-out that the server can cause.
func (t *turn) end(cause Cause, evidence Evidence) {
	t.note(HappenedAnswer, evidence)
	attempt, flows := t.record.Attempt, t.record.Flows
	t.dropExchanges()
	t.record = t.record.ended(cause, evidence)
	t.record.Attempt, t.record.Flows = attempt, flows
	t.setCritical()
}
