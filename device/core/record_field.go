package core

// fields writes every line of a record but for the heading, the tenant and what
// this version does not understand.
func (w *recordWriter) fields(r *Record) {
	w.textLine(keyLineage, r.Lineage)
	w.textLine(keyInstall, r.Install)
	w.textLine(keyTombstone, string(r.Tombstone))
	w.evidenceLine(keyTombstoneEvidence, &r.TombstoneEvidence)
	w.secretLine(keyCredential, r.Credential)
	w.secretLine(keySuccessor, r.Successor)
	w.secretLine(keyCandidate, r.Candidate)
	w.secretLine(keyOffer, r.Offer)
	w.secretLine(keyOrigin, r.Origin)
	w.numberLine(keyRotated, int64(r.RotatedAt))
	w.textLine(keyClient, r.ClientID)
	w.numberLine(keyClientUpdated, int64(r.ClientUpdatedAt))
	w.textLine(keySession, r.SessionID)
	w.textLine(keySessionStatus, r.SessionStatus)
	w.textLine(keySessionTask, r.SessionTask)
	w.numberLine(keySessionExpires, int64(r.SessionExpireAt))
	w.userLine(keyUser, &r.User)
	w.numberLine(keyConfirmed, int64(r.ConfirmedAt))
	w.numberLine(keyConfirmedServer, int64(r.ConfirmedServer))
	w.numberLine(keyUnconfirmed, r.Unconfirmed)
	w.attemptLine(keyAttempt, &r.Attempt)
	for i := range r.Flows {
		w.flowLine(keyFlow, &r.Flows[i])
	}
	for rev := range r.Queued() {
		w.revocationLine(keyRevocation, &rev)
	}
}

// field reads the values of one line into r and reports whether this version
// knows its key.
func (v *recordReader) field(r *Record, key recordKey) bool {
	switch key {
	case keyLineage:
		r.Lineage = v.text()
	case keyInstall:
		r.Install = v.text()
	case keyTombstone:
		r.Tombstone = Cause(v.text())
	case keyTombstoneEvidence:
		r.TombstoneEvidence = v.evidence()
	case keyCredential:
		r.Credential = v.secret()
	case keySuccessor:
		r.Successor = v.secret()
	case keyCandidate:
		r.Candidate = v.secret()
	case keyKey: // read before everything else
	case keyOffer:
		r.Offer = v.secret()
	case keyOrigin:
		r.Origin = v.secret()
	case keyRotated:
		r.RotatedAt = Wall(v.number())
	case keyClient:
		r.ClientID = v.text()
	case keyClientUpdated:
		r.ClientUpdatedAt = Wall(v.number())
	case keySession:
		r.SessionID = v.text()
	case keySessionStatus:
		r.SessionStatus = v.text()
	case keySessionTask:
		r.SessionTask = v.text()
	case keySessionExpires:
		r.SessionExpireAt = Wall(v.number())
	case keyUser:
		r.User = User{v.text(), v.text(), v.text(), v.text(), v.text()}
	case keyConfirmed:
		r.ConfirmedAt = Wall(v.number())
	case keyConfirmedServer:
		r.ConfirmedServer = Wall(v.number())
	case keyUnconfirmed:
		r.Unconfirmed = v.number()
	case keyAttempt:
		r.Attempt = v.attempt()
	case keyFlow:
		v.flow(r)
	case keyRevocation:
		*r = r.withRevocation(Revocation{v.secret(), v.text(), v.text()})
	default:
		return false
	}
	return true
}

func (w *recordWriter) evidenceLine(key recordKey, e *Evidence) {
	w.begin(key)
	w.text(string(e.Request))
	w.text(e.Trace)
	w.text(e.Code)
	w.text(string(e.Trouble))
	w.text(string(e.Store))
	w.text(e.Detail)
	w.number(int64(e.Status))
	w.end()
}

func (v *recordReader) evidence() Evidence {
	return Evidence{
		Request: RequestKind(v.text()), Trace: v.text(), Code: v.text(),
		Trouble: Trouble(v.text()), Store: StoreAnswer(v.text()), Detail: v.text(),
		Status: int(v.number()),
	}
}

func (w *recordWriter) userLine(key recordKey, u *User) {
	w.begin(key)
	w.text(u.ID)
	w.text(u.Identifier)
	w.text(u.FirstName)
	w.text(u.LastName)
	w.text(u.ImageURL)
	w.end()
}

func (w *recordWriter) attemptLine(key recordKey, a *Attempt) {
	if a.IsZero() {
		return
	}
	kind := "sign-in"
	if a.SignUp {
		kind = "sign-up"
	}
	w.begin(key)
	w.text(kind)
	w.text(a.ID)
	w.text(a.Status)
	w.text(string(a.Strategy))
	w.text(a.FactorID)
	w.text(a.SafeIdentifier)
	w.secret(a.Credential)
	w.text(a.ClientID)
	w.number(int64(a.StartedAt))
	w.end()
}

func (v *recordReader) attempt() Attempt {
	return Attempt{
		SignUp: v.text() == "sign-up", ID: v.text(), Status: v.text(), Strategy: Strategy(v.text()),
		FactorID: v.text(), SafeIdentifier: v.text(), Credential: v.secret(), ClientID: v.text(),
		StartedAt: Wall(v.number()),
	}
}

func (w *recordWriter) revocationLine(key recordKey, r *Revocation) {
	w.begin(key)
	w.secret(r.Credential)
	w.text(r.ClientID)
	w.text(r.SessionID)
	w.end()
}

func (w *recordWriter) flowLine(key recordKey, f *Flow) {
	if f.IsZero() {
		return
	}
	kind := "sign-in"
	switch {
	case f.Done:
		kind = "done"
	case f.SignUp:
		kind = "sign-up"
	}
	w.begin(key)
	w.text(kind)
	w.text(f.State)
	w.secret(f.Verifier)
	w.text(f.Redirect)
	w.secret(f.Credential)
	w.secret(f.Nonce)
	w.text(f.SessionID)
	w.number(int64(f.StartedAt))
	w.end()
}

// flow reads a flow into the first free place; those beyond the last are a
// newer version's business.
func (v *recordReader) flow(r *Record) {
	kind := v.text()
	f := Flow{
		SignUp: kind == "sign-up", Done: kind == "done", State: v.text(), Verifier: v.secret(), Redirect: v.text(),
		Credential: v.secret(), Nonce: v.secret(), SessionID: v.text(), StartedAt: Wall(v.number()),
	}
	if f.IsZero() {
		return
	}
	for i := range r.Flows {
		if r.Flows[i].IsZero() {
			r.Flows[i] = f
			return
		}
	}
}
