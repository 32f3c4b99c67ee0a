package core

import "slices"

func (t *turn) askSignOut(e SignOutAsked) {
	shown := t.verdict.SignedIn() || t.verdict.Kind == Pending
	if e.Implicit && !shown {
		// A user interface that does not know yet, or not yet that somebody
		// has just signed in, must not sign anybody out.
		reply := Reply{Call: e.Call, Outcome: OutcomeUndetermined, Cause: t.verdict.Cause}
		if t.verdict.Kind == SignedOut {
			reply = Reply{Call: e.Call, Outcome: OutcomeDone}
		}
		t.reply(reply)
		return
	}
	t.wait(waiter{call: e.Call, want: wantSignOut})
	t.note(HappenedSignOut, Evidence{Detail: "asked"})
	t.signOutNow()
	// While the store cannot be read, nobody can say what else there is to sign
	// out of. It is done as soon as the store can be read, before anything else
	// is shown.
	t.signOutWanted = !t.store.readable()
}

// signOutNow replaces the record by a tombstone with a queued revocation, in
// one durable step and before anything is sent.
func (t *turn) signOutNow() {
	t.signOutWanted = false
	t.dropAttempt(OutcomeSuperseded)
	t.dropFlows(OutcomeSuperseded)
	if !t.record.signedIn() && t.record.Candidate.IsZero() {
		return
	}
	t.dropExchanges()
	t.signedOutOf = [2]Secret{t.record.Credential, t.record.Candidate}
	t.record = t.record.ownRevocations().ended(CauseUser, Evidence{})
	t.setCritical()
}

// deliverRevocation ends the oldest queued session on the server. It waits for
// the queue to be durable: a revocation that is sent and forgotten would be
// asked of nobody after a crash.
func (t *turn) deliverRevocation() {
	rev := t.record.Revocations[0]
	if rev.IsZero() || t.revoke.id != 0 || t.revoking.pausing(t.now) {
		return
	}
	queued := t.durable.Revocations == t.record.Revocations
	if !queued && (t.record.signedIn() || (t.store.failed == "" && t.store.readable())) {
		return // what replaces the session must be safe before the session ends
	}
	request := SendRequest{Kind: RemoveSession, Credential: rev.Credential, SessionID: rev.SessionID}
	switch {
	case t.refused.credential == rev.Credential && !t.refused.spare.IsZero():
		request = SendRequest{Kind: ReadClient, Credential: t.refused.spare}
	case t.refused.credential == rev.Credential:
		request = SendRequest{Kind: ReadClient, Credential: rev.Credential}
	case rev.SessionID == "":
		request.Kind = RemoveSessions
	}
	t.revoke = t.send(&request)
	t.revoke.clientID, t.revoke.sessionID = rev.ClientID, rev.SessionID
}

// revocationAnswered removes what is proven to be over from the queue. An
// answer that names no session is not a delivery, and a refusal alone is not
// one either: it may come from a gateway, while the session lives. The client
// itself is asked then.
func (t *turn) revocationAnswered(e Responded, f flight) {
	evidence := evidenceOf(f.kind, e)
	t.note(HappenedRevocation, evidence)
	rev := Revocation{Credential: f.credential, ClientID: f.clientID, SessionID: f.sessionID}
	if f.kind != ReadClient && e.Class == Refused {
		t.refused = refusedRevocation{
			credential: rev.Credential, terminal: terminal(e.Code),
			heard: e.Presented || slices.Contains(knowingCodes, e.Code),
		}
		return
	}
	r := t.refused
	over := delivered(e, f.kind, rev, r.terminal && r.heard)
	switch {
	case !r.spare.IsZero() && e.remembers(r.stranger):
		// Credentials arrive. They may not have before: what dropped them may
		// just be gone, so the client itself is asked once more.
		t.refused = refusedRevocation{credential: r.credential, terminal: r.terminal, heard: true}
		return
	case !r.spare.IsZero():
		rev.Credential, over = r.credential, false
	case !over && r.terminal && !r.heard && e.unaddressed():
		t.refused.stranger, t.refused.spare = e.Client.ID, e.Credential
		return
	}
	t.refused = refusedRevocation{}
	if over {
		t.record = t.record.withoutRevocation(rev)
		if f.kind == RemoveSession {
			// The server has ended the session itself, and so each credential
			// of it. A client that does not list it may be an older copy.
			t.record = t.record.withoutRevocationsOf(rev.SessionID)
		}
		t.revoking = quiet{}
		return
	}
	t.pauseFor(&t.revoking, e, evidence)
	// The next one may fare better.
	t.record = t.record.withoutRevocation(rev).withRevocation(rev)
}

// delivered reports whether the answer proves that the session is over: the
// server says that it removed it, or its client no longer lists it, or the
// client is another one after a terminal refusal.
func delivered(e Responded, kind RequestKind, rev Revocation, terminal bool) bool {
	switch {
	case e.Class != Accepted:
		return false
	case kind == RemoveSession:
		return e.Session != nil && e.Session.ID == rev.SessionID && !live(e.Session.Status)
	case e.Client == nil:
		return false
	case kind == ReadClient && rev.ClientID != "" && e.Client.ID != rev.ClientID:
		return terminal
	case kind == ReadClient && rev.ClientID == "" && e.unaddressed():
		return terminal
	case rev.SessionID != "":
		session, listed := findSession(*e.Client, rev.SessionID)
		return !listed || !live(session.Status)
	default:
		_, remains := lastActive(*e.Client)
		return !remains
	}
}
