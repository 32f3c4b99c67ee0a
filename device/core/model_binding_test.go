package core

import "fmt"

// The part of the model that binds credentials to device keys. The server keeps
// of each key which generation was presented; E2k1 is the second credential of
// the line that key k1 began. Whoever else holds a credential can end its line
// by showing another key, and a dead device can be restored from a backup.

const modelKeys, modelGenerations = 2, 3

type modelLine struct {
	presented int8 // the newest generation that was presented
	ended     bool
}

// modelBinding is what the scene adds to the world.
type modelBinding struct {
	on     bool
	lines  [modelKeys]modelLine
	wanted bool // the machine waits for a key
	made   int8 // keys so far
	backup modelDisk
	// accepted is the newest generation of each line that the device was told
	// is accepted.
	accepted [modelKeys]int8
}

func lineCredential(key, generation int8) Secret {
	name := fmt.Sprintf("k%d", key+1)
	return Bind(NewSecret(fmt.Sprintf("E%d%s", generation, name)), NewSecret(name))
}

// line says which generation of which line c is.
func line(c Secret) (key, generation int8, ok bool) {
	text := c.Token().Reveal()
	if !c.bound() || len(text) != 4 || text[2:] != c.Key().Reveal() {
		return 0, 0, false
	}
	return int8(text[3] - '1'), int8(text[1] - '0'), true
}

func (w *world) bindingActions(add func(bool, deed, int)) {
	b := &w.bind
	if !b.on {
		return
	}
	budget := w.budget.bind > 0
	if !w.alive {
		// A backup of before a sign-out brings the session back, and should.
		over := w.disk.record.Tombstone != "" || b.backup.record.Tombstone != ""
		add(budget && b.backup.present && b.backup != w.disk && !over, doRestore, 0)
		return
	}
	add(b.wanted, doKeyMade, 0)
	add(b.wanted && budget, doKeyNone, 0)
	add(budget, doAskRotation, 0)
	add(budget && w.disk.present && b.backup != w.disk, doBackup, 0)
	for key := range b.lines {
		add(budget && int8(key) < b.made && !b.lines[key].ended, doForeignKey, key)
	}
	peer := w.disk.present && !w.disk.keyGone && w.disk.record.Tombstone == "" && w.disk.record.Credential == credA0
	add(w.budget.peer > 0 && peer && b.made < modelKeys, doPeerBinds, 0)
}

func (w *world) takeBinding(a action) error {
	b := &w.bind
	switch a.do {
	case doKeyMade, doKeyNone:
		b.wanted = false
		key := Secret{}
		if a.do == doKeyNone {
			w.budget.bind--
		} else if b.made < modelKeys {
			b.made++
			key = lineCredential(b.made-1, 1).Key()
		}
		return w.step(KeyMade{Key: key})
	case doAskRotation:
		w.budget.bind--
		return w.step(RotationAsked{})
	case doForeignKey:
		w.budget.bind--
		b.lines[a.arg].ended = true
	case doBackup:
		w.budget.bind--
		b.backup = w.disk
	case doRestore:
		w.budget.bind--
		w.disk = b.backup
	case doPeerBinds:
		w.budget.peer--
		b.made++
		b.lines[b.made-1].presented = 1
		w.disk.version.Generation++
		r := &w.disk.record
		r.Origin, r.Offer, r.Successor = r.Credential, Secret{}, Secret{}
		r.Credential = lineCredential(b.made-1, 1)
		b.accepted[b.made-1] = 1
	default:
		return fmt.Errorf("model: no such deed of binding: %d", a.do)
	}
	return nil
}

// boundClient is whose credential c is; presenting it counts.
func (w *world) boundClient(c Secret) string {
	key, _, ok := line(c)
	if !ok || w.bind.lines[key].ended || w.server.forgotten {
		return ""
	}
	return "C1"
}

// serveBinding does what presenting a credential does, and hands out what is
// due.
func (w *world) serveBinding(r SendRequest, e *Responded) {
	b := &w.bind
	if !b.on || w.clientOf(r.Credential) != "C1" {
		return
	}
	e.Binds = true
	key, generation, bound := line(r.Credential)
	if !bound {
		if offered, _, ok := line(Bind(NewSecret("E1"+r.Offer.Reveal()), r.Offer)); ok && r.Kind == ReadClient && !b.lines[offered].ended {
			e.Credential = lineCredential(offered, max(1, b.lines[offered].presented))
		}
		return
	}
	l := &b.lines[key]
	switch {
	case generation < l.presented:
		e.Credential = lineCredential(key, l.presented)
	default:
		l.presented = generation
		if r.Rotate && r.Kind == ReadClient && generation < modelGenerations {
			e.Credential = lineCredential(key, generation+1)
		}
	}
}

// witnessBinding notes that the server accepted a bound credential.
func (w *world) witnessBinding(r SendRequest) {
	if key, generation, ok := line(r.Credential); ok {
		w.bind.accepted[key] = max(w.bind.accepted[key], generation)
	}
}

// replacedBound reports whether next may take the place of old without its
// credential: it has one that the server accepted, or ends the session with one.
func (w *world) replacedBound(old, next *Record) bool {
	proven := func(c Secret) bool {
		key, generation, ok := line(c)
		return ok && generation <= w.bind.accepted[key]
	}
	for _, rev := range next.Revocations {
		if next.Tombstone != "" && rev.SessionID == old.SessionID && proven(rev.Credential) {
			return true
		}
	}
	return proven(next.Credential)
}

// judgeBinding: a key or a bound credential is durable before anybody sees it,
// and each credential travels with its own key (laws 4 and 5).
func (w *world) judgeBinding(r SendRequest) error {
	s, d := &w.state, &w.disk.record
	if _, _, ok := line(r.Credential); r.Credential.bound() && !ok {
		return fmt.Errorf("law 4: credential %s is sent with key %s", r.Credential.Token().Reveal(), r.Credential.Key().Reveal())
	}
	current := w.disk.present && !w.disk.keyGone && w.disk.version == s.store.version
	if !r.Offer.IsZero() && (r.Credential.bound() || current && d.Offer != r.Offer) {
		return fmt.Errorf("law 5: key %s is offered before it is durable", r.Offer.Reveal())
	}
	if r.Rotate && !r.Credential.bound() {
		return fmt.Errorf("a successor is asked for a credential without a key")
	}
	return nil
}

// bindingScenes begin with a record of before there were keys, and with a bound
// credential whose time for a successor has come.
func bindingScenes() []scene {
	unbound := func(w *world) {
		w.bind.on = true
		w.disk = modelDisk{present: true, version: Version{"L0", 10}, record: modelRecord()}
	}
	bound := func(w *world) {
		unbound(w)
		w.bind.made, w.bind.lines[0].presented, w.bind.accepted[0] = 1, 1, 1
		w.disk.record.Credential, w.disk.record.Origin = lineCredential(0, 1), credA0
		w.disk.record.RotatedAt, w.disk.record.ConfirmedServer = modelWall-Wall(modelMonth), modelWall
	}
	return []scene{
		{
			"binding", unbound,
			budget{kill: 1, storeFault: 1, trouble: 1, token: 1, bind: 2, peer: 1},
			budget{kill: 2, storeFault: 2, trouble: 1, token: 1, bind: 4, peer: 1, clock: 1, lie: 1},
		},
		{
			"successor of a bound credential", bound,
			budget{kill: 1, storeFault: 1, trouble: 1, nudge: 2, token: 1, bind: 2},
			budget{kill: 2, storeFault: 2, trouble: 2, nudge: 2, token: 2, bind: 4, signOut: 1, lie: 1},
		},
	}
}
