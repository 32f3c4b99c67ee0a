package core

// fields writes every line of a record but for the heading, the tenant and what
// this version does not understand.
func (b recordText) fields(r *Record) recordText {
	b = b.textLine(keyLineage, r.Lineage)
	b = b.textLine(keyInstall, r.Install)
	b = b.textLine(keyTombstone, string(r.Tombstone))
	b = b.evidenceLine(keyTombstoneEvidence, &r.TombstoneEvidence)
	b = b.textLine(keyTombstoneSession, r.TombstoneSession)
	b = b.secretLine(keyCredential, r.Credential)
	b = b.secretLine(keySuccessor, r.Successor)
	b = b.secretLine(keyCandidate, r.Candidate)
	b = b.secretLine(keyOffer, r.Offer)
	b = b.secretLine(keyOrigin, r.Origin)
	b = b.numberLine(keyRotated, int64(r.RotatedAt))
	b = b.textLine(keyClient, r.ClientID)
	b = b.numberLine(keyClientUpdated, int64(r.ClientUpdatedAt))
	b = b.textLine(keySession, r.SessionID)
	b = b.textLine(keySessionStatus, r.SessionStatus)
	b = b.textLine(keySessionTask, r.SessionTask)
	b = b.numberLine(keySessionExpires, int64(r.SessionExpireAt))
	b = b.userLine(keyUser, &r.User)
	b = b.numberLine(keyConfirmed, int64(r.ConfirmedAt))
	b = b.numberLine(keyConfirmedServer, int64(r.ConfirmedServer))
	b = b.numberLine(keyUnconfirmed, r.Unconfirmed)
	b = b.attemptLine(keyAttempt, &r.Attempt)
	for i := range r.Flows {
		b = b.flowLine(keyFlow, &r.Flows[i])
	}
	for rev := range r.Queued() {
		b = b.revocationLine(keyRevocation, &rev)
	}
	return b
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
	case keyTombstoneSession:
		r.TombstoneSession = v.text()
	case keyCredential:
		r.Credential = v.secret()
	case keySuccessor:
		r.Successor = v.secret()
	case keyCandidate:
		r.Candidate = v.secret()
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
		r.queue(Revocation{v.secret(), v.text(), v.text()})
	case keyKey:
		v.bound = append(v.bound, Bind(v.secret(), v.secret()))
	default:
		return false
	}
	return true
}

func (b recordText) evidenceLine(key recordKey, e *Evidence) recordText {
	if *e == (Evidence{}) {
		return b
	}
	b = b.begin(key)
	b = b.text(string(e.Request))
	b = b.text(e.Trace)
	b = b.text(e.Code)
	b = b.text(string(e.Trouble))
	b = b.text(string(e.Store))
	b = b.text(e.Detail)
	b = b.number(int64(e.Status))
	return b.end()
}

func (v *recordReader) evidence() Evidence {
	return Evidence{
		Request: RequestKind(v.text()), Trace: v.text(), Code: v.text(),
		Trouble: Trouble(v.text()), Store: StoreAnswer(v.text()), Detail: v.text(),
		Status: int(v.number()),
	}
}

func (b recordText) userLine(key recordKey, u *User) recordText {
	if *u == (User{}) {
		return b
	}
	b = b.begin(key)
	b = b.text(u.ID)
	b = b.text(u.Identifier)
	b = b.text(u.FirstName)
	b = b.text(u.LastName)
	b = b.text(u.ImageURL)
	return b.end()
}

func (b recordText) attemptLine(key recordKey, a *Attempt) recordText {
	if a.IsZero() {
		return b
	}
	kind := "sign-in"
	if a.SignUp {
		kind = "sign-up"
	}
	b = b.begin(key)
	b = b.text(kind)
	b = b.text(a.ID)
	b = b.text(a.Status)
	b = b.text(string(a.Strategy))
	b = b.text(a.FactorID)
	b = b.text(a.SafeIdentifier)
	b = b.secret(a.Credential)
	b = b.text(a.ClientID)
	b = b.number(int64(a.StartedAt))
	return b.end()
}

func (v *recordReader) attempt() Attempt {
	return Attempt{
		SignUp: v.text() == "sign-up", ID: v.text(), Status: v.text(), Strategy: Strategy(v.text()),
		FactorID: v.text(), SafeIdentifier: v.text(), Credential: v.secret(), ClientID: v.text(),
		StartedAt: Wall(v.number()),
	}
}

func (b recordText) revocationLine(key recordKey, r *Revocation) recordText {
	if r.IsZero() {
		return b
	}
	b = b.begin(key)
	b = b.secret(r.Credential)
	b = b.text(r.ClientID)
	b = b.text(r.SessionID)
	return b.end()
}

func (b recordText) flowLine(key recordKey, f *Flow) recordText {
	if f.IsZero() {
		return b
	}
	kind := "sign-in"
	switch {
	case f.Done:
		kind = "done"
	case f.SignUp:
		kind = "sign-up"
	}
	b = b.begin(key)
	b = b.text(kind)
	b = b.text(f.State)
	b = b.secret(f.Verifier)
	b = b.text(f.Redirect)
	b = b.secret(f.Credential)
	b = b.secret(f.Nonce)
	b = b.text(f.SessionID)
	b = b.number(int64(f.StartedAt))
	return b.end()
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
