package core

import (
	"errors"
	"time"
)

// storeForeign and storeUnknown are what a record that was read and could not
// be used counts as. The store itself never answers them.
const (
	storeForeign StoreAnswer = "foreign"
	storeUnknown StoreAnswer = "unknown-form"
)

// corruptReads is how often a damaged record is read before it is given up: a
// bad read must not cost a session, and no read at all must not cost for ever.
const corruptReads = 4

// readable reports whether the store's content is known.
func (s *storeView) readable() bool { return s.answer == StoreFound || s.answer == StoreAbsent }

// persist keeps the store and the record together: one operation at a time, a
// read when one is due, else the write that the record calls for.
func (t *turn) persist() {
	s := &t.store
	t.unsaved = t.record != t.durable || s.anew
	if s.answer == StoreFound && !s.saving.prepared && !t.unsaved {
		s.critical = false // it is durable, whoever wrote it
	}
	if s.loading != 0 || s.saving.id != 0 || t.now < s.pause {
		return
	}
	switch {
	case s.reload:
		s.reload = false
		s.loading = t.newID()
		t.do(LoadRecord{s.loading})
	case s.saving.prepared:
		t.write()
	case t.mustSave():
		t.prepareSave()
		t.write()
	}
}

// mustSave reports whether the record has to be written now. While the store
// cannot be read, only a completed sign-in or a proven loss is worth setting
// the unreadable remains aside for.
func (t *turn) mustSave() bool {
	if !t.unsaved {
		return false
	}
	s := &t.store
	return (s.readable() && s.foreign.IsZero()) || (s.answer != "" && s.critical)
}

func (t *turn) prepareSave() {
	s := &t.store
	if t.record.Lineage == "" {
		t.record.Lineage = t.newLineage()
	}
	t.foldUnconfirmed()
	previous := s.version
	if !s.foreign.IsZero() {
		previous = s.foreign
	}
	w := &s.saving // and not a new one, which would be copied once more
	w.id, w.prepared, w.record = 0, true, t.record
	w.previous, w.next = previous, Version{t.record.Lineage, previous.Generation + 1}
	w.beside, w.critical = !s.readable() || !s.foreign.IsZero(), s.critical
}

func (t *turn) write() {
	s := &t.store
	s.saving.id = t.newID()
	t.do(SaveRecord{
		ID: s.saving.id, Previous: s.saving.previous, Next: s.saving.next,
		Data:   s.saving.record.encode(t.config.Tenant),
		Beside: s.saving.beside, Final: s.saving.final(),
	})
}

// final reports whether no earlier record may be read ever again. A sign-in is
// such an end, too: were its only copy damaged, the tombstone or the person
// before it would come back.
func (s *saving) final() bool {
	if s.record.Tombstone == "" {
		return s.critical && s.record.signedIn()
	}
	return final(s.record.Tombstone)
}

// final reports whether a tombstone must make every earlier record unreadable.
// What was lost by accident may still be wanted by somebody with tools.
func final(tombstone Cause) bool {
	return tombstone != "" && tombstone != CauseKeyLost && tombstone != CauseRecordLost
}

func (t *turn) saved(e StoreSaved) {
	s := &t.store
	if e.ID == 0 || e.ID != s.saving.id {
		t.note(HappenedIgnored, Evidence{Store: e.Answer, Detail: "late save"})
		return
	}
	s.saving.id = 0
	switch e.Answer {
	case StoreStored:
		if e.Detail != "" {
			t.note(HappenedStore, Evidence{Store: e.Answer, Detail: e.Detail})
		}
		s.answer, s.version, s.foreign, s.failed = StoreFound, s.saving.next, Version{}, ""
		s.anew, s.corrupt = false, 0
		s.critical = s.critical && !s.saving.critical
		t.durable, s.saving = s.saving.record, saving{}
		t.signOutWanted = t.signOutWanted && t.record.Tombstone == ""
		s.tries, s.pause = 0, 0
	case StoreConflict:
		t.note(HappenedStore, Evidence{Store: e.Answer, Detail: e.Detail})
		s.saving, s.reload = saving{}, true
	default:
		t.note(HappenedStore, Evidence{Store: e.Answer, Detail: e.Detail})
		s.failed = e.Answer
		t.restStore()
		switch {
		case s.saving.critical && lost(s.saving.record.Tombstone):
			t.takeBackLoss()
		case e.Answer == StoreKeyMissing || e.Answer == StoreCorrupt || s.saving.beside:
			// Nothing was written, and repeating it would not help: what can
			// be done depends on what can still be read. A write beside is not
			// repeated blindly either: a second try would set its own first
			// one aside.
			s.saving, s.reload = saving{}, true
		}
	}
}

// restStore leaves the store alone for a while; TimerStore ends the pause.
func (t *turn) restStore() {
	const longest = 32
	s := &t.store
	factor := min(1<<min(s.tries, 5), longest)
	s.tries++
	s.pause = t.now.Add(t.spread(t.config.StoreRetry*time.Duration(factor), 0.5))
	t.setTimer(TimerStore, s.pause)
}

