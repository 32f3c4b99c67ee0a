package core

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
	if !t.record.signedIn() && t.record.Candidate.IsZero() {
		return
	}
	t.dropExchanges()
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
	if rev.SessionID == "" {
		request.Kind = RemoveSessions
	}
	t.revoke = t.send(request)
	t.revoke.clientID = rev.ClientID
}

// revocationAnswered removes what is proven to be over from the queue. An
// answer that names no session is not a delivery.
func (t *turn) revocationAnswered(e Responded, f flight) {
	evidence := evidenceOf(f.kind, e)
	t.note(HappenedRevocation, evidence)
	rev := Revocation{Credential: f.credential, ClientID: f.clientID, SessionID: f.sessionID}
	if delivered(e, rev) {
		t.record = t.record.withoutRevocation(rev)
		t.revoking = quiet{}
		return
	}
	t.pauseFor(&t.revoking, e, evidence)
	// The next one may fare better.
	t.record = t.record.withoutRevocation(rev).withRevocation(rev)
}

func delivered(e Responded, rev Revocation) bool {
	switch e.Class {
	case Refused:
		return terminal(e.Code)
	case Accepted:
		if rev.SessionID != "" {
			return e.Session != nil && e.Session.ID == rev.SessionID && !live(e.Session.Status)
		}
		if e.Client == nil {
			return false
		}
		_, remains := lastActive(*e.Client)
		return !remains
	default:
		return false
	}
}
