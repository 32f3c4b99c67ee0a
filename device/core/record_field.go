package core

// fields writes every line of a record but for the heading, the tenant and what
// this version does not understand. Keys are never reused with another meaning.
func (w *recordWriter) fields(r *Record) {
	w.textLine("lineage", r.Lineage)
	w.textLine("install", r.Install)
	w.textLine("tombstone", string(r.Tombstone))
	w.evidenceLine("tombstone-evidence", &r.TombstoneEvidence)
	w.secretLine("credential", r.Credential)
	w.secretLine("successor", r.Successor)
	w.secretLine("candidate", r.Candidate)
	w.secretLine("offer", r.Offer)
	w.secretLine("origin", r.Origin)
	w.numberLine("rotated", int64(r.RotatedAt))
	w.textLine("client", r.ClientID)
	w.numberLine("client-updated", int64(r.ClientUpdatedAt))
	w.textLine("session", r.SessionID)
	w.textLine("session-status", r.SessionStatus)
	w.textLine("session-task", r.SessionTask)
	w.numberLine("session-expires", int64(r.SessionExpireAt))
	w.userLine("user", &r.User)
	w.numberLine("confirmed", int64(r.ConfirmedAt))
	w.numberLine("confirmed-server", int64(r.ConfirmedServer))
	w.numberLine("unconfirmed", r.Unconfirmed)
	w.attemptLine("attempt", &r.Attempt)
	for i := range r.Flows {
		w.flowLine("flow", &r.Flows[i])
	}
	for rev := range r.Queued() {
		w.revocationLine("revocation", &rev)
	}
}

// field reads the values of one line into r and reports whether this version
// knows its key.
func (v *recordReader) field(r *Record, key string) bool {
	switch key {
	case "lineage":
		r.Lineage = v.text()
	case "install":
		r.Install = v.text()
	case "tombstone":
		r.Tombstone = Cause(v.text())
	case "tombstone-evidence":
		r.TombstoneEvidence = v.evidence()
	case "credential":
		r.Credential = v.secret()
	case "successor":
		r.Successor = v.secret()
	case "candidate":
		r.Candidate = v.secret()
	case "key": // read before everything else
	case "offer":
		r.Offer = v.secret()
	case "origin":
		r.Origin = v.secret()
	case "rotated":
		r.RotatedAt = Wall(v.number())
	case "client":
		r.ClientID = v.text()
	case "client-updated":
		r.ClientUpdatedAt = Wall(v.number())
	case "session":
		r.SessionID = v.text()
	case "session-status":
		r.SessionStatus = v.text()
	case "session-task":
		r.SessionTask = v.text()
	case "session-expires":
		r.SessionExpireAt = Wall(v.number())
	case "user":
		r.User = User{v.text(), v.text(), v.text(), v.text(), v.text()}
	case "confirmed":
		r.ConfirmedAt = Wall(v.number())
	case "confirmed-server":
		r.ConfirmedServer = Wall(v.number())
	case "unconfirmed":
		r.Unconfirmed = v.number()
	case "attempt":
		r.Attempt = v.attempt()
	case "flow":
		v.flow(r)
	case "revocation":
		*r = r.withRevocation(Revocation{v.secret(), v.text(), v.text()})
	default:
		return false
	}
	return true
}

func (w *recordWriter) evidenceLine(key string, e *Evidence) {
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

func (w *recordWriter) userLine(key string, u *User) {
	w.begin(key)
	w.text(u.ID)
	w.text(u.Identifier)
	w.text(u.FirstName)
	w.text(u.LastName)
	w.text(u.ImageURL)
	w.end()
}

func (w *recordWriter) attemptLine(key string, a *Attempt) {
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

func (w *recordWriter) revocationLine(key string, r *Revocation) {
	w.begin(key)
	w.secret(r.Credential)
	w.text(r.ClientID)
	w.text(r.SessionID)
	w.end()
}

func (w *recordWriter) flowLine(key string, f *Flow) {
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