func (t *turn) loaded(e StoreLoaded) {
	s := &t.store
	if e.ID == 0 || e.ID != s.loading {
		t.note(HappenedIgnored, Evidence{Store: e.Answer, Detail: "late load"})
		return
	}
	s.loading, s.foreign = 0, Version{}
	if e.Answer == StoreFound || e.Answer == StoreAbsent {
		s.read = e.ID
	}
	switch e.Answer {
	case StoreFound:
		var record Record
		err := record.decode(e.Data, t.config.Tenant)
		if err == nil && record.Lineage != e.Version.Lineage {
			err = ErrRecordUnknown
		}
		if err != nil {
			t.note(HappenedDecoding, Evidence{Store: e.Answer, Detail: err.Error()})
			t.unreadable(answerFor(err), err.Error())
			t.besideForeign(e.Version)
			return
		}
		t.found(&record, e.Version, Evidence{Store: e.Answer, Detail: e.Detail})
	case StoreAbsent:
		t.empty(Evidence{Store: e.Answer, Detail: e.Detail})
	default:
		t.note(HappenedStore, Evidence{Store: e.Answer, Detail: e.Detail})
		t.unreadable(e.Answer, e.Detail)
	}
}

// besideForeign remembers a record that the store can read and this version
// cannot. What has to be stored all the same goes beside it, under the version
// that names it: the store would take any other for a conflict.
func (t *turn) besideForeign(version Version) {
	s := &t.store
	s.foreign = version
	if !s.critical {
		return
	}
	s.reload, s.saving = false, saving{}
	if s.failed == "" {
		s.pause = 0
		t.setTimer(TimerStore, 0)
	}
}

func answerFor(err error) StoreAnswer {
	switch {
	case errors.Is(err, ErrRecordNewer):
		return StoreTooNew
	case errors.Is(err, ErrRecordForeign):
		return storeForeign
	default:
		return storeUnknown
	}
}

// unreadable handles every answer that proves nothing about a session. What is
// already known in this process stays known, and is stored anew when the record
// it came from is gone for good.
func (t *turn) unreadable(answer StoreAnswer, detail string) {
	s := &t.store
	s.reload = true
	t.restStore()
	if answer == StoreCorrupt {
		s.corrupt = min(s.corrupt+1, corruptReads)
	}
	gone := answer == StoreKeyMissing || (answer == StoreCorrupt && s.corrupt >= corruptReads)
	known := s.readable()
	if known && !gone {
		return
	}
	s.answer, s.version, s.saving = answer, Version{}, saving{}
	if known && (t.record.signedIn() || t.record.Tombstone != "") {
		// What is stored again is nothing new: it gives way to whatever a later
		// read finds after all.
		anew := !s.critical
		s.reload = false
		t.setCritical()
		s.anew = anew
		return
	}
	t.durable = Record{}
	switch {
	case t.record.signedIn() || s.critical:
		// A sign-in made meanwhile is written beside the remains. When that
		// fails too, reading is tried again first.
		if s.critical {
			s.reload = false
		}
		if s.critical && s.failed == "" {
			s.pause = 0
			t.setTimer(TimerStore, 0)
		}
	case answer == StoreKeyMissing:
		t.evidence = Evidence{Store: answer, Detail: detail}
		t.giveUp(CauseKeyLost)
	case gone:
		t.evidence = Evidence{Store: answer, Detail: detail}
		t.giveUp(CauseRecordLost)
	}
	t.evidence = Evidence{Store: answer, Detail: detail}
}

// giveUp concludes that the stored record can never be read again. The verdict
// follows only when the tombstone is stored and the remains are set aside.
func (t *turn) giveUp(cause Cause) {
	attempt, flows := t.record.Attempt, t.record.Flows
	t.record = t.record.ended(cause, t.evidence)
	t.record.Lineage, t.record.Attempt, t.record.Flows = t.newLineage(), attempt, flows
	t.setCritical()
	t.store.reload = false
}

// takeBackLoss forgets a conclusion that could not be stored: the next read may
// do better.
func (t *turn) takeBackLoss() {
	r := &t.record
	t.record = Record{
		Attempt: r.Attempt, Flows: r.Flows, Candidate: r.Candidate, Revocations: r.Revocations, Overdue: r.Overdue,
	}
	t.store.saving, t.store.critical, t.store.failed = saving{}, false, ""
	t.store.reload = true
}

func lost(cause Cause) bool { return cause == CauseKeyLost || cause == CauseRecordLost }

// setCritical says that the record as it is now must be durable before anybody
// acts on it. A write that is already on its way does not count.
func (t *turn) setCritical() {
	s := &t.store
	s.critical, s.saving.critical, s.failed, s.anew = true, false, "", false
	s.pause = 0
	t.setTimer(TimerStore, 0)
}

// held reports whether the truth has changed and is being made durable, so that
// nothing may be said or sent on the strength of it yet. A failed write ends
// the wait: what is true is then said together with PersistFailing.
func (t *turn) held() bool { return t.store.critical && t.store.failed == "" }
