package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// model is a server in a few lines: enough of one for a machine that cannot see
// the difference, and fast. It answers like the real one, down to the fresh
// client for a credential it does not know.
type model struct {
	modelState
	world  *World
	names  int
	before map[core.Secret]core.Responded // older answers to ReadClient
	// Copies of the state: of the latest backup, and what clients are read
	// from while that lags.
	backup, lagging *modelState
	restored        core.Wall
	// What was ever true: a restored backup does not know it.
	owners  map[string]string
	holders map[core.Secret]string
}

func newModel(w *World) *model {
	return &model{
		world: w, modelState: newModelState(), before: map[core.Secret]core.Responded{},
		owners: map[string]string{}, holders: map[core.Secret]string{},
	}
}

func (m *model) name(prefix string) string {
	m.names++
	return prefix + strconv.Itoa(m.names)
}

// Serve implements [Server].
func (m *model) Serve(r core.SendRequest, fault string) core.Responded {
	if e, fabricated := fabricate(r, fault); fabricated {
		return e
	}
	if bare(fault) && !r.Credential.IsZero() {
		return m.withoutCredential(r)
	}
	wall := m.world.wall()
	e := core.Responded{Class: core.Accepted, Status: 200, ServerTime: dated(wall, fault), Presented: !r.Credential.IsZero()}
	if m.world.now < m.world.trouble {
		return unavailable(wall)
	}
	if m.lagging != nil && m.world.now < m.world.lag && r.Kind == core.ReadClient {
		return m.readLagging(r, e)
	}
	client, ok := m.of(r)
	if !ok {
		return unavailable(wall)
	}
	if old, ok := m.before[r.Credential]; ok && fault == netStale && r.Kind == core.ReadClient {
		return old
	}
	m.answer(r, client, &e)
	if r.Kind == core.ReadClient && client != nil {
		m.before[r.Credential] = e
	}
	switch {
	case fault == netRotate && client != nil && e.Class == core.Accepted && e.Credential.IsZero():
		e.Credential = m.credential(client)
	case fault == netCut:
		e = core.Responded{Class: core.Ambiguous, Trouble: core.TroubleReset, Status: 200}
	}
	return e
}

// withoutCredential answers a request that lost its credential on the way, and
// what it answers does not count: the server says that it saw none, and the
// transport listens.
func (m *model) withoutCredential(r core.SendRequest) core.Responded {
	r.Credential = core.Secret{}
	e := m.Serve(r, "")
	e.Class, e.Trouble = core.Ambiguous, core.TroubleStripped
	return e
}

func (m *model) answer(r core.SendRequest, client *modelClient, e *core.Responded) {
	session := m.sessions[r.SessionID]
	own := client != nil && session != nil && session.client == client
	switch r.Kind {
	case core.ReadClient:
		if client == nil {
			client = m.client(e)
		}
		e.Client = client.doc()
	case core.MintToken:
		if !own || !session.live() {
			refuse(e)
			return
		}
		now := m.world.wall() / 1000 * 1000
		e.Token = core.TokenDoc{
			JWT: core.NewSecret("jwt-" + session.id + "-" + strconv.FormatInt(int64(now), 36)), SessionID: session.id, UserID: session.user,
			IssuedAt: now, ExpiresAt: now + 60_000,
		}
	case core.RemoveSession:
		if !own {
			refuse(e)
			return
		}
		m.end(session, "removed")
		e.Session = &core.SessionDoc{ID: session.id, Status: session.status}
	case core.RemoveSessions:
		if client == nil {
			refuse(e)
			return
		}
		for _, s := range client.sessions {
			m.end(s, "removed")
		}
		e.Client = client.doc()
	default:
		m.attempt(r, client, e)
	}
}

// unavailable is the answer of a server that cannot know.
func unavailable(wall core.Wall) core.Responded {
	return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleServer, Status: 503, RetryAfter: time.Second, ServerTime: wall}
}

func refuse(e *core.Responded) {
	e.Class, e.Status, e.Code = core.Refused, 401, "authentication_invalid"
}

