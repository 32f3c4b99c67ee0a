package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a small server that speaks the published Frontend API in its native
// form, with a fault for every route. It has one user, whose codes are all
// 424242, and listens on the loopback.
type Server struct {
	http *http.Server
	url  string

	mu       sync.Mutex
	clients  map[string]*clientState // by credential
	flows    map[string]*flowState   // by ticket
	made     int                     // clients and sessions so far
	faults   []*Fault
	log      []Exchange
	released chan struct{} // closed by Close: answers that hang end
	updated  int64         // updated_at of the newest change
	gate     chan struct{} // not nil while answers are held back
	life     time.Duration // of session tokens
	skew     time.Duration // of the server's clock against ours
	padding  int           // characters at the end of each new credential
	binding  binding
}

type clientState struct {
	id string
	// successor is the credential that takes the place of predecessor as soon
	// as it is presented; until then the predecessor gets it again.
	predecessor, successor string

	sessions []*sessionState
	attempt  *attemptState
}

type sessionState struct {
	id, status, user, task string
}

type attemptState struct {
	id, status, email, created string
	signUp                     bool
}

// Exchange is one request that arrived.
type Exchange struct {
	Route      string // method and path with ids replaced by {id}
	Credential string
	Session    string // named in the path
	Status     int    // answered; 0 when the connection was broken
	At         time.Time
}

// Fault replaces the answers of a route.
type Fault struct {
	// Route is a prefix of Exchange.Route; empty means every route.
	Route string
	// Times is how often it applies; 0 means always.
	Times int

	Status      int
	ContentType string // default application/json
	Body        string
	Header      map[string]string
	// Delay passes before the answer, or before the normal answer when Status
	// is 0 and neither Hang nor Break is set.
	Delay time.Duration
	Hang  bool // no answer until the server is closed
	Break bool // the connection is reset
	// Drop are headers of the request that never reach the server, as with a
	// middlebox that knows better.
	Drop []string
	// Commit carries out the request before the fault takes its answer away.
	Commit bool
}

// UserID and friends describe the server's one user, and a second one who signs
// in as second@example.com.
const (
	UserID   = "user_1"
	Email    = "first@example.com"
	Password = "correct horse"
	Code     = "424242"

	SecondUserID = "user_2"
	SecondEmail  = "second@example.com"
)

// StartServer listens on a free port of the loopback.
func StartServer() (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		url: "http://" + listener.Addr().String(), clients: make(map[string]*clientState), flows: make(map[string]*flowState),
		released: make(chan struct{}), updated: time.Now().UnixMilli(), life: time.Minute,
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// URL is the base of the server.
func (s *Server) URL() string { return s.url }

// Host is its address, as it stands in a publishable key.
func (s *Server) Host() string { return strings.TrimPrefix(s.url, "http://") }

// Close stops the server and breaks every connection.
func (s *Server) Close() {
	close(s.released)
	_ = s.http.Close()
}

// SignedIn makes a client with one active session and returns its credential
// and ids.
func (s *Server) SignedIn(user string) (credential, client, session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	credential, c := s.newClientLocked()
	return credential, c.id, s.newSessionLocked(c, user)
}

// Another adds a session to the credential's client, as a sign-in elsewhere over
// the same client would, and returns its id.
func (s *Server) Another(credential, user string) (session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newSessionLocked(s.clients[credential], user)
}

// End gives every session of the credential's client the status, as a
// revocation elsewhere would. Forget removes the client as a whole.
func (s *Server) End(credential, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[credential]; c != nil {
		for _, session := range c.sessions {
			session.status = status
		}
	}
	s.updated++
}

// SetTask puts the client's sessions into the state of an open task, or out of
// it when task is empty.
func (s *Server) SetTask(credential, task string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.clients[credential].sessions {
		session.status, session.task = "active", task
		if task != "" {
			session.status = "pending"
		}
	}
	s.updated++
}

// Forget removes the client: its credential is unknown from now on.
func (s *Server) Forget(credential string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, credential)
}

// Alive reports whether any session of the credential's client is signed in.
func (s *Server) Alive(credential string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[credential]
	if c == nil {
		c = s.clients[credential+"-next"]
	}
	return c != nil && slices.ContainsFunc(c.sessions, func(session *sessionState) bool {
		return session.status == "active" || session.status == "pending"
	})
}

// Rotate makes the server hand out a successor of the credential with its next
// answers, and forget the credential once the successor was presented.
func (s *Server) Rotate(credential string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[credential]
	c.predecessor, c.successor = credential, credential+"-next"
	s.clients[c.successor] = c
}

// rotatedLocked returns what to hand out to whoever presented credential.
func (s *Server) rotatedLocked(c *clientState, credential string) string {
	switch {
	case c.successor == "":
		return ""
	case credential == c.successor:
		delete(s.clients, c.predecessor)
		return ""
	default:
		return c.successor
	}
}

