package sim

import (
	"slices"
	"strings"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// judgeTime: the first verdict arrives within the local deadline (law 1).
func (p *process) judgeTime() {
	const deadline = 510 // ms; timers here are late by a little
	if v := p.state.Verdict(); !v.Settled() && p.now()-p.launched > deadline {
		p.world.fail("law 1: %s has no verdict %d ms after its launch", p.name(), p.now()-p.launched)
	}
}

// judgeLoaded: a vault gives back what it was given (laws 4 and 6).
func (p *process) judgeLoaded(op *storeCall, found vault.Loaded) {
	place := p.place
	switch found.Answer {
	case vault.Found:
		version, data := core.Version(found.Version), core.NewSecret(string(found.Body))
		is := func(s stored) bool { return s.version == version && s.data == data }
		i := slices.IndexFunc(place.maybe, is)
		switch {
		case i >= 0:
			place.settle(place.maybe[i])
		case !is(place.acked):
			p.world.fail("law 4: %s reads version %d, which is not the last one stored (%d)", p.name(), version.Generation, place.acked.version.Generation)
			return
		}
		place.maybe = nil
		op.found, op.told = place.acked, true
	case vault.Absent:
		if !place.acked.version.IsZero() {
			p.world.fail("law 2: %s finds nothing where version %d was stored", p.name(), place.acked.version.Generation)
		}
		place.maybe = nil
		op.told = true
	case vault.Corrupt, vault.KeyMissing, vault.Failed, vault.AccessDenied, vault.TooNew:
		if !place.ruined {
			p.world.fail("law 5: %s cannot read what was stored, and nothing was done to it: %s %s", p.name(), found.Answer, found.Detail)
		}
	default:
	}
}

// settle makes s the version that is known to be stored.
func (place *place) settle(s stored) {
	if session := place.acked.record.SessionID; session != "" && session != s.record.SessionID {
		place.over = append(place.over, session)
		if s.record.Tombstone == core.CauseUser && queued(s.record, session) {
			place.signedOut = append(place.signedOut, session)
		}
	}
	place.acked, place.maybe = s, nil
}

// previous is what a save replaces. A save that failed over something older may
// have wanted the version of what is stored.
func (p *process) previous(version core.Version) stored {
	for _, s := range p.place.maybe {
		if s.version == version && version != p.place.acked.version {
			return s
		}
	}
	return p.place.acked
}

func (p *process) judgeSaved(op *storeCall, next stored, answer vault.Answer) {
	place := p.place
	switch answer {
	case vault.Stored:
		previous := p.previous(op.body.Previous)
		if place.acked.version != next.version || place.acked.data != next.data {
			if !place.ruined && next.version.Generation <= place.acked.version.Generation {
				p.world.fail("law 6: generation %d is stored over %d", next.version.Generation, place.acked.version.Generation)
			}
			p.judgeTransition(previous, next)
		}
		place.settle(next)
	case vault.Failed:
		// It may have been done all the same.
		place.maybe = append(place.maybe, next)
	default:
	}
}

// judgeTransition: no write may cost a credential without proof (laws 2 and
// 10).
func (p *process) judgeTransition(previous, next stored) {
	w, old, now := p.world, previous.record, next.record
	for rev := range old.Queued() {
		if rev.SessionID != "" && !queued(now, rev.SessionID) && w.server.Live(rev.SessionID) && !w.undone[rev.SessionID] {
			w.fail("law 10: the revocation of %s is dropped while the session lives", w.log.name(rev.SessionID))
		}
	}
	if now.Tombstone != "" && (now.SessionID != "" || !now.Credential.IsZero() || now.User != (core.User{})) {
		w.fail("law 3: a tombstone still holds a session, a user or a credential")
	}
	p.judgePair(now)
	if now.Credential != old.Credential && !now.Credential.Key().IsZero() {
		w.stats.Bound++
		if !old.Credential.Key().IsZero() && now.SessionID == old.SessionID {
			w.stats.Rotations++
		}
	}
	session := old.SessionID
	if session == "" || old.Tombstone != "" || p.place.ruined || !w.certainlyLives(old) {
		return
	}
	// A host that hands a credential over has replaced its own, and nothing is
	// ended by it: what was stored may have been replaced so in between.
	adopted := len(p.place.adopted) > 0
	switch {
	case now.Tombstone == "" && now.SessionID == session:
		if now.Credential != old.Credential && w.server.ClientOf(now.Credential) != w.server.Owner(session) {
			w.fail("law 5: the credential of a living session is replaced by one that the server does not know for it")
		}
	case now.Tombstone == core.CauseUser && (slices.Contains(p.place.asked, session) || p.askedAll || p.place.replaced(now, session)):
		if !queued(now, session) && !adopted {
			w.fail("law 10: the sign-out of a living session is stored without its revocation")
		}
	case now.Tombstone == "" && slices.Contains(p.place.adopted, now.SessionID):
	case now.Tombstone == "" && now.SessionID != "" && p.place.signIns > 0:
		if !queued(now, session) && !adopted {
			w.fail("law 10: a living session is replaced without its revocation")
		}
	default:
		w.fail("law 2: the credential of the living session %s is dropped without proof (%s)", w.log.name(session), now.Tombstone)
	}
}

// replaced reports whether r signs out of a session that somebody had signed
// into in the place of what is stored: both end, and both are in the queue.
// The session left is the one that ends with it.
func (place *place) replaced(r core.Record, left string) bool {
	if slices.Contains(place.adopted, left) && len(place.asked) > 0 {
		return true // it was handed over in the place of what somebody saw and signed out of
	}
	for rev := range r.Queued() {
		if place.signIns+len(place.adopted) > 1 && rev.SessionID != "" && slices.Contains(place.asked, rev.SessionID) {
			return true
		}
	}
	return false
}

func queued(r core.Record, session string) bool {
	for rev := range r.Queued() {
		if rev.SessionID == session {
			return true
		}
	}
	return false
}

// judgePair: credential, client and session of one record belong together (law
// 4).
func (p *process) judgePair(r core.Record) {
	s := p.world.server
	if r.SessionID == "" || r.Credential.IsZero() {
		return
	}
	owner := s.Owner(r.SessionID)
	if owner != r.ClientID || s.ClientOf(r.Credential) != owner {
		p.world.fail("law 4: a record pairs %s of %s with a credential of %s", p.world.log.name(r.SessionID), p.world.log.name(owner), p.world.log.name(s.ClientOf(r.Credential)))
	}
}

// judgeRequest: what is sent belongs together (law 4), comes from the server
// (law 2), and was durable (law 5).
func (p *process) judgeRequest(r core.SendRequest) {
	w := p.world
	if r.Credential.IsZero() {
		return
	}
	client := w.server.ClientOf(r.Credential)
	if client == "" {
		w.fail("law 2: %s presents a credential that the server never gave out", p.name())
		return
	}
	if r.SessionID != "" && w.server.Owner(r.SessionID) != client {
		w.fail("law 4: %s sends %s with a credential of %s", p.name(), w.log.name(r.SessionID), w.log.name(client))
	}
	if r.Kind != core.ReadClient && r.Kind != core.MintToken || p.last.PersistFailing {
		return
	}
	if known := p.known.record; known.Tombstone == "" && known.SessionID != "" && w.server.Owner(known.SessionID) == client &&
		known.Credential != r.Credential && known.Successor != r.Credential {
		w.fail("law 5: %s presents a successor before it is durable", p.name())
	}
}

// judgeVerdict: signed-out needs its proof (law 2), what is over stays over (law
// 3), and nothing is left out (law 8).
func (p *process) judgeVerdict(v core.Verdict) {
	w := p.world
	if v.Sequence != p.last.Sequence+1 {
		w.fail("law 8: %s goes from verdict %d to %d", p.name(), p.last.Sequence, v.Sequence)
	}
	before := p.last
	p.last = v
	if v.Kind == core.Pending {
		w.stats.Pending++
	}
	if v.Settled() && !p.settled {
		p.settled = true
		if p.known.record.SessionID != "" {
			w.stats.Stored++
			switch {
			case v.SignedIn(), v.Kind == core.Pending:
				w.stats.Restored++
			case v.Cause == core.CauseOfflineLimit && p.device.moved:
				w.stats.Limited++
			case !p.askedAll && len(p.calls) == 0: // and nobody is just changing it
				w.fail("law 1: %s has read a session and shows %s(%s)", p.name(), v.Kind, v.Cause)
			}
		}
	}
	switch v.Kind {
	case core.SignedOut:
		p.judgeSignedOut(v)
	case core.Active, core.ActiveUnverified, core.Pending:
		p.judgeShown(v, before)
	default:
	}
}

func (p *process) judgeShown(v, before core.Verdict) {
	w := p.world
	if i := slices.Index(p.place.over, v.SessionID); i >= 0 && i < p.overSeen {
		w.fail("law 3: %s shows %s again, which is over", p.name(), w.log.name(v.SessionID))
	}
	if v.Confirmed && (!before.Confirmed || before.SessionID != v.SessionID) && !p.stale && !w.server.Live(v.SessionID) {
		launched := StartWall + core.Wall(p.launched-p.boot-startInstant)
		if ended := w.server.EndedAt(v.SessionID); ended < launched {
			w.fail("law 3: %s confirms %s, which the server had ended before the launch", p.name(), w.log.name(v.SessionID))
		}
	}
}

func (p *process) judgeSignedOut(v core.Verdict) {
	w, known := p.world, p.known.record
	var proven bool
	switch {
	case p.place.ruined:
		proven = true
	case v.Cause == core.CauseNone:
		proven = known.Credential.IsZero() && known.SessionID == "" && known.Tombstone == ""
	case !v.PersistFailing, known.Tombstone == v.Cause:
		proven = known.Tombstone == v.Cause
	case v.Cause == core.CauseUser:
		proven = len(p.place.asked) > 0 || p.askedAll
	case v.Cause == core.CauseRevoked, v.Cause == core.CauseRejected:
		proven = known.SessionID == "" || !w.certainlyLives(known)
	default:
	}
	if !proven {
		w.fail("law 2: %s says signed-out(%s) without proof", p.name(), v.Cause)
	}
}

// judgeToken: a token is handed out for the session that is shown, and for no
// other.
func (p *process) judgeToken(token core.Secret) {
	if token.IsZero() {
		return
	}
	v := p.state.Verdict()
	if session := p.world.server.SessionOf(token); !v.SignedIn() || session != v.SessionID {
		p.world.fail("law 3: %s hands out a token of %s while its verdict is %s of %s", p.name(), p.world.log.name(session), v.Kind, p.world.log.name(v.SessionID))
	}
}

func (p *process) judgeReply(e core.Reply) {
	i := slices.IndexFunc(p.calls, func(c call) bool { return c.id == e.Call })
	if i < 0 {
		p.world.fail("%s answers call %d twice, or one that was never made", p.name(), e.Call)
		return
	}
	c := p.calls[i]
	p.calls = slices.Delete(p.calls, i, i+1)
	p.judgeToken(e.Token)
	if e.Outcome == core.OutcomeDone {
		p.world.stats.done(c.op)
	}
	if c.op == OpSignOut && e.Outcome == core.OutcomeDone && c.session != "" && p.known.record.SessionID == c.session {
		p.world.fail("law 10: %s says that a sign-out is done before it is durable", p.name())
	}
}

// judgeNote: no secret gets into the journal (law 11).
func (p *process) judgeNote(e core.Entry) {
	for _, text := range [...]string{e.Evidence.Detail, e.Evidence.Trace, e.Evidence.Code} {
		if text == "" {
			continue
		}
		if c := p.known.record.Credential; strings.Contains(text, Password) || !c.IsZero() && strings.Contains(text, c.Reveal()) {
			p.world.fail("law 11: the journal holds a secret")
		}
	}
}
