package core

import (
	"slices"
	"time"
)

func (t *turn) askToken(e TokenAsked) {
	t.wait(waiter{call: e.Call, want: wantToken, force: e.Force, serial: t.token.serial})
	if t.quiet.pausing(t.now) && t.now.Since(t.quiet.last) >= t.config.BackoffBase {
		t.quiet = t.quiet.shorten(t.now)
	}
	if t.record.SessionStatus == "active" && t.now >= t.token.renewAt {
		t.wantMint = true
	}
	t.tokenUsed = t.tokenUsed || !t.token.jwt.IsZero()
}

// minted judges the answer to a request for a token.
func (t *turn) minted(e Responded, f flight) {
	doc := e.Token
	switch {
	case e.Class == Accepted && (doc.JWT.IsZero() || t.otherSession(doc)):
		e.Trouble = TroubleForeign
		t.ambiguous(e, f.kind)
	case e.Class == Accepted && e.Shared && t.forced():
		t.wantMint = true // somebody has asked for a fresh one meanwhile
	case e.Class == Accepted:
		if !e.Shared {
			t.believe(e, f)
			// A token shows that the session is there. The client says since
			// when, and that lifts the offline limit.
			t.wantConfirm = t.wantConfirm || t.overLimit()
		}
		t.wantMint = false
		t.setToken(doc, t.validUntil(doc, e, f))
	case e.Class == Refused:
		t.tokenRefused(e, f)
	default:
		t.ambiguous(e, f.kind)
	}
}

func (t *turn) otherSession(doc TokenDoc) bool {
	return doc.SessionID != t.record.SessionID ||
		(doc.UserID != "" && t.record.User.ID != "" && doc.UserID != t.record.User.ID)
}

// tokenRefused begins or completes a round of doubt. A refusal alone ends
// nothing: it may come from a gateway, a replica or a bug.
func (t *turn) tokenRefused(e Responded, f flight) {
	t.sameRound(f.credential)
	d := &t.doubt
	d.refused, d.terminal = true, terminal(e.Code)
	d.knowing, d.unheard = slices.Contains(knowingCodes, e.Code), d.unheard || !e.Presented
	d.evidence, d.message, d.param = evidenceOf(f.kind, e), e.Message, e.Param
	t.note(HappenedRound, d.evidence)
	t.wantMint = false
	if d.foreign {
		t.conclude(e, f)
		return
	}
	t.wantConfirm = true
	if e.RetryAfter > 0 {
		t.quiet.floor = t.now.Add(min(e.RetryAfter, maxRetryAfter))
	}
}

// refuseTokens tells everybody who waits for a token how it was refused.
func (t *turn) refuseTokens(d doubt) {
	t.wantMint = false
	t.replyAll(wantToken, Reply{Outcome: OutcomeRefused, Evidence: d.evidence, Message: d.message, Param: d.param})
}

// validUntil is when a token that was just minted ends, on our clock. The
// server's own times say how long it lives; ours is only used to measure. What
// the server has just minted is handed out once, however strange its times are.
func (t *turn) validUntil(doc TokenDoc, e Responded, f flight) Instant {
	const longest, shortest = 24 * time.Hour, time.Second
	life := min(doc.ExpiresAt.since(doc.IssuedAt), longest)
	until := f.sentAt.Add(life)
	if e.ServerTime != 0 {
		until = t.now.Add(min(doc.ExpiresAt.since(e.ServerTime), life))
	}
	return max(until, t.now.Add(shortest))
}

// takeActiveToken uses the token that came with a client answer, if the
// server's own clock says that it still has some life.
func (t *turn) takeActiveToken(doc TokenDoc, e Responded) {
	if doc.JWT.IsZero() || e.ServerTime == 0 || t.otherSession(doc) {
		return
	}
	life := doc.ExpiresAt.since(doc.IssuedAt)
	left := min(doc.ExpiresAt.since(e.ServerTime), life)
	if left <= 2*t.config.RefreshAhead || life > 24*time.Hour {
		return
	}
	if until := t.now.Add(left); until > t.token.validUntil {
		t.setToken(doc, until)
		t.wantMint = t.wantMint && t.forced()
	}
}

func (t *turn) forced() bool {
	return slices.ContainsFunc(t.waiters, func(w waiter) bool { return w.want == wantToken && w.force })
}

func (t *turn) setToken(doc TokenDoc, until Instant) {
	ahead := min(t.config.RefreshAhead, until.Since(t.now)/3)
	t.token = token{
		jwt: doc.JWT, validUntil: until, renewAt: until - Instant(ahead/time.Millisecond),
		serial: t.token.serial + 1,
	}
	t.tokenUsed = false
}

// publishToken says which token may be handed out without asking.
func (t *turn) publishToken() {
	var want PublishToken
	if t.verdict.SignedIn() && !t.held() && t.now < t.token.renewAt {
		want = PublishToken{t.token.jwt, t.token.renewAt}
	}
	if want != t.handed && (!want.Token.IsZero() || !t.handed.Token.IsZero()) {
		t.handed = want
		t.do(want)
	}
}
