package core

import (
	"fmt"
	"slices"
	"strings"
)

// step lets the machine take event, and holds what it does against the laws.
func (w *world) step(event Event) error {
	before := w.state.verdict
	shown := before
	var effects []Effect
	w.state, effects = Step(w.state, w.now, event)
	for _, effect := range effects {
		if err := w.judge(effect, &before); err != nil {
			return err
		}
	}
	if err := explained(shown, effects); err != nil {
		return err
	}
	if err := w.invariants(); err != nil {
		return err
	}
	w.normalise()
	return nil
}

// explained: each new verdict is told to the journal, and one that the server
// or the store ended is told with what it said (law 11).
func explained(before Verdict, effects []Effect) error {
	for _, effect := range effects {
		p, ok := effect.(Publish)
		if !ok {
			continue
		}
		v := p.Verdict
		told := slices.ContainsFunc(effects, func(other Effect) bool {
			n, ok := other.(Note)
			return ok && n.Entry.Happening == HappenedVerdict && n.Entry.Kind == v.Kind && n.Entry.Cause == v.Cause
		})
		if (v.Kind != before.Kind || v.Cause != before.Cause) && !told {
			return fmt.Errorf("law 11: %s(%s) is not told to the journal", v.Kind, v.Cause)
		}
		before = v
		ended := v.Cause == CauseRevoked || v.Cause == CauseRejected || lost(v.Cause)
		if ended && v.Evidence == (Evidence{}) {
			return fmt.Errorf("law 11: signed-out(%s) without evidence", v.Cause)
		}
	}
	return nil
}

// witness records what the server, or something in its place, told the device
// about its session. Only what it was told may have consequences. A refusal of a
// request that arrived without its credential tells nothing about it.
func (w *world) witness(r SendRequest, e Responded, arrived bool) {
	g, s := &w.ghost, &w.state
	if r.ID == s.revoke.id {
		remembered := r.Credential == credN0 && e.Class == Accepted && e.Client != nil && e.Client.ID == "CN" && e.Credential.IsZero()
		switch {
		case remembered: // and so the client itself is asked once more
		case e.Class == Refused && terminal(e.Code) && arrived:
			g.revRefused = r.Credential
		case r.Kind == ReadClient && e.Client != nil && g.revRefused == r.Credential: // listed or not is for the core to see
			g.revBelieved.add(r.Credential)
			if !e.unaddressed() {
				g.revRefused = Secret{}
			}
		default:
			g.revRefused = Secret{}
		}
		return
	}
	if r.ID != s.confirm.id && r.ID != s.mint.id && r.ID != s.adopt.id {
		return // nobody listens any more
	}
	if r.Credential == credN0 {
		arrives := e.Class == Accepted && e.Client != nil && e.Client.ID == "CN" && e.Credential.IsZero()
		if !arrives {
			g.anew()
		}
		// Who our client is was asked when credentials need not have arrived.
		g.arrives, g.shown, g.foreign = arrives, arrives, Secret{}
		return
	}
	live := false
	switch {
	case r.Kind == ReadClient && e.Class == Accepted && e.Client != nil:
		for _, s := range e.Client.Sessions {
			live = live || s.Status != "ended" && owner(s.ID) == w.clientOf(r.Credential)
		}
		switch {
		case (e.Client.ID == "CN" || e.Client.UpdatedAt < 5) && r.ID == s.adopt.id: // of what was handed over
		case e.Client.ID == "CN", e.Client.UpdatedAt < 5:
			g.round(r.Credential)
			g.foreign, g.shown = r.Credential, g.shown && arrived
			g.foreignHeard, g.arrives = e.Presented, g.arrives || e.Client.ID != "CN"
		case !live:
			g.gone[sessionIndex("S"+e.Client.ID[1:])] = true
		case r.ID == s.adopt.id: // nothing about the credential in use
		default:
			g.anew()
		}
	case r.Kind == MintToken && e.Class == Refused:
		g.round(r.Credential)
		g.terminal, g.refused = Secret{}, Secret{}
		if terminal(e.Code) {
			g.refused = r.Credential
		}
		if terminal(e.Code) && arrived {
			g.terminal = r.Credential
			g.terminalHeard, g.knowing = e.Presented, e.Code == "session_revoked"
		}
	case r.Kind == MintToken || r.Kind == ReadClient && r.Credential != credK0 && r.Credential != credB0 && (r.Credential != credR0 || r.ID != s.adopt.id):
		live = r.Kind == MintToken && e.Class == Accepted
		g.anew()
	}
	if live {
		w.witnessBinding(r)
		g.acceptedA1 = g.acceptedA1 || r.Credential == credA1
		g.acceptedK0 = g.acceptedK0 || r.Credential == credK0
		g.acceptedR0 = g.acceptedR0 || r.Credential == credR0
	}
}

