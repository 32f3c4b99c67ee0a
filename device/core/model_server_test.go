package core

// serve is what an honest server does with a request, and what it answers.
func (w *world) serve(r SendRequest, rotate bool) Responded {
	s := &w.server
	e := Responded{ID: r.ID, Wall: w.clock(), Class: Accepted, Status: 200, ServerTime: w.clock()}
	client := w.clientOf(r.Credential)
	if client == "C1" && r.Credential == credA1 {
		s.presented = true
	}
	w.serveBinding(r, &e)
	switch r.Kind {
	case ReadClient:
		e.Client = w.clientDoc(client)
		if client == "" {
			e.Credential = credN0
		}
		if rotate && r.Credential == credA0 && client == "C1" && !s.rotated {
			s.rotated = true
			e.Credential = credA1
		}
	case MintToken:
		if !w.liveSession(client, r.SessionID) {
			return refusal(e, "authentication_invalid")
		}
		e.Token = w.tokenDoc(r.SessionID)
		if rotate && r.Credential == credA0 && client == "C1" && !s.rotated {
			s.rotated = true
			e.Credential = credA1
		}
	case RemoveSession:
		if client == "" || owner(r.SessionID) != client {
			return refusal(e, "authentication_invalid")
		}
		w.endSession(r.SessionID)
		e.Session = &SessionDoc{ID: r.SessionID, Status: "removed"}
	case RemoveSessions:
		if client == "" {
			return refusal(e, "authentication_invalid")
		}
		w.endSession(map[string]string{"C1": "S1", "C2": "S2", "C3": "S3"}[client])
		e.Client = w.clientDoc(client)
	case CreateSignIn:
		s.attempt = true
		e.Credential = credB0
		e.Attempt = &AttemptDoc{
			ID: "AT", Status: "needs_first_factor",
			FirstFactors: []FactorDoc{{Strategy: StrategyEmailCode, ID: "F"}},
		}
		if !r.Password.IsZero() {
			w.completeSignIn(&e)
		}
	case PrepareFirstFactor:
		e.Attempt = &AttemptDoc{ID: "AT", Status: "needs_first_factor"}
	case AttemptFirstFactor:
		w.completeSignIn(&e)
	default:
		return refusal(e, "unknown")
	}
	return e
}

func (w *world) completeSignIn(e *Responded) {
	w.server.created = true
	e.Attempt = &AttemptDoc{ID: "AT", Status: "complete", CreatedSessionID: "S2"}
	e.Client = w.clientDoc("C2")
}

func refusal(e Responded, code string) Responded {
	e.Class, e.Status, e.Code = Refused, 401, code
	return e
}

func (w *world) clientOf(c Secret) string {
	s := w.server
	switch {
	case c.bound():
		return w.boundClient(c)
	case c == credA0 && !s.forgotten && !s.presented, c == credA1 && s.rotated && !s.forgotten:
		return "C1"
	case c == credB0 && s.attempt:
		return "C2"
	case c == credK0:
		return "C3"
	}
	return ""
}

func owner(session string) string {
	return map[string]string{"S1": "C1", "S2": "C2", "S3": "C3"}[session]
}

func (w *world) liveSession(client, session string) bool {
	if client == "" || owner(session) != client {
		return false
	}
	s := w.server
	switch session {
	case "S1":
		return !s.ended
	case "S2":
		return s.created && !s.ended2
	default:
		return !s.ended3
	}
}

func (w *world) endSession(session string) {
	switch session {
	case "S1":
		w.server.ended = true
	case "S2":
		w.server.ended2 = true
	case "S3":
		w.server.ended3 = true
	}
}

func (w *world) clientDoc(client string) *ClientDoc {
	doc := &ClientDoc{ID: client, UpdatedAt: 5}
	if client == "" {
		doc.ID = "CN"
		return doc
	}
	for _, session := range []string{"S1", "S2", "S3"} {
		if w.liveSession(client, session) {
			doc.LastActiveSessionID = session
			doc.Sessions = append(doc.Sessions, SessionDoc{
				ID: session, Status: "active", User: User{ID: "U" + session[1:]},
			})
		}
	}
	return doc
}

func (w *world) tokenDoc(session string) TokenDoc {
	return TokenDoc{
		JWT: NewSecret("jwt-" + session), SessionID: session, UserID: "U" + session[1:],
		IssuedAt: w.clock(), ExpiresAt: w.clock() + 60_000,
	}
}

func (w *world) clock() Wall { return modelWall + Wall(w.now) + w.wall }

// lies are well-formed answers of something that is not the server, or of a
// copy of it that lags behind.
func (w *world) lies(r SendRequest) []Responded {
	e := Responded{ID: r.ID, Wall: w.clock(), Class: Accepted, Status: 200, Credential: credN0}
	switch r.Kind {
	case ReadClient:
		foreign, stale, portal := e, e, e
		foreign.Client = &ClientDoc{ID: "CN", UpdatedAt: 9}
		stale.Credential = Secret{} // it is our server, only late
		stale.Client = &ClientDoc{ID: "C1", UpdatedAt: 4}
		portal.Class, portal.Trouble = Ambiguous, TroubleNotJSON
		return []Responded{foreign, stale, portal}
	case MintToken:
		return []Responded{refusal(e, "session_revoked"), refusal(e, "odd")}
	case RemoveSession, RemoveSessions:
		return []Responded{e, refusal(e, "authentication_invalid")}
	default:
		return nil
	}
}