func (m *model) client(e *core.Responded) *modelClient {
	c := &modelClient{id: m.name("client_"), updated: m.world.wall()}
	m.clients[c.id] = c
	e.Credential = m.credential(c)
	return c
}

func (m *model) credential(c *modelClient) core.Secret {
	secret := core.NewSecret(m.name("credential-"))
	m.known[secret], m.holders[secret] = c, c.id
	return secret
}

func (m *model) end(s *modelSession, status string) {
	if s.live() {
		s.status, s.ended = status, m.world.wall()
		s.client.updated = m.world.wall()
	}
}

func (c *modelClient) doc() *core.ClientDoc {
	doc := &core.ClientDoc{ID: c.id, UpdatedAt: c.updated}
	for _, s := range c.sessions {
		if s.live() {
			doc.LastActiveSessionID = s.id
			doc.Sessions = append(doc.Sessions, core.SessionDoc{ID: s.id, Status: s.status, Task: s.task, User: core.User{ID: s.user}})
		}
	}
	return doc
}

// Crash implements [Server]: everything here is durable.
func (m *model) Crash() {}

// Close implements [Server].
func (m *model) Close() {}

// Revoke implements [Server].
func (m *model) Revoke(session string) {
	if s := m.sessions[session]; s != nil {
		m.end(s, "revoked")
	}
}

// DeleteUser implements [Server].
func (m *model) DeleteUser(session string) {
	if s := m.sessions[session]; s != nil {
		m.endAllOf(s.user)
		delete(m.people, strings.TrimPrefix(s.user, "user_"))
	}
}

// Live implements [Server].
func (m *model) Live(session string) bool {
	s := m.sessions[session]
	return s != nil && s.live()
}

// EndedAt implements [Server].
func (m *model) EndedAt(session string) core.Wall {
	if s := m.sessions[session]; s != nil {
		return s.ended
	}
	return m.restored
}

// Owner implements [Server].
func (m *model) Owner(session string) string { return m.owners[session] }

// ClientOf implements [Server].
func (m *model) ClientOf(credential core.Secret) string { return m.holders[credential] }

// Knows implements [Server].
func (m *model) Knows(credential core.Secret) bool { return m.known[credential] != nil }

// SessionOf implements [Server].
func (m *model) SessionOf(token core.Secret) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(token.Reveal(), "jwt-"), "-")
	return id
}

// dated is the time that an answer carries.
func dated(wall core.Wall, fault string) core.Wall {
	switch fault {
	case netDate1970:
		return 1
	case netDate2100:
		return year2100
	default:
		return wall
	}
}

// fabricate is what answers in the place of the server, as a device judges it.
func fabricate(r core.SendRequest, fault string) (core.Responded, bool) {
	e := core.Responded{Class: core.Ambiguous, Status: 200}
	switch fault {
	case netPortal, netPortalToken:
		e.Trouble = core.TroubleNotJSON
		if fault == netPortalToken {
			e.Credential = core.NewSecret("credential-portal")
		}
	case netRedirect:
		e.Status, e.Trouble = 302, core.TroubleRedirect
	case netPage503:
		e.Status, e.Trouble = 503, core.TroubleServer
	case netBusy:
		e.Status, e.Trouble, e.RetryAfter = 503, core.TroubleServer, 20*time.Second
	case netBroken:
		e.Status, e.Trouble, e.Code = 500, core.TroubleServer, "internal_error"
	case netLimited:
		e.Status, e.Trouble, e.RetryAfter, e.Code = 429, core.TroubleRateLimited, 45*time.Second, "too_many_requests"
	case netGateway:
		e.Status, e.Code = 401, "authentication_invalid"
		e.Class = core.Refused
		if r.Kind == core.ReadClient {
			e.Class, e.Trouble = core.Ambiguous, core.TroubleUnexplained
		}
	case netPage401:
		e.Status, e.Trouble = 401, core.TroubleNotJSON
	case netEmpty:
		e.Trouble = core.TroubleEmpty
	default:
		return core.Responded{}, false
	}
	return e, true
}
