package sim

import (
	"strings"

	"github.com/perennialauth/perennial/device/core"
)

// modelState is what a model server has stored: what a backup copies.
type modelState struct {
	clients  map[string]*modelClient
	known    map[core.Secret]*modelClient
	sessions map[string]*modelSession
	attempts map[string]*modelAttempt
	people   map[string]bool // those who have signed up
}

type modelClient struct {
	id       string
	updated  core.Wall
	sessions []*modelSession
}

type modelSession struct {
	id, user, task string
	client         *modelClient
	status         string
	ended          core.Wall
}

func (s *modelSession) live() bool { return s.status == "active" || s.status == "pending" }

func newModelState() modelState {
	return modelState{
		clients: map[string]*modelClient{}, known: map[core.Secret]*modelClient{}, sessions: map[string]*modelSession{},
		attempts: map[string]*modelAttempt{}, people: map[string]bool{},
	}
}

// copy returns a state that shares nothing with m.
func (m *modelState) copy() *modelState {
	next := newModelState()
	for id, c := range m.clients {
		next.clients[id] = &modelClient{id: c.id, updated: c.updated}
	}
	for id, s := range m.sessions {
		again := *s
		again.client = next.clients[s.client.id]
		next.sessions[id] = &again
	}
	for id, c := range m.clients { // in the order that they have there
		for _, s := range c.sessions {
			next.clients[id].sessions = append(next.clients[id].sessions, next.sessions[s.id])
		}
	}
	for credential, c := range m.known {
		next.known[credential] = next.clients[c.id]
	}
	for id, a := range m.attempts {
		again := *a
		again.client = next.clients[a.client.id]
		if a.session != nil {
			again.session = next.sessions[a.session.id]
		}
		next.attempts[id] = &again
	}
	for who := range m.people {
		next.people[who] = true
	}
	return &next
}

// Elsewhere implements [Server].
func (m *model) Elsewhere(r core.SendRequest) core.Responded { return m.Serve(r, "") }

// Backup implements [Server].
func (m *model) Backup() { m.backup = m.modelState.copy() }

// Restore implements [Server].
func (m *model) Restore() {
	if m.backup != nil {
		m.modelState, m.restored = *m.backup.copy(), m.world.wall()
	}
}

// of returns the client of a request, nil for none. It is false for a genuine
// credential that is not stored: whoever has lost it must not say that there is
// no such client, unless somebody is about to sign in.
func (m *model) of(r core.SendRequest) (*modelClient, bool) {
	client, id := m.known[r.Credential], m.holders[r.Credential]
	if client != nil || id == "" {
		return client, true
	}
	if r.Kind != core.CreateSignIn && r.Kind != core.CreateSignUp {
		return nil, false
	}
	if client = m.clients[id]; client == nil {
		client = &modelClient{id: id, updated: m.world.wall()}
		m.clients[id] = client
	}
	m.known[r.Credential] = client
	return client, true
}

// Lag implements [Server].
func (m *model) Lag() { m.lagging = m.modelState.copy() }

// readLagging answers who a client is from the copy.
func (m *model) readLagging(r core.SendRequest, e core.Responded) core.Responded {
	client := m.lagging.known[r.Credential]
	if client == nil {
		return unavailable(m.world.wall())
	}
	e.Client = client.doc()
	return e
}

// SetTask implements [Server].
func (m *model) SetTask(session string, isOpen bool) {
	s := m.sessions[session]
	if s == nil || !s.live() {
		return
	}
	s.status, s.task = "active", ""
	if isOpen {
		s.status, s.task = "pending", "setup-mfa"
	}
	s.client.updated = m.world.wall()
}

// Pending implements [Server].
func (m *model) Pending(session string) bool {
	s := m.sessions[session]
	return s != nil && s.status == "pending"
}

const modelSecondFactor = "123456"

// SecondFactor implements [Server].
func (m *model) SecondFactor(string) string { return modelSecondFactor }

// hasSecondFactor reports whether a person is one of the careful ones.
func hasSecondFactor(person string) bool { return strings.HasPrefix(person, "careful") }
