package core

import "slices"

// terminalCodes are the documented codes that end a session when they answer a
// request for a token of exactly that session. Every other code is ambiguous,
// resource_not_found among them: a request that reached the wrong place, or a
// replica that lags, is answered with it too.
var terminalCodes = append([]string{
	"authentication_invalid", "session_invalid", "session_not_found", "signed_out",
}, knowingCodes...)

// knowingCodes are those that can only be said of a session that was found: a
// server that got no credential has others.
var knowingCodes = []string{
	"session_ended", "session_expired", "session_removed", "session_replaced", "session_revoked",
	"user_banned", "user_deactivated", "user_deleted",
}

func terminal(code string) bool { return slices.Contains(terminalCodes, code) }

// presented is the credential for the next request: the successor once it is
// durable, the predecessor until then.
func (t *turn) presented() Secret {
	r := &t.record
	if !r.Successor.IsZero() && t.durable.Successor == r.Successor && t.durable.Lineage == r.Lineage {
		return r.Successor
	}
	return r.Credential
}

// converse sends what has to be asked, one question at a time for each purpose.
func (t *turn) converse() {
	t.stepAttempt()
	t.redeemFlow()
	t.wantMint = t.wantMint || (t.record.SessionStatus == "active" && t.starving())
	if t.held() {
		return
	}
	t.deliverRevocation()
	if t.quiet.pausing(t.now) {
		return
	}
	t.identifyCandidate()
	if t.record.Tombstone != "" || t.record.Credential.IsZero() || !t.condemned.credential.IsZero() || t.confirm.id != 0 || t.mint.id != 0 {
		return
	}
	t.wantConfirm = t.wantConfirm || t.newOffer()
	switch {
	case t.doubt.checking:
		t.confirm = t.send(&SendRequest{Kind: ReadClient, Credential: t.doubt.spare})
	case t.wantConfirm:
		request := SendRequest{Kind: ReadClient, Credential: t.presented()}
		t.rotate(&request)
		t.confirm = t.send(&request)
		t.confirm.sessionID = t.record.SessionID
	case t.wantMint && t.record.SessionID != "":
		t.mint = t.send(&SendRequest{
			Kind: MintToken, Credential: t.presented(), SessionID: t.record.SessionID,
			Share: !t.forced() && t.doubt == (doubt{}),
		})
	}
}

// send sends request and returns the stamp its answer has to match.
func (t *turn) send(request *SendRequest) flight {
	request.ID = t.newID()
	t.do(*request)
	t.note(HappenedAsked, Evidence{Request: request.Kind})
	return flight{
		id: request.ID, kind: request.Kind, sentAt: t.now, credential: request.Credential,
		lineage: t.record.Lineage, clientID: t.record.ClientID, sessionID: request.SessionID,
	}
}

// responded finds what the answer belongs to. A late or repeated answer, or one
// to a question whose ground has moved, finds nothing and is dropped.
func (t *turn) responded(e Responded) {
	if e.ID == 0 {
		return
	}
	switch e.ID {
	case t.confirm.id:
		f := t.confirm
		t.confirm = flight{}
		t.clientRead(e, f)
	case t.mint.id:
		f := t.mint
		t.mint = flight{}
		t.minted(e, f)
	case t.adopt.id:
		f := t.adopt
		t.adopt = flight{}
		t.candidateRead(e, f)
	case t.revoke.id:
		f := t.revoke
		t.revoke = flight{}
		t.revocationAnswered(e, f)
	case t.attempt.flight.id:
		t.attemptAnswered(e)
	case t.flow.flight.id:
		t.flowBegun(e)
	case t.redeem.id:
		f := t.redeem
		t.redeem = flight{}
		t.flowRedeemed(e, f)
	default:
		t.orphanAnswered(e)
	}
}

// dropExchanges forgets everything that was asked or known on the strength of
// the record as it was: the record is about to become another one.
func (t *turn) dropExchanges() {
	for _, f := range []*flight{&t.confirm, &t.mint, &t.adopt} {
		t.orphan(*f)
		*f = flight{}
	}
	t.confirmed, t.wantConfirm, t.wantMint, t.wantRotate = false, false, false, false
	t.doubt, t.quiet, t.token = doubt{}, quiet{}, token{serial: t.token.serial}
	t.condemned = condemned{}
	t.tokenUsed, t.clientSeen = false, 0
}

// orphan remembers a request whose answer is no longer wanted for itself.
func (t *turn) orphan(f flight) {
	if f.id == 0 {
		return
	}
	copy(t.orphans[1:], t.orphans[:])
	t.orphans[0] = f
}

// orphanAnswered drops a late answer, but for a credential in it: what was
// handed out after a sign-out is ended like the rest. A further credential of
// the session that is held, under whichever other one, is not: a session ends as
// a whole.
func (t *turn) orphanAnswered(e Responded) {
	t.note(HappenedIgnored, evidenceOf("", e))
	i := slices.IndexFunc(t.orphans[:], func(f flight) bool { return f.id == e.ID })
	if i < 0 {
		return
	}
	f := t.orphans[i]
	copy(t.orphans[i:], t.orphans[i+1:])
	t.orphans[maxOrphans-1] = flight{}
	rev := leftover(e, f)
	held := t.record.signedIn() && t.record.SessionID == rev.SessionID
	if !rev.IsZero() && !held && rev.Credential != t.record.Credential && rev.Credential != t.record.Successor {
		t.record.queue(rev)
	}
}

// leftover is what came into being on the server by a request that nobody waits
// for any more: a session, or a credential for one. An answer about somebody
// else leaves nothing of ours behind.
func leftover(e Responded, f flight) Revocation {
	rev := Revocation{Credential: e.Credential, ClientID: f.clientID, SessionID: f.sessionID}
	switch {
	case e.Class != Accepted:
		return Revocation{}
	case e.Attempt != nil && e.Attempt.CreatedSessionID != "":
		rev.SessionID = e.Attempt.CreatedSessionID
		if rev.Credential.IsZero() {
			rev.Credential = f.credential
		}
	case f.kind == ReadClient && e.Client != nil && e.Client.ID == f.clientID && f.sessionID != "":
	case f.kind == MintToken && e.Token.SessionID == f.sessionID:
	case f.kind == RedeemFlow && e.Client != nil:
		rev.ClientID = e.Client.ID
		if rev.Credential.IsZero() {
			rev.Credential = f.credential
		}
	default:
		return Revocation{}
	}
	return rev
}

func evidenceOf(kind RequestKind, e Responded) Evidence {
	return Evidence{Request: kind, Trace: e.Trace, Status: e.Status, Code: e.Code, Trouble: e.Trouble}
}