// anew: what was said before is no part of the next round.
func (g *ghost) anew() {
	g.foreign, g.terminal, g.refused, g.arrives, g.shown = Secret{}, Secret{}, Secret{}, false, false
}

// round: what was said of another credential is no part of this one.
func (g *ghost) round(c Secret) {
	if !g.foreign.IsZero() && g.foreign != c || !g.terminal.IsZero() && g.terminal != c {
		g.anew()
	}
}

// rejected reports whether the server, having got this credential, said in one
// round that it does not know it.
func (g *ghost) rejected(c Secret) bool {
	if g.shown && g.foreign == c && g.refused == c {
		return true // after it was clear that credentials arrive, it was still another client
	}
	return g.foreign == c && g.terminal == c && (g.knowing || g.arrives || g.foreignHeard && g.terminalHeard)
}

func (w *world) judge(effect Effect, before *Verdict) error {
	switch e := effect.(type) {
	case LoadRecord:
		if w.op.id != 0 {
			return fmt.Errorf("two store operations at once")
		}
		w.op = modelOp{id: e.ID}
	case SaveRecord:
		if w.op.id != 0 {
			return fmt.Errorf("two store operations at once")
		}
		w.op = modelOp{id: e.ID, save: true, body: e}
		return w.judgeSave(e)
	case SendRequest:
		return w.judgeRequest(e)
	case NeedEntropy:
		w.names++
	case NeedKey:
		w.bind.wanted = true
	case Publish:
		v := e.Verdict
		if v.Sequence != before.Sequence+1 {
			return fmt.Errorf("law 8: sequence went from %d to %d", before.Sequence, v.Sequence)
		}
		*before = v
		return w.judgeVerdict(v)
	case PublishToken:
		return w.judgeToken(e.Token)
	case Reply:
		if !w.ghost.open[e.Call] {
			return fmt.Errorf("call %d was answered twice, or never asked", e.Call)
		}
		w.ghost.open[e.Call] = false
		if err := w.witnessFlow(e); err != nil {
			return err
		}
		return w.judgeToken(e.Token)
	}
	return nil
}

