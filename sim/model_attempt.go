package sim

import (
	"github.com/perennialauth/perennial/device/core"
)

type modelAttempt struct {
	client  *modelClient
	person  string
	status  string
	signUp  bool
	reset   bool
	session *modelSession
}

// attempt answers a step of a sign-in or sign-up.
func (m *model) attempt(r core.SendRequest, client *modelClient, e *core.Responded) {
	id := r.AttemptID
	switch r.Kind {
	case core.CreateSignIn, core.CreateSignUp:
		if r.Kind == core.CreateSignUp && m.people[r.Identifier] {
			refuseStep(e, 422, "form_identifier_exists")
			return
		}
		if client == nil {
			client = m.client(e)
		}
		id = m.name("sia_")
		a := &modelAttempt{client: client, person: r.Identifier, signUp: r.Kind == core.CreateSignUp}
		a.reset, a.status = r.Strategy == core.StrategyResetEmailCode, "needs_first_factor"
		m.attempts[id] = a
		switch {
		case a.signUp:
			a.status = "missing_requirements"
		case !r.Password.IsZero():
			m.proven(a)
		}
	default:
		a := m.attempts[id]
		if a == nil || a.client != client {
			refuseStep(e, 404, "resource_not_found")
			return
		}
		if !m.advance(a, r) {
			refuseStep(e, 422, "form_code_incorrect")
			return
		}
	}
	e.Attempt, e.Client = m.attempts[id].doc(id), client.doc()
}

// advance takes a step of an attempt, or refuses it. A step that was taken
// already is taken again without effect.
func (m *model) advance(a *modelAttempt, r core.SendRequest) bool {
	switch r.Kind {
	case core.PrepareFirstFactor, core.PrepareVerification:
		return a.status == "needs_first_factor" || a.status == "missing_requirements"
	case core.AttemptFirstFactor, core.AttemptVerification:
		switch {
		case a.status == "complete":
		case a.reset && a.status == "needs_first_factor":
			a.status = "needs_new_password"
		case a.status == "needs_first_factor", a.status == "missing_requirements":
			m.proven(a)
		default:
			return false
		}
		return true
	case core.AttemptSecondFactor:
		if a.status != "needs_second_factor" || r.Code.Reveal() != modelSecondFactor {
			return a.status == "complete"
		}
		m.complete(a)
		return true
	case core.ResetPassword:
		if a.status != "needs_new_password" {
			return a.status == "complete"
		}
		if r.SignOutOthers {
			m.endAllOf("user_" + a.person)
		}
		m.proven(a)
		return true
	default:
		return false
	}
}

// proven is what follows a first factor.
func (m *model) proven(a *modelAttempt) {
	if hasSecondFactor(a.person) {
		a.status = "needs_second_factor"
		return
	}
	m.complete(a)
}

// complete makes the session of an attempt.
func (m *model) complete(a *modelAttempt) {
	a.status, m.people[a.person] = "complete", true
	a.session = &modelSession{id: m.name("sess_"), user: "user_" + a.person, client: a.client, status: "active"}
	m.sessions[a.session.id], m.owners[a.session.id] = a.session, a.client.id
	a.client.sessions, a.client.updated = append(a.client.sessions, a.session), m.world.wall()
}

func (a *modelAttempt) doc(id string) *core.AttemptDoc {
	doc := &core.AttemptDoc{ID: id, Status: a.status}
	for _, strategy := range []core.Strategy{core.StrategyEmailCode, core.StrategyResetEmailCode} {
		doc.FirstFactors = append(doc.FirstFactors, core.FactorDoc{Strategy: strategy, ID: "idn_" + id})
	}
	if a.session != nil {
		doc.CreatedSessionID = a.session.id
	}
	return doc
}

func refuseStep(e *core.Responded, status int, code string) {
	e.Class, e.Status, e.Code = core.Refused, status, code
}

// endAllOf ends every session of a user.
func (m *model) endAllOf(user string) {
	for _, s := range m.sessions {
		if s.user == user {
			m.end(s, "revoked")
		}
	}
}
