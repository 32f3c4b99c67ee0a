package core

// askAdopt takes a credential that the host obtained elsewhere. It is stored
// beside the one in use before it is presented, and takes its place in the same
// durable step that stores the verified client it belongs to. Until then
// everything that is shown comes from the record as it was.
func (t *turn) askAdopt(e AdoptAsked) {
	r := &t.record
	switch {
	case !e.Credential.presentable():
		t.reply(Reply{Call: e.Call, Outcome: OutcomeInvalid})
	case r.ends(e.Credential):
		t.reply(Reply{Call: e.Call, Outcome: OutcomeSignedOut, Cause: r.Tombstone})
	case r.Tombstone == "" && r.inUse(e.Credential):
		t.reply(Reply{Call: e.Call, Outcome: OutcomeDone})
	default:
		if r.Candidate != e.Credential {
			t.orphan(t.adopt)
			t.adopt, t.deserted = flight{}, Secret{}
			t.replyAll(wantAdopt, Reply{Outcome: OutcomeSuperseded})
		}
		t.record.Candidate = e.Credential
		t.wait(waiter{call: e.Call, want: wantAdopt})
		t.note(HappenedAdoption, Evidence{Detail: "a credential was handed over"})
	}
}

// maxCredential bounds a credential, in bytes.
const maxCredential = 8 << 10

// presentable reports whether s can be presented at all: one word that fits into
// a header. Nothing else ever came from a server.
func (s Secret) presentable() bool {
	for i := range len(s.masked) {
		if c := ^s.masked[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	return !s.IsZero() && len(s.masked) <= maxCredential
}

// inUse reports whether the record is about this credential already.
func (r *Record) inUse(credential Secret) bool {
	return credential == r.Credential || credential == r.Successor || credential == r.Origin
}

// ends reports whether the credential's session was signed out here and the
// server has not been told yet. The tombstone wins over a host that still has it.
func (r *Record) ends(credential Secret) bool {
	for rev := range r.Queued() {
		if rev.Credential == credential {
			return true
		}
	}
	return false
}

// identifyCandidate asks the server whose credential was handed over, once it
// is durable.
func (t *turn) identifyCandidate() {
	c := t.record.Candidate
	if c.IsZero() || t.adopt.id != 0 || !t.launched || t.store.answer == "" {
		return
	}
	if t.durable.Candidate == c || t.store.failed != "" || !t.store.readable() {
		t.adopt = t.send(&SendRequest{Kind: ReadClient, Credential: c})
	}
}

func (t *turn) candidateRead(e Responded, f flight) {
	evidence := evidenceOf(f.kind, e)
	if f.credential != t.record.Candidate {
		// Another process was handed another one since, or is through with it.
		t.note(HappenedIgnored, evidence)
		return
	}
	if e.Class != Accepted || e.Client == nil || e.unaddressed() {
		t.candidateUnknown(e, evidence)
		return
	}
	session, ok := lastActive(*e.Client)
	if !ok {
		t.candidateDeserted(e, f, evidence)
		return
	}
	t.quiet, t.deserted = quiet{}, Secret{}
	again := t.record.signedOutOf(session.ID)
	if again || t.record.revokes(Record{Credential: f.credential, SessionID: session.ID}) {
		// It was signed out of under another credential, and the server has
		// not been told yet, or what said that it had been was not the server.
		t.record.Candidate = Secret{}
		if again {
			t.record.queue(Revocation{f.credential, e.Client.ID, session.ID})
		}
		t.replyAll(wantAdopt, Reply{Outcome: OutcomeSignedOut, Cause: t.record.Tombstone, Evidence: evidence})
		return
	}
	t.adoptSession(e, f, session)
}

// candidateUnknown takes in an answer that says nothing about the handed-over
// credential. It is asked about again later.
func (t *turn) candidateUnknown(e Responded, evidence Evidence) {
	t.note(HappenedAdoption, evidence)
	t.pauseFor(&t.quiet, e, evidence)
	t.replyAll(wantAdopt, Reply{Outcome: OutcomeUnavailable, Evidence: evidence})
}

// candidateDeserted takes in that the server names no session behind the
// handed-over credential. A copy of it that lags behind says the same of one that
// is new, and nothing else can be asked without knowing the session: so the same
// is asked again after a while, and believed when it is answered again. What was
// there before stays as it was.
func (t *turn) candidateDeserted(e Responded, f flight, evidence Evidence) {
	evidence.Detail = "the handed-over credential has no session"
	switch {
	case t.behind(e.Client):
		evidence.Trouble = TroubleStale
		t.candidateUnknown(e, evidence)
	case t.deserted != f.credential:
		t.deserted = f.credential
		t.note(HappenedAdoption, evidence)
		t.pauseFor(&t.quiet, e, evidence)
	default:
		t.quiet, t.deserted = quiet{}, Secret{}
		t.note(HappenedAdoption, evidence)
		t.record.Candidate = Secret{}
		t.replyAll(wantAdopt, Reply{Outcome: OutcomeRefused, Evidence: evidence})
	}
}

// adoptSession replaces the record by the verified one. The host replaced its
// own credential, so nothing is ended on the server.
func (t *turn) adoptSession(e Responded, f flight, session SessionDoc) {
	before := t.record
	if before.Tombstone == "" && before.Credential.bound() && before.ClientID == e.Client.ID && before.SessionID == session.ID {
		// It is another credential of the session for which a bound one is
		// held already, and that is the better one.
		t.record.Candidate, t.record.Origin = Secret{}, f.credential
		t.note(HappenedAdoption, Evidence{Request: f.kind, Trace: e.Trace, Status: e.Status, Detail: "of the session that is held"})
		return
	}
	// Nor is what the server may still hand out for the one before.
	t.confirm, t.mint = flight{}, flight{}
	kept := before
	if kept.Tombstone == "" {
		kept = Record{Revocations: before.Revocations, Overdue: before.Overdue, Unknown: before.Unknown}
	}
	t.record = kept
	t.install(e, f.credential, session)
	t.record.Attempt, t.record.Flows = before.Attempt, before.Flows
	if before.Tombstone == "" && before.ClientID == e.Client.ID && before.SessionID == session.ID {
		t.record.Lineage = before.Lineage // another credential of the same sign-in
	}
	t.takeSuccessor(e.Credential, flight{lineage: t.record.Lineage, credential: f.credential, kind: f.kind})
	t.note(HappenedAdoption, Evidence{Request: f.kind, Trace: e.Trace, Status: e.Status, Detail: "identified"})
}
