package core

import "slices"

// found takes in a record that the store holds.
func (t *turn) found(stored *Record, version Version, evidence Evidence) {
	s := &t.store
	first := s.answer != StoreFound
	uncertain := s.failed == StoreFailed // what was reported as failed may have been done
	anew := s.anew
	s.answer, s.version = StoreFound, version
	s.tries, s.corrupt, s.pause, s.failed, s.anew = 0, 0, 0, "", false
	if s.saving.prepared {
		s.saving = saving{}
	}
	switch {
	case t.record == *stored:
		s.critical = false
		t.durable = *stored
	case first && !s.critical && !anew:
		t.evidence = evidence
		t.takeFirst(stored)
	default:
		was := t.durable
		t.durable = *stored
		t.compare(stored, &was, anew, uncertain)
	}
	if t.signOutWanted {
		t.signOutNow()
	}
	t.execute()
}

// takeFirst takes in the first record that is read.
func (t *turn) takeFirst(stored *Record) {
	ours := t.record
	t.record = *stored
	t.record.overlay(&ours, &t.durable)
	t.durable = *stored
	t.restore()
}

// compare takes in what the store holds where was and the record are known.
func (t *turn) compare(stored, was *Record, anew, uncertain bool) {
	s, ours := &t.store, t.record
	switch {
	case anew:
		s.critical = false
		t.takeOver(stored, was)
	case *stored == *was:
		// Nothing has changed but what is still to be written.
	case ours == *was:
		t.takeOver(stored, was)
	case uncertain && stored.supersedes(ours, *was):
		s.critical = false
		t.takeOver(stored, was)
		own := ours.ownRevocations()
		t.record.owe(&own, &Record{})
	default:
		t.merge(ours, *stored, *was)
	}
}

// restore begins with what the store held.
func (t *turn) restore() {
	t.unconfirmed = t.now
	t.wantConfirm = t.record.signedIn()
	if t.config.DiscardForeign && t.foreignInstall() && t.record.signedIn() {
		// The session is not ended on the server: another device may be using
		// it, if this is its backup.
		t.dropExchanges()
		t.record = t.record.ended(CauseReinstall, Evidence{Store: StoreFound})
		t.setCritical()
	}
}

// foreignInstall reports whether another installation wrote the record.
func (t *turn) foreignInstall() bool {
	return t.config.Install != "" && t.record.Install != "" && t.record.Install != t.config.Install
}

// takeOver accepts what another process stored since.
func (t *turn) takeOver(stored, was *Record) {
	t.note(HappenedPeer, Evidence{Store: StoreFound})
	before := t.record
	t.record = *stored
	t.record.overlay(&before, was)
	if stored.Lineage != before.Lineage || stored.SessionID != before.SessionID || !stored.signedIn() {
		t.dropExchanges()
		t.unconfirmed = t.now
	}
	t.wantConfirm = t.wantConfirm || stored.signedIn()
}

// merge puts changes of this process together with a record that another
// process stored meanwhile. Sign-outs win over what they ended, and over
// nothing else; a completed sign-in wins; anything less gives way.
func (t *turn) merge(ours, stored, was Record) {
	critical := t.store.critical
	switch {
	case critical && ours.signedIn() && !stored.outlived(ours) && !stored.past(ours, was) && !stored.pastFlow(ours, was) && !stored.pastAttempt(ours, was):
		// A sign-in that is stored, whoever wrote it, has won already: it need
		// not win once more over what comes after it.
		t.store.critical = !stored.holds(ours)
		t.record = stored.carriedInto(ours)
	case critical && stored.Tombstone == "" && t.ends(ours, stored, was):
		ended := stored.ownRevocations().ended(ours.Tombstone, ours.TombstoneEvidence)
		ended.Attempt, ended.Flows = ours.Attempt, ours.Flows // begun since the sign-out
		t.record = ended.withRevocations(&ours)
	default:
		t.store.critical = false
		t.takeOver(&stored, &was)
		switch {
		case ours.Tombstone != "":
			t.record.owe(&ours, &was)
		case (stored.pastFlow(ours, was) || stored.pastAttempt(ours, was)) && stored.SessionID != ours.SessionID:
			own := ours.ownRevocations()
			t.record.owe(&own, &was)
		}
	}
}

// outlived reports whether the stored record shows that a sign-in was stored
// once, although its save was reported as failed, and that another process has
// ended it since: its tombstone is there, or its session waits to be revoked.
func (r Record) outlived(signIn Record) bool {
	if r.Tombstone != "" && r.Lineage == signIn.Lineage || r.signedOutOf(signIn.SessionID) {
		return true
	}
	return r.revokes(signIn)
}

// holds reports whether the stored record has the session of a sign-in.
func (r Record) holds(signIn Record) bool {
	return r.Tombstone == "" && r.SessionID != "" && r.SessionID == signIn.SessionID && r.Credential == signIn.Credential
}

// past reports whether ours is the outcome of a handed-over credential with
// which another process has been through since: it took the credential in or
// dropped it, and what it stored is later.
func (r Record) past(ours, was Record) bool {
	candidate := was.Candidate
	return !candidate.IsZero() && ours.Credential == candidate && r.Candidate != candidate && r.SessionID != ours.SessionID
}

