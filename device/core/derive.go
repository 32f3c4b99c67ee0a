package core

// publish makes the verdict that follows from the state the current one, if it
// is another one than before.
func (t *turn) publish() {
	if t.held() && t.verdict.Settled() {
		return // what holds now is being replaced
	}
	var next Verdict
	t.derive(&next)
	next.Generation = t.store.version.Generation
	// What an application can act on is compared. Another exchange with the same
	// result is not news; a change of what is stored is.
	before := &t.verdict
	evidence := next.Evidence
	next.Sequence, next.At, next.Evidence = before.Sequence, before.At, before.Evidence
	if next == *before {
		return
	}
	next.Sequence, next.At, next.Evidence = before.Sequence+1, t.wallNow(t.now), evidence
	other := next.Kind != before.Kind || next.Cause != before.Cause
	t.verdict = next
	t.do(Publish{next})
	if other {
		t.note(HappenedVerdict, evidence)
	}
}

// derive says what is true, and nothing else: it reads facts and no history.
func (t *turn) derive(v *Verdict) {
	r := &t.record
	v.Kind, v.Evidence = Undetermined, t.evidence
	v.PersistFailing = t.store.failed != "" && t.unsaved
	switch {
	case t.held():
		v.Cause = t.waitingCause()
	case t.store.answer == "" && r.Credential.IsZero():
		// A candidate or an attempt of this process says nothing about what
		// the store holds.
		v.Cause = t.waitingCause()
	case r.Credential.IsZero() && !r.Candidate.IsZero() && t.store.readable():
		// While the store cannot be read, what is in the way is the store.
		v.Cause = CauseUnidentified
	case r.Tombstone != "":
		v.Kind, v.Cause, v.Evidence = SignedOut, r.Tombstone, r.TombstoneEvidence
	case r.Credential.IsZero():
		v.Kind, v.Cause = t.withoutCredential()
	case t.overLimit():
		v.Cause = CauseOfflineLimit
	default:
		t.describeSession(v)
	}
	if r.signedIn() && t.quiet.pausing(t.now) {
		v.Failing, v.NextTry = t.quiet.trouble, max(t.quiet.until, t.quiet.floor)
	}
}

func (t *turn) describeSession(v *Verdict) {
	r := &t.record
	v.SessionID, v.ClientID, v.User, v.Confirmed = r.SessionID, r.ClientID, r.User, t.confirmed
	if !t.confirmed && t.foreignInstall() {
		v.User = User{} // whoever holds the device now may be somebody else
	}
	switch {
	case r.SessionStatus == "pending":
		v.Kind, v.Cause, v.Task = Pending, CauseTask, r.SessionTask
	case t.confirmed:
		v.Kind, v.Cause = Active, CauseConfirmed
	default:
		v.Kind, v.Cause = ActiveUnverified, CauseRestored
	}
}

func (t *turn) waitingCause() Cause {
	if t.store.late {
		return CauseStorageSlow
	}
	return CauseRestoring
}

// withoutCredential says what the store's answer means when there is nothing to
// present. Only a readable store can prove that nobody is signed in.
func (t *turn) withoutCredential() (Kind, Cause) {
	switch t.store.answer {
	case StoreFound:
		if t.record.SessionID != "" || t.record.User != (User{}) {
			return SignedOut, CauseCredentialMissing
		}
		return SignedOut, CauseNone
	case StoreAbsent:
		return SignedOut, CauseNone
	case "":
		return Undetermined, t.waitingCause()
	case StoreLocked:
		return Undetermined, CauseStorageLocked
	case StoreAccessDenied:
		return Undetermined, CauseStorageDenied
	case StoreCorrupt:
		return Undetermined, CauseStorageCorrupt
	case StoreKeyMissing:
		return Undetermined, CauseKeyService
	case StoreTooNew:
		return Undetermined, CauseSchemaNewer
	case storeForeign, storeUnknown:
		return Undetermined, CauseStorageForeign
	default:
		return Undetermined, CauseStorageFailed
	}
}

// publishPending says what is under way beside the verdict, when it changed.
func (t *turn) publishPending() {
	next := PublishPending{
		Attempt: viewAttempt(t.record.Attempt), Flow: viewFlow(&t.record.Flows), Unsaved: t.unsaved,
	}
	for range t.record.Queued() {
		next.Revocations++
	}
	if next != t.pending {
		t.pending = next
		t.do(next)
	}
}
