package core

import "testing"

// A sign-in whose save was done and reported as failed can be ended by another
// process before this one tries again. It used to be taken for a completed
// sign-in that had met another record: it was stored over its own tombstone,
// and shown again while it was being revoked.
func TestSignInDoesNotOutliveItsOwnTombstone(t *testing.T) {
	t.Parallel()
	signIn := Record{Lineage: "L1", Credential: NewSecret("B0"), ClientID: "C2", SessionID: "S2", SessionStatus: "active"}
	for name, stored := range map[string]Record{
		"its tombstone, with the revocation":      signIn.ownRevocations().ended(CauseUser, Evidence{}),
		"its tombstone, revoked by now":           signIn.ended(CauseUser, Evidence{}),
		"another sign-in, which is revoking this": signIn.ownRevocations().carriedInto(Record{Lineage: "L2", Credential: NewSecret("D0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}),
	} {
		state := New(Config{Tenant: "t"})
		state.launched, state.record = true, signIn
		state.store.critical = true
		state.store.answer = StoreAbsent
		state.store.loading = 7
		got, effects := Step(state, 2, StoreLoaded{
			ID: 7, Answer: StoreFound, Version: Version{stored.Lineage, 2}, Data: EncodeRecord(stored, "t"),
		})
		if got.record.SessionID == "S2" {
			t.Errorf("%s: the session is held again", name)
		}
		for _, effect := range effects {
			if p, ok := effect.(Publish); ok && p.Verdict.SessionID == "S2" {
				t.Errorf("%s: the session is shown again", name)
			}
		}
	}
}

// Two processes can find the same credential handed over, and both take its
// session in. The second one used to find a record of another lineage, and to
// end the session it had in its own hands.
func TestSameSessionTakenInTwiceIsNotEnded(t *testing.T) {
	t.Parallel()
	stored := Record{Lineage: "L1", Credential: NewSecret("K0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}
	ours := stored
	ours.Lineage, ours.Credential = "L2", NewSecret("K1") // another credential of it
	before := New(Config{Tenant: "t"})
	before.launched, before.record = true, ours
	before.store.critical, before.store.answer, before.store.loading = true, StoreAbsent, 7
	got, _ := Step(before, 2, StoreLoaded{
		ID: 7, Answer: StoreFound, Version: Version{stored.Lineage, 2}, Data: EncodeRecord(stored, "t"),
	})
	want := ours
	want.Lineage = "L1"
	if r := got.record; r.Revocations != want.Revocations || r.Credential != want.Credential || r.SessionID != "S3" || r.Lineage != "L1" {
		t.Errorf("got session %s of lineage %s with %d revocations", r.SessionID, r.Lineage, len(r.Revocations))
	}
}

// A sign-in whose save was reported as failed may have been done, replaced by a
// sign-in of another process, and ended on the server, which leaves no trace. It
// used to be stored over the living one.
func TestUncertainSignInGivesWayToALaterOne(t *testing.T) {
	t.Parallel()
	ours := Record{Lineage: "L1", Credential: NewSecret("B0"), ClientID: "C2", SessionID: "S2", SessionStatus: "active"}
	stored := Record{Lineage: "L2", Credential: NewSecret("D0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}
	for name, test := range map[string]struct {
		failed StoreAnswer
		was    Record
		want   string
	}{
		"perhaps stored":             {StoreFailed, Record{}, "S3"},
		"certainly not stored":       {StoreLocked, Record{}, "S2"},
		"the one that ours replaces": {StoreFailed, stored, "S2"},
	} {
		before := New(Config{Tenant: "t"})
		before.launched, before.record, before.durable = true, ours, test.was
		if test.was != (Record{}) {
			before.durable.ConfirmedAt = 1 // the peer has touched it since
		}
		before.store = storeView{answer: StoreFound, critical: true, failed: test.failed, loading: 7}
		got, _ := Step(before, 2, StoreLoaded{
			ID: 7, Answer: StoreFound, Version: Version{stored.Lineage, 3}, Data: EncodeRecord(stored, "t"),
		})
		if got.record.SessionID != test.want || got.record.Revocations[0].SessionID == test.want || got.record.Revocations[0].IsZero() {
			t.Errorf("%s: holds %s, to revoke %q", name, got.record.SessionID, got.record.Revocations[0].SessionID)
		}
	}
}

// A person signs out of a session that was not stored yet, and another process
// has stored the same one meanwhile, under a lineage of its own. The sign-out
// used to be called done while the session was shown and about to be revoked.
func TestSignOutEndsTheSameSessionStoredByAPeer(t *testing.T) {
	t.Parallel()
	session := Record{Lineage: "L1", Credential: NewSecret("K0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}
	stored := session
	stored.Lineage = "L2"
	before := New(Config{Tenant: "t"})
	before.launched, before.record = true, session.ownRevocations().ended(CauseUser, Evidence{})
	before.durable = Record{Lineage: "L0", Candidate: NewSecret("K0")}
	before.store = storeView{answer: StoreFound, critical: true, failed: StoreLocked, loading: 7}
	got, _ := Step(before, 2, StoreLoaded{
		ID: 7, Answer: StoreFound, Version: Version{stored.Lineage, 2}, Data: EncodeRecord(stored, "t"),
	})
	if got.record.Tombstone != CauseUser || !got.record.revokes(Record{SessionID: "S3"}) {
		t.Errorf("holds session %q under tombstone %q", got.record.SessionID, got.record.Tombstone)
	}
}

// A process that was slow to learn whose a handed-over credential is must not
// put it over the sign-in that came after a peer had taken the same one in.
func TestLateAdoptionGivesWay(t *testing.T) {
	t.Parallel()
	was := Record{Lineage: "L0", Tombstone: CauseRevoked, Candidate: NewSecret("K0")}
	ours := Record{Lineage: "L1", Credential: NewSecret("K0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}
	stored := Record{Lineage: "L2", Credential: NewSecret("D0"), ClientID: "C4", SessionID: "S4", SessionStatus: "active"}
	before := New(Config{Tenant: "t"})
	before.launched, before.record, before.durable = true, ours, was
	before.store = storeView{answer: StoreFound, critical: true, loading: 7}
	got, _ := Step(before, 2, StoreLoaded{
		ID: 7, Answer: StoreFound, Version: Version{stored.Lineage, 5}, Data: EncodeRecord(stored, "t"),
	})
	if got.record.SessionID != "S4" || got.record.revokes(Record{SessionID: "S4"}) {
		t.Errorf("holds session %q", got.record.SessionID)
	}
}

// A peer can begin an attempt of its own while a code is being checked. The
// session that the code made used to be stored with the credential of the other
// attempt.
func TestAttemptKeepsItsOwnCredential(t *testing.T) {
	t.Parallel()
	mine := Attempt{ID: "A1", Status: "needs_first_factor", Strategy: StrategyEmailCode, Credential: NewSecret("B0"), ClientID: "C2"}
	other := Attempt{ID: "A2", Status: "needs_first_factor", Strategy: StrategyEmailCode, Credential: NewSecret("D0"), ClientID: "C4"}
	state := New(Config{Tenant: "t"})
	state.launched = true
	state.record = Record{Lineage: "L0", Tombstone: CauseUser, Attempt: mine}
	state.durable = state.record
	state.store = storeView{answer: StoreFound, version: Version{"L0", 3}}
	state, _ = Step(state, 1, CodeEntered{Call: 1, Code: NewSecret("c")})
	id := state.attempt.flight.id
	peer := state.durable
	peer.Attempt = other
	state.store.loading = 70
	state, _ = Step(state, 2, StoreLoaded{ID: 70, Answer: StoreFound, Version: Version{"L0", 4}, Data: EncodeRecord(peer, "t")})
	state, _ = Step(state, 3, Responded{
		ID: id, Class: Accepted, Status: 200, Attempt: &AttemptDoc{ID: "A1", Status: "complete", CreatedSessionID: "S2"},
		Client: &ClientDoc{ID: "C2", Sessions: []SessionDoc{{ID: "S2", Status: "active"}}},
	})
	if r := state.record; r.SessionID != "S2" || r.Credential != mine.Credential {
		t.Errorf("session %q is held with the credential of its own attempt: %v", r.SessionID, r.Credential == mine.Credential)
	}
}

// A host hands over the credential of a session that was signed out here, before
// the store has said so: the tombstone wins as it does afterwards.
func TestEarlyAdoptionDoesNotOutliveASignOut(t *testing.T) {
	t.Parallel()
	signedIn := Record{Lineage: "L1", Credential: NewSecret("A0"), ClientID: "C1", SessionID: "S1", SessionStatus: "active"}
	stored := signedIn.ownRevocations().ended(CauseUser, Evidence{})
	state, _ := Step(New(Config{Tenant: "t"}), 1, Launch{Wall: 1, Entropy: [2]uint64{1, 2}})
	state, _ = Step(state, 2, AdoptAsked{Call: 7, Credential: NewSecret("A0")})
	got, effects := Step(state, 3, StoreLoaded{
		ID: state.store.loading, Answer: StoreFound, Version: Version{"L1", 2}, Data: EncodeRecord(stored, "t"),
	})
	if v := got.Verdict(); v.Kind != SignedOut || v.Cause != CauseUser || !got.record.Candidate.IsZero() {
		t.Errorf("verdict %s %s, candidate %q", v.Kind, v.Cause, got.record.Candidate.Reveal())
	}
	answered := false
	for _, effect := range effects {
		if r, ok := effect.(Reply); ok && r.Call == 7 {
			answered = r.Outcome == OutcomeSignedOut
		}
	}
	if !answered {
		t.Errorf("the call was not answered with the sign-out: %v", effects)
	}
}

// While the key was gone this process wrote its record beside the remains, which
// was done and reported as failed, and then somebody signed in. The record of
// before used to be taken for the sign-in of a peer: the new session was dropped
// for the old one, which was about to be revoked.
func TestSignInIsNotTakenBackByItsPredecessor(t *testing.T) {
	t.Parallel()
	stored := Record{Lineage: "L0", Credential: NewSecret("A0"), ClientID: "C1", SessionID: "S1", SessionStatus: "active"}
	ours := stored.carriedInto(Record{Lineage: "L1", Credential: NewSecret("B0"), ClientID: "C2", SessionID: "S2", SessionStatus: "active"})
	before := New(Config{Tenant: "t"})
	before.launched, before.record = true, ours
	before.store = storeView{answer: StoreKeyMissing, critical: true, failed: StoreFailed, loading: 7}
	got, _ := Step(before, 2, StoreLoaded{
		ID: 7, Answer: StoreFound, Version: Version{stored.Lineage, 5}, Data: EncodeRecord(stored, "t"),
	})
	if got.record.SessionID != "S2" || !got.record.revokes(Record{SessionID: "S1"}) || got.record.revokes(Record{SessionID: "S2"}) {
		t.Errorf("holds session %q", got.record.SessionID)
	}
}

// A handed-over credential whose save was done and reported as failed is found
// in the store when it has been taken in already. It used to be queued there to
// be revoked, with the session it replaces.
func TestAdoptionEndsNothing(t *testing.T) {
	t.Parallel()
	was := Record{Lineage: "L0", Credential: NewSecret("A0"), ClientID: "C1", SessionID: "S1", SessionStatus: "active"}
	stored := was
	stored.Candidate = NewSecret("K0")
	ours := Record{Lineage: "L1", Credential: NewSecret("K0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}
	before := New(Config{Tenant: "t"})
	before.launched, before.record, before.durable = true, ours, was
	before.store = storeView{answer: StoreFound, version: Version{"L0", 4}, critical: true, loading: 7}
	got, _ := Step(before, 2, StoreLoaded{
		ID: 7, Answer: StoreFound, Version: Version{"L0", 5}, Data: EncodeRecord(stored, "t"),
	})
	if r := got.record; r.SessionID != "S3" || !r.Revocations[0].IsZero() {
		t.Errorf("holds session %q, to revoke %q", r.SessionID, r.Revocations[0].SessionID)
	}
}

// A person signs out of a credential that was handed over and, for all that was
// said, never stored. A peer had found it stored and taken it in. Once it was
// revoked nothing told any more that the sign-out had meant it.
func TestSignOutMeansWhatWasHandedOver(t *testing.T) {
	t.Parallel()
	was := Record{Lineage: "L0", Credential: NewSecret("A0"), ClientID: "C1", SessionID: "S1", SessionStatus: "active"}
	before := New(Config{Tenant: "t"})
	before.launched, before.record, before.durable = true, was, was
	before.record.Candidate = NewSecret("K0")
	before.store = storeView{answer: StoreFound, version: Version{"L0", 4}, failed: StoreFailed}
	before, _ = Step(before, 1, SignOutAsked{Call: 1})
	before.record.Revocations = [MaxRevocations]Revocation{} // all delivered
	before.store.saving, before.store.loading = saving{}, 70
	stored := Record{Lineage: "L2", Credential: NewSecret("K0"), ClientID: "C3", SessionID: "S3", SessionStatus: "active"}
	got, _ := Step(before, 2, StoreLoaded{ID: 70, Answer: StoreFound, Version: Version{"L2", 5}, Data: EncodeRecord(stored, "t")})
	if got.record.Tombstone != CauseUser {
		t.Errorf("holds session %q", got.record.SessionID)
	}
}