// pastAttempt reports whether ours came of an attempt that another process may
// have been through since: it is gone, and more than it has changed. The same
// session was stored then, and ended or replaced, and nothing need be left that
// tells of it.
func (r Record) pastAttempt(ours, was Record) bool {
	a := was.Attempt
	moved := r.Lineage != was.Lineage || r.SessionID != was.SessionID || r.Tombstone != was.Tombstone
	return moved && a.ID != "" && r.Attempt.ID != a.ID && r.SessionID != ours.SessionID &&
		(ours.Credential == a.Credential || ours.ClientID != "" && ours.ClientID == a.ClientID)
}

// revokes reports whether the session of other waits in r to be ended on the
// server, or every session behind its credential does.
func (r Record) revokes(other Record) bool {
	for rev := range r.Queued() {
		switch {
		case rev.SessionID == "" && rev.Credential == other.Credential,
			rev.SessionID != "" && rev.SessionID == other.SessionID:
			return true
		}
	}
	return false
}

// supersedes reports whether the stored record is a sign-in that another process
// made since was. Of a sign-in of ours that was perhaps stored in between, that
// one has then been told that it is over, and its revocation may be done and
// gone: there is no way to see it. Of two sign-ins either may win, so the stored
// one does, which is certainly alive. It is no such thing when ours is no sign-in
// made since, or replaces the stored one knowingly.
func (r Record) supersedes(ours, was Record) bool {
	return r.signedIn() && ours.signedIn() && ours.Lineage != was.Lineage && r.SessionID != "" && ours.SessionID != "" &&
		r.SessionID != ours.SessionID && r.Lineage != was.Lineage && r.Lineage != ours.Lineage &&
		!ours.revokes(r)
}

// ends reports whether the tombstone in ours is about what is stored now. A
// rejection names one credential, and a peer may have rotated it. A person who
// signs out means what was shown, also when a sign-in that was to replace it
// had not been stored yet, and what was handed over; what a peer began since is
// not meant.
func (t *turn) ends(ours, stored, was Record) bool {
	switch ours.Tombstone {
	case "":
		return false
	case CauseUser:
		handed := stored.Credential == was.Candidate || slices.Contains(t.signedOutOf[:], stored.Credential)
		handed = handed && !stored.Credential.IsZero()
		return stored.Lineage == ours.Lineage || stored.Lineage == was.Lineage || handed || ours.revokes(stored)
	case CauseRejected:
		return stored.Lineage == ours.Lineage && stored.Credential == was.Credential
	default:
		return stored.Lineage == ours.Lineage
	}
}

// carriedInto returns the sign-in next with everything that stored still owes.
func (r Record) carriedInto(next Record) Record {
	switch {
	case r.Tombstone != "":
		if r.Candidate != next.Credential {
			// Handed over after the sign-out, and replaced before it was
			// identified.
			next = next.withRevocation(Revocation{Credential: r.Candidate})
		}
	case r.SessionID != "" && r.SessionID == next.SessionID:
		next.Lineage = r.Lineage // two processes took the same session in
	case !r.Candidate.IsZero() && r.Candidate == next.Credential:
		// It was handed over, and what it replaces is the host's.
		r = Record{Revocations: r.Revocations, Overdue: r.Overdue, Unknown: r.Unknown}
	case r.Lineage != next.Lineage:
		r = r.ownRevocations()
	}
	next = next.withRevocations(&r)
	next.Unknown = r.Unknown
	return next
}

// overlay puts on top of a stored record what this process alone has changed
// since it last knew what was stored. What it has not changed it must not write
// back: a peer may have completed or dropped it.
func (r *Record) overlay(ours, was *Record) {
	if ours.Attempt != was.Attempt {
		r.Attempt = ours.Attempt
	}
	if ours.Flows != was.Flows {
		r.Flows = overlayFlows(r.Flows, ours.Flows, was.Flows)
	}
	if ours.Candidate != was.Candidate && !r.inUse(ours.Candidate) && !r.ends(ours.Candidate) {
		r.Candidate = ours.Candidate
	}
	if ours.Successor != was.Successor && r.Lineage == ours.Lineage && r.Credential == ours.Credential {
		r.Successor = ours.Successor
	}
	if ours.Offer != was.Offer && r.Offer == was.Offer && r.Lineage == ours.Lineage && r.Credential == ours.Credential {
		r.Offer = ours.Offer
	}
	r.owe(ours, was)
}

// empty takes in that the store is provably empty.
func (t *turn) empty(evidence Evidence) {
	s := &t.store
	emptied := s.answer == StoreFound
	s.answer, s.version = StoreAbsent, Version{}
	s.tries, s.corrupt, s.pause, s.saving, s.failed = 0, 0, 0, saving{}, ""
	t.durable = Record{}
	t.evidence = evidence
	t.signOutWanted, t.condemned = false, condemned{}
	if emptied && !s.critical {
		// Somebody removed the record while it was in use: that is proof, and
		// writing it again would bring back what was taken away.
		t.note(HappenedPeer, evidence)
		t.dropExchanges()
		r := &t.record
		t.record = Record{Attempt: r.Attempt, Flows: r.Flows, Revocations: r.Revocations, Overdue: r.Overdue}
	}
}