// judgeSave: no write may cost a credential without proof (laws 2, 4 and 5).
func (w *world) judgeSave(e SaveRecord) error {
	d, next := w.disk, w.state.store.saving.record
	if decoded, err := DecodeRecord(e.Data, "t"); err != nil || decoded != next {
		return fmt.Errorf("law 4: what is written is not what is held (%v)", err)
	}
	if e.Previous != w.ghost.told && !e.Beside {
		return fmt.Errorf("law 6: a write over %v, and the store last told of %v", e.Previous, w.ghost.told)
	}
	if !d.present || d.keyGone || d.version != e.Previous {
		return nil
	}
	if e.Beside {
		return fmt.Errorf("rule 12: a readable record is set aside")
	}
	old := d.record
	holds := func(c Secret) bool {
		if next.Credential == c || next.Successor == c {
			return true
		}
		for _, rev := range next.Revocations {
			if rev.Credential == c {
				return true
			}
		}
		return false
	}
	g := w.ghost
	if c := old.Credential; !c.IsZero() && !holds(c) {
		replaced := w.replacedBound(&old, &next) || g.acceptedA1 && next.Credential == credA1 || g.acceptedR0 && (holds(credR0) || next.Tombstone != "") || g.acceptedK0 && (holds(credK0) || next.Tombstone != "" || w.server.over[3])
		rejected := g.gone[sessionIndex(old.SessionID)] || g.rejected(c)
		meant := g.over[sessionIndex(old.SessionID)] || g.meant[sessionIndex(old.SessionID)]
		ended := (next.Tombstone != "" || meant) && !w.liveSession(w.clientOf(c), old.SessionID)
		revoked := g.asked && g.revBelieved.has(c)
		if !replaced && !rejected && !ended && !revoked {
			return fmt.Errorf("laws 2 and 5: credential %s is dropped without proof", c.Reveal())
		}
	}
	if c := old.Candidate; !c.IsZero() && next.Candidate != c && !holds(c) && next.Tombstone == "" && w.wanted(c, &next) {
		return fmt.Errorf("law 2: the handed-over credential is dropped while its session lives")
	}
	for _, rev := range old.Revocations {
		if rev.SessionID == "" {
			rev.SessionID = "S" + strings.TrimPrefix(holder(rev.Credential), "C") // whatever it has
		}
		if rev.IsZero() || next.Revocations != old.Revocations && !w.serverKnowsAlive(rev) {
			continue
		}
		if !holds(rev.Credential) && !g.revBelieved.has(rev.Credential) {
			return fmt.Errorf("law 10: the revocation of %s is dropped while the session lives", rev.SessionID)
		}
	}
	return nil
}

// wanted reports whether the session behind a handed-over credential is alive
// and nobody has ended it here, under whichever credential.
func (w *world) wanted(c Secret, next *Record) bool {
	client := w.clientOf(c)
	session := "S" + strings.TrimPrefix(client, "C")
	return w.liveSession(client, session) && !w.ghost.over[sessionIndex(session)] &&
		!next.revokes(Record{Credential: c, SessionID: session})
}

func (w *world) serverKnowsAlive(rev Revocation) bool {
	return w.liveSession(w.clientOf(rev.Credential), rev.SessionID)
}

// judgeRequest: what is sent was durable before, and belongs together.
func (w *world) judgeRequest(r SendRequest) error {
	placed := false
	for i := range w.reqs {
		if w.reqs[i].ID == 0 {
			w.reqs[i], placed = r, true
			break
		}
	}
	if !placed {
		return fmt.Errorf("more than %d requests at once", maxModelReqs)
	}
	if err := w.judgeBinding(r); err != nil {
		return err
	}
	if r.SessionID != "" && holder(r.Credential) != owner(r.SessionID) {
		return fmt.Errorf("law 4: credential %s is sent with session %s", r.Credential.Reveal(), r.SessionID)
	}
	if both := w.ghost.foreign == w.ghost.refused && !w.ghost.foreign.IsZero(); r.Credential == credN0 && (r.Kind != ReadClient || !both && !w.proxy.there && w.state.refused.spare != credN0) {
		return fmt.Errorf("law 2: the credential of another client is presented")
	}
	s, d := &w.state, &w.disk.record
	if r.ID == s.revoke.id {
		w.ghost.revBelieved.drop(r.Credential) // what was heard before is no answer to this
	}
	current := s.store.readable() && w.disk.present && !w.disk.keyGone && w.disk.version == s.store.version
	known := current && s.store.failed == ""
	// A person who signs out need not wait for a store that fails; a sign-in
	// that replaces a session does.
	ends := r.Kind == RemoveSession || r.Kind == RemoveSessions
	if ends && (known || current && s.record.signedIn()) && d.Tombstone == "" && owner(d.SessionID) == holder(r.Credential) {
		return fmt.Errorf("law 2: session %s is ended while it is held", d.SessionID)
	}
	if err := w.judgeFlow(r, known); err != nil {
		return err
	}
	stored := d.Credential == r.Credential || d.Successor == r.Credential || d.Candidate == r.Credential
	for _, rev := range d.Revocations {
		stored = stored || rev.Credential == r.Credential
	}
	if known && !stored && (r.Credential == credA1 || r.Credential == credK0 || r.Credential == credR0 || r.Credential.bound()) && (r.Kind == ReadClient || r.Kind == MintToken) {
		return fmt.Errorf("law 5: credential %s is presented before it is durable", r.Credential.Reveal())
	}
	return nil
}