// Script replaces the faults.
func (s *Server) Script(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	for _, f := range faults {
		s.faults = append(s.faults, &f)
	}
}

// Life sets how long session tokens live.
func (s *Server) Life(life time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = life
}

// Pad makes the credentials of new clients longer, as a server does that puts
// claims into them.
func (s *Server) Pad(characters int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.padding = characters
}

// Log returns the requests so far.
func (s *Server) Log() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

func (s *Server) newClientLocked() (string, *clientState) {
	s.made++
	c := &clientState{id: fmt.Sprintf("client_%d", s.made)}
	credential := fmt.Sprintf("credential-%d", s.made) + strings.Repeat("x", s.padding)
	s.clients[credential] = c
	return credential, c
}

func (s *Server) newSessionLocked(c *clientState, user string) string {
	s.made++
	s.updated++
	session := &sessionState{id: fmt.Sprintf("sess_%d", s.made), status: "active", user: user}
	c.sessions = append(c.sessions, session)
	return session.id
}

// HoldBack delays every answer until release is called, so that what is seen
// before cannot come from the server.
func (s *Server) HoldBack() (release func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		s.gate = nil
		s.mu.Unlock()
		close(gate)
	}
}

func (s *Server) waitAtGate(ctx context.Context) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate == nil {
		return
	}
	select {
	case <-gate:
	case <-ctx.Done():
	case <-s.released:
	}
}

// ServeHTTP answers as the script says, and else as the published server does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exchange := Exchange{Credential: r.Header.Get("Authorization"), At: time.Now()}
	exchange.Route, exchange.Session = route(r)
	s.waitAtGate(r.Context())
	fault := s.faultFor(exchange.Route)
	s.mu.Lock()
	s.log = append(s.log, exchange)
	at := len(s.log) - 1
	s.mu.Unlock()
	if fault != nil && s.fail(w, r, fault, at) {
		return
	}
	s.answer(w, r, at)
}

// route names the request without its ids.
func route(r *http.Request) (name, session string) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/v1"), "/"), "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "sess_") {
			session = part
		}
		if strings.Contains(part, "_") && part != "sign_ins" && part != "sign_ups" &&
			!strings.HasPrefix(part, "prepare_") && !strings.HasPrefix(part, "attempt_") && part != "reset_password" && part != "hosted_auth" {
			parts[i] = "{id}"
		}
	}
	name = r.Method + " /" + strings.Join(parts, "/")
	if name == "POST /client" && r.PostFormValue("rotating_token_nonce") != "" {
		name = redemption
	}
	return name, session
}

func (s *Server) faultFor(route string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !strings.HasPrefix(route, f.Route) {
			continue
		}
		if f.Times == 1 {
			s.faults = slices.Delete(s.faults, i, i+1)
		} else if f.Times > 1 {
			f.Times--
		}
		return f
	}
	return nil
}

// fail carries out a fault and reports whether that was the answer.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *Fault, at int) bool {
	if f.Commit {
		s.answer(discard{header: http.Header{}}, r, at)
	}
	if f.Delay > 0 || f.Hang {
		ctx, cancel := r.Context(), context.CancelFunc(func() {})
		if !f.Hang {
			ctx, cancel = context.WithTimeout(ctx, f.Delay)
		}
		defer cancel()
		select {
		case <-ctx.Done():
		case <-s.released:
		}
	}
	for _, name := range f.Drop {
		r.Header.Del(name)
	}
	switch {
	case f.Hang || f.Break:
		panic(http.ErrAbortHandler)
	case f.Status == 0:
		return false
	}
	contentType := f.ContentType
	if contentType == "" {
		contentType = "application/json"
	}
	w.Header().Set("Content-Type", contentType)
	for key, value := range f.Header {
		w.Header().Set(key, value)
	}
	s.setStatus(at, f.Status)
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
	return true
}

func (s *Server) setStatus(at, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log[at].Status = status
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// ErrorBody is a published error envelope with one code.
func ErrorBody(code string) string {
	return fmt.Sprintf(`{"errors":[{"code":%q,"message":"m","long_message":"m","meta":{}}],"clerk_trace_id":"trace_1"}`, code)
}

// jwt is an unsigned token; a device does not verify signatures.
func (s *Server) jwtLocked(session *sessionState) map[string]any {
	now := time.Now().Add(s.skew)
	claims, _ := json.Marshal(map[string]any{
		"sid": session.id, "sub": session.user, "iss": s.url,
		"iat": now.Unix(), "exp": now.Add(s.life).Unix(), "jti": s.made,
	})
	s.made++
	encode := base64.RawURLEncoding.EncodeToString
	return map[string]any{
		"object": "token",
		"jwt":    encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims) + "." + encode([]byte("signature")),
	}
}
