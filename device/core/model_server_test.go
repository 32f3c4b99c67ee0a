package core

import (
	"cmp"
	"time"
)

// serve is what an honest server does with a request, and what it answers.
func (w *world) serve(r SendRequest, rotate bool) Responded {
	s := &w.server
	e := Responded{ID: r.ID, Wall: w.clock(), Class: Accepted, Status: 200, ServerTime: w.clock()}
	client := w.clientOf(r.Credential)
	if client == "C1" && r.Credential == credA1 {
		s.presented = true
	}
	e.Presented = w.speaks() && !r.Credential.IsZero()
	w.serveBinding(r, &e)
	switch r.Kind {
	case ReadClient:
		e.Client = w.clientDoc(client)
		if client == "" && r.Credential != credN0 {
			e.Credential = credN0
		}
		w.rotate(&e, r, rotate)
	case MintToken:
		if !w.liveSession(client, r.SessionID) {
			return refusal(e, "authentication_invalid")
		}
		e.Token = w.tokenDoc(r.SessionID)
		w.rotate(&e, r, rotate)
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
		w.endSession("S" + client[1:])
		e.Client = w.clientDoc(client)
	case CreateSignIn:
		s.attempt = true
		e.Credential = credB0
		e.Attempt = &AttemptDoc{
			ID: "AT", Status: "needs_first_factor",
			FirstFactors: []FactorDoc{{Strategy: StrategyEmailCode, ID: "F"}},
		}
		if !r.Password.IsZero() {
			w.firstFactor(&e, "C2")
		}
	case StartFlow, RedeemFlow:
		return w.serveFlow(r, e)
	case PrepareFirstFactor:
		e.Attempt = &AttemptDoc{ID: r.AttemptID, Status: "needs_first_factor"}
	case AttemptFirstFactor:
		w.firstFactor(&e, client)
	case AttemptSecondFactor:
		w.completeSignIn(&e, client)
	default:
		return refusal(e, "unknown")
	}
	return e
}

// rotate hands out the successor: for the first time, or again for as long as
// it was not presented.
func (w *world) rotate(e *Responded, r SendRequest, now bool) {
	s := &w.server
	if r.Credential == credA0 && w.clientOf(credA0) == "C1" && (now || s.rotated) {
		s.rotated = true
		e.Credential = credA1
	}
}

func (w *world) firstFactor(e *Responded, client string) {
	if w.server.second {
		e.Attempt = &AttemptDoc{
			ID: attemptOf(client), Status: "needs_second_factor", SecondFactors: []FactorDoc{{Strategy: StrategyTOTP}},
		}
		return
	}
	w.completeSignIn(e, client)
}

func (w *world) completeSignIn(e *Responded, client string) {
	session := "S2"
	if client == "C4" {
		w.server.created4, session = true, "S4"
	} else {
		w.server.created = true
	}
	e.Attempt = &AttemptDoc{ID: attemptOf(client), Status: "complete", CreatedSessionID: session}
	e.Client = w.clientDoc(client)
}

func attemptOf(client string) string {
	if client == "C4" {
		return "AP"
	}
	return "AT"
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
	case c == credA0 && !s.forgotten && !s.presented, c == credA1 && s.rotated && !s.forgotten, c == credR0 && !s.forgotten:
		return "C1"
	case c == credB0 && s.attempt:
		return "C2"
	case c == credK0:
		return "C3"
	case c == credD0 && s.attempt4:
		return "C4"
	}
	return ""
}

// owner is the client that a session belongs to.
func owner(session string) string {
	if sessionIndex(session) == 0 {
		return ""
	}
	return "C" + session[1:]
}

// holder is the client that a credential belongs to, whatever the server says
// today.
func holder(c Secret) string {
	if _, _, ok := line(c); ok {
		return "C1"
	}
	switch c {
	case credA0, credA1, credR0:
		return "C1"
	case credB0:
		return "C2"
	case credK0:
		return "C3"
	case credD0:
		return "C4"
	default:
		return ""
	}
}

func (w *world) liveSession(client, session string) bool {
	if client == "" || owner(session) != client {
		return false
	}
	s := w.server
	switch session {
	case "S2":
		return s.created && !s.over[2]
	case "S4":
		return s.created4 && !s.over[4]
	default:
		return !s.over[sessionIndex(session)]
	}
}

func (w *world) endSession(session string) { w.server.over[sessionIndex(session)] = true }

func (w *world) clientDoc(client string) *ClientDoc {
	doc := &ClientDoc{ID: client, UpdatedAt: 5}
	if client == "" {
		doc.ID = "CN"
		return doc
	}
	session := SessionDoc{ID: "S" + client[1:], Status: "active", User: User{ID: "U" + client[1:]}}
	switch {
	case w.liveSession(client, session.ID):
		doc.LastActiveSessionID = session.ID
		if w.server.task && session.ID != "S1" {
			session.Status, session.Task = "pending", "choose-organization"
		}
		doc.Sessions = append(doc.Sessions, session)
	case w.server.listed && client == "C1":
		session.Status = "ended"
		doc.Sessions = append(doc.Sessions, session)
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

// maxLies is how many lies there are about one request.
const maxLies = 4

// lies counts the well-formed answers to r of something that is not the server,
// or of a copy of it that lags behind or refuses for reasons of its own.
func lies(kind RequestKind) int {
	switch kind {
	case ReadClient, MintToken:
		return 4
	case CreateSignIn, PrepareFirstFactor:
		return 1
	default:
		return 3
	}
}

// lie is one of them. The last one is the same for all: not now.
func (w *world) lie(r SendRequest, number int) Responded {
	e := Responded{ID: r.ID, Wall: w.clock(), Class: Accepted, Status: 200, Credential: credN0}
	if number == lies(r.Kind)-1 {
		return Responded{
			ID: r.ID, Wall: w.clock(), Class: Ambiguous, Trouble: TroubleRateLimited, Status: 429,
			RetryAfter: time.Minute,
		}
	}
	switch r.Kind {
	case ReadClient:
		switch number {
		case 0:
			e.Client = &ClientDoc{ID: "CN", UpdatedAt: 9}
		case 1:
			e.Credential = Secret{} // it is our server, only late
			e.Client = &ClientDoc{ID: cmp.Or(holder(r.Credential), "C1"), UpdatedAt: 4}
		default:
			e.Class, e.Trouble = Ambiguous, TroubleNotJSON
		}
		return e
	case MintToken:
		// The last is what a server says that did not get the credential.
		return refusal(e, []string{"session_revoked", "odd", "authentication_invalid"}[number])
	case RemoveSession, RemoveSessions:
		if number == 0 {
			return e
		}
		return refusal(e, "authentication_invalid")
	default:
		e = refusal(e, "form_code_incorrect")
		e.Status = []int{422, 404}[number]
		return e
	}
}