// judgeVerdict: signed-out needs its proof (law 2), and what is over stays over
// (law 3).
func (w *world) judgeVerdict(v Verdict) error {
	g := &w.ghost
	if v.SignedIn() || v.Kind == Pending {
		if g.over[sessionIndex(v.SessionID)] {
			return fmt.Errorf("law 3: session %s is shown again", v.SessionID)
		}
		g.shown4 = g.shown4 || v.SessionID == "S4"
		return nil
	}
	if v.Cause == CauseOfflineLimit && !g.late {
		return fmt.Errorf("law 9: the offline limit is reached, and no month has passed")
	}
	if v.Kind != SignedOut {
		return nil
	}
	old := w.disk.record
	stored := w.disk.present && !w.disk.keyGone && old.Tombstone == v.Cause
	var proven bool
	switch v.Cause {
	case CauseNone:
		proven = g.lastRead == StoreAbsent || g.lastRead == StoreFound && w.state.durable.Tombstone == "" && w.state.durable.Credential.IsZero()
	case CauseUser:
		proven = g.asked || g.peerOut
	case CauseRevoked:
		proven = stored || slices.Contains(g.gone[:], true)
	case CauseRejected:
		// The predecessor is the one that counts while it is held.
		proven = stored || !g.foreign.IsZero() && g.rejected(g.foreign) && (w.disk.version != w.state.store.version || g.foreign == old.Credential || g.acceptedA1 && g.foreign == credA1)
	case CauseKeyLost:
		proven = g.keyLost || stored
	default:
		proven = stored
	}
	if !proven {
		return fmt.Errorf("law 2: signed-out(%s) without proof", v.Cause)
	}
	// What was durable may have lost its key, or given way to a peer, since.
	was := stored || w.state.durable.Tombstone == v.Cause
	if !v.PersistFailing && v.Cause != CauseNone && !was {
		return fmt.Errorf("law 10: signed-out(%s) is shown before it is durable", v.Cause)
	}
	w.sessionsOver(v)
	return nil
}

// sessionsOver remembers which sessions must never be shown again.
func (w *world) sessionsOver(v Verdict) {
	for i, known := range w.ghost.meant {
		if known && v.Cause == CauseUser {
			w.ghost.over[i] = true
			w.ghost.forever[i] = w.ghost.forever[i] || !v.PersistFailing
		}
	}
}

func (w *world) judgeToken(token Secret) error {
	if token.IsZero() {
		return nil
	}
	v := w.state.verdict
	if !v.SignedIn() || token.Reveal() != "jwt-"+v.SessionID {
		return fmt.Errorf("law 3: token %s is handed out while the verdict is %s of %s", token.Reveal(), v.Kind, v.SessionID)
	}
	return nil
}

// invariants hold in every state.
func (w *world) invariants() error {
	s := &w.state
	if w.ghost.deadline && !s.verdict.Settled() {
		return fmt.Errorf("law 1: no verdict after the local deadline")
	}
	if s.confirm.id != 0 && s.mint.id != 0 {
		return fmt.Errorf("two questions about one session at once")
	}
	if r := s.record; r.Tombstone != "" && (r.SessionID != "" || r.User != (User{}) || !r.Credential.IsZero()) {
		return fmt.Errorf("law 3: a tombstone that still holds a session, a user or a credential")
	}
	for _, r := range []*Record{&s.record, &w.disk.record} {
		if r.SessionID != "" && (owner(r.SessionID) != r.ClientID || holder(r.Credential) != r.ClientID) {
			return fmt.Errorf("law 4: session %s of client %s is held with credential %s", r.SessionID, r.ClientID, r.Credential.Reveal())
		}
	}
	return nil
}
