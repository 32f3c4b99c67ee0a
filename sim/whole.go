package sim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/proofkey"
	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/transport"
	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
	"github.com/perennialauth/perennial/internal/frontendapi"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/password"
	"github.com/perennialauth/perennial/internal/proof"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/server"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
	"github.com/perennialauth/perennial/internal/user"
)

const wholeHost = "127.0.0.1:4343"

// Whole makes whole servers: the handlers, use cases and database that ship,
// with the clock and the entropy of the simulation and the cheapest hash. Each
// starts as a copy of one database in which the people of the simulation have
// their accounts.
type Whole struct {
	dir       string
	key       publishablekey.Key
	master    *secret.MasterKey
	keys      *token.Keys
	passwords *password.Hasher
	template  []byte
	seconds   map[string][]byte // secrets of the authenticators of the careful
	settings  func() auth.Settings
	// Broken wraps the handler, for servers that are wrong on purpose.
	Broken func(http.Handler) http.Handler
}

// simulated are the settings of every simulated server.
func simulated() auth.Settings {
	set := auth.DefaultSettings()
	set.ApplicationName, set.HomeURL, set.TestCodes = "Simulation", "http://"+wholeHost, true
	return set
}

// NewWhole makes the database that servers start from. Servers keep theirs in
// folders below dir, best one that is not on a disk.
func NewWhole(dir string) (*Whole, error) {
	h := &Whole{dir: dir, settings: simulated, seconds: map[string][]byte{}}
	var err error
	if h.key, err = publishablekey.New(wholeHost, false); err != nil {
		return nil, err
	}
	if h.master, err = secret.NewMasterKey(&stream{about: askServer}); err != nil {
		return nil, err
	}
	cheap := password.Cheapest()
	cheap.Entropy = &stream{about: askServer, n: 1 << 20}
	if h.passwords, err = password.NewHasher(cheap); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "template.db")
	if err := h.populate(path); err != nil {
		return nil, err
	}
	h.template, err = os.ReadFile(path)
	return h, err
}

// Server implements [Config.Server].
func (h *Whole) Server(w *World) (Server, error) {
	dir, err := os.MkdirTemp(h.dir, "world")
	if err != nil {
		return nil, err
	}
	return h.on(w, dir, h.template, 0)
}

// on returns a server on a copy of a database.
func (h *Whole) on(w *World, dir string, database []byte, entropy uint64) (*whole, error) {
	s := &whole{
		house: h, world: w, dir: dir, entropy: &stream{dice: w.dice, about: askServer, n: entropy},
		owners: map[string]string{}, clients: map[core.Secret]string{}, deleted: map[string]core.Wall{}, before: map[string]reply{},
	}
	err := os.WriteFile(s.path(), database, 0o600)
	if err != nil {
		return nil, err
	}
	speak := transport.Config{PublishableKey: h.key.String(), Server: "http://" + wholeHost, RoundTripper: s}
	if s.elsewhere, err = transport.New(speak); err != nil {
		return nil, err
	}
	proofs := &stream{dice: w.dice, about: askProof, n: entropy}
	speak.Bind, speak.Keys, speak.Now, speak.Entropy = w.bind, proofkey.Software{Entropy: proofs}, s.deviceClock, proofs
	if s.transport, err = transport.New(speak); err != nil {
		return nil, err
	}
	return s, s.open()
}

// whole is one whole server, in process.
type whole struct {
	house     *Whole
	world     *World
	dir       string
	entropy   *stream
	transport *transport.Transport
	elsewhere *transport.Transport // of other SDKs
	now       core.Wall            // when there is no world

	store     *sqlstore.Store // nil while it is in trouble
	handler   http.Handler
	clientsOf *session.Clients
	bound     *token.BoundTokens

	fault   string // of the exchange that is under way
	owners  map[string]string
	clients map[core.Secret]string
	deleted map[string]core.Wall
	before  map[string]reply

	// What was copied: the latest backup, when it was put back, and a server
	// that lags.
	backup   []byte
	restored core.Wall
	lagging  *whole
}

func (s *whole) path() string { return filepath.Join(s.dir, "perennial.db") }

func (s *whole) clock() time.Time {
	if s.world == nil {
		return time.UnixMilli(int64(s.now))
	}
	return time.UnixMilli(int64(s.world.wall()))
}

// deviceClock is the wall clock of whoever speaks, as it is in proofs.
func (s *whole) deviceClock() time.Time {
	if s.world == nil || s.world.speaking == nil {
		return s.clock()
	}
	return time.UnixMilli(int64(s.world.speaking.wall()))
}

// open starts the server on its database.
func (s *whole) open() error {
	if s.store != nil {
		return nil
	}
	store, err := sqlstore.Open(context.Background(), s.path())
	if err != nil {
		return err
	}
	s.build(store)
	return nil
}

// build constructs the server on a store that is open.
func (s *whole) build(store *sqlstore.Store) {
	h, now := s.house, s.clock
	s.store = store
	plenty := ratelimit.Config{Burst: 1_000_000, Every: time.Millisecond, Now: now}
	issuer := token.NewIssuer(h.keys, "https://"+wholeHost, now)
	mail := notify.NewComposer(h.master, s.entropy)
	tickets, pepper := token.NewTickets(h.master), h.master.Derive("code-pepper", 32)
	s.clientsOf = &session.Clients{Store: store, Tokens: token.NewClientTokens(h.master), Now: now, Entropy: s.entropy}
	s.bound = token.NewBoundTokens(h.master)
	s.clientsOf.Bound = s.bound
	admitting := &admission.Service{Store: store, Mail: mail, Now: now, Entropy: s.entropy, Settings: h.settings}
	api := frontendapi.New(frontendapi.Config{
		InstanceID: "ins_sim", PublicURL: "https://" + wholeHost, PublishableKey: h.key.String(), Settings: h.settings, JWKS: h.keys.JWKS,
		Clients: s.clientsOf, Sessions: &session.Sessions{Store: store, Issuer: issuer, Now: now, Settings: h.settings}, Handshakes: issuer,
		SignIns: &signin.Attempts{
			Store: store, Passwords: h.passwords, Tickets: tickets, Mail: mail, Codes: ratelimit.New(plenty),
			Authenticators: factor.NewAuthenticators(h.master, s.entropy), Admission: admitting,
			Now: now, Entropy: s.entropy, Settings: h.settings, Pepper: pepper,
		},
		SignUps: &signup.Attempts{
			Store: store, Passwords: h.passwords, Mail: mail, Codes: ratelimit.New(plenty), Admission: admitting,
			Now: now, Entropy: s.entropy, Settings: h.settings, Pepper: pepper,
		},
		Self:      &user.Self{Store: store, Passwords: h.passwords, Mail: mail, Now: now, Settings: h.settings, Pepper: pepper},
		Proofs:    proof.NewChecker("https://"+wholeHost, h.master.Derive("proof-nonce", 32), now),
		Addresses: ratelimit.New(plenty), Now: now,
	})
	s.handler = server.Handler(server.Config{Ready: store.Ping}, api)
	if h.Broken != nil {
		s.handler = h.Broken(s.handler)
	}
}

// Serve implements [Server].
func (s *whole) Serve(r core.SendRequest, fault string) core.Responded {
	if s.lagging != nil && s.world.now < s.world.lag && r.Kind == core.ReadClient {
		if fault == netRotate {
			fault = "" // which only one that writes can do
		}
		return s.lagging.Serve(r, fault)
	}
	s.settle()
	if s.world.now < s.world.trouble {
		s.check(s.store.Close()) // handlers find it closed from now on
		defer func() { s.store = nil }()
	}
	s.fault = fault
	return s.transport.Do(context.Background(), r)
}

// Elsewhere implements [Server].
func (s *whole) Elsewhere(r core.SendRequest) core.Responded {
	s.settle()
	if s.world.now < s.world.trouble {
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleServer, Status: 503}
	}
	s.fault = ""
	return s.elsewhere.Do(context.Background(), r)
}

// settle has the server running.
func (s *whole) settle() { s.check(s.open()) }

// check ends the run when the surroundings fail: nothing that follows would
// mean anything.
func (s *whole) check(err error) {
	if err != nil {
		panic(fmt.Sprintf("simulation: the server cannot be run: %v", err))
	}
}

// Crash implements [Server].
func (s *whole) Crash() {
	if s.store != nil {
		s.check(s.store.Close())
		s.store = nil
	}
	s.settle()
}

// Close implements [Server].
func (s *whole) Close() {
	if s.lagging != nil {
		s.lagging.Close()
	}
	if s.store != nil {
		_ = s.store.Close()
	}
	_ = os.RemoveAll(s.dir)
}

func (s *whole) session(id string) (auth.Session, bool) {
	s.settle()
	row, err := s.store.Session(context.Background(), auth.SessionID(id))
	return row, err == nil
}

// Revoke implements [Server].
func (s *whole) Revoke(id string) {
	s.settle()
	admin := &session.Admin{Store: s.store, Clients: s.clientsOf, Now: s.clock, Entropy: s.entropy, Settings: s.house.settings}
	if _, err := admin.Revoke(context.Background(), auth.SessionID(id)); err != nil && s.Live(id) {
		s.check(err)
	}
}

// DeleteUser implements [Server].
func (s *whole) DeleteUser(id string) {
	row, ok := s.session(id)
	if !ok {
		return
	}
	all, _, err := s.store.Sessions(context.Background(), auth.SessionQuery{User: row.User, Limit: 500})
	s.check(err)
	if _, err := s.people().Delete(context.Background(), row.User); err != nil {
		return // already gone
	}
	for _, other := range all {
		s.deleted[string(other.ID)] = s.world.wall()
	}
}

// Live implements [Server].
func (s *whole) Live(id string) bool {
	row, ok := s.session(id)
	return ok && row.SignedIn(s.clock())
}

// EndedAt implements [Server].
func (s *whole) EndedAt(id string) core.Wall {
	if at, ok := s.deleted[id]; ok {
		return at
	}
	row, ok := s.session(id)
	if !ok {
		return s.restored
	}
	return core.Wall(row.UpdatedAt.UnixMilli())
}

// Owner implements [Server].
func (s *whole) Owner(id string) string {
	if owner, ok := s.owners[id]; ok || id == "" {
		return owner
	}
	row, ok := s.session(id)
	if ok {
		s.owners[id] = string(row.Client)
	}
	return s.owners[id]
}

// ClientOf implements [Server].
func (s *whole) ClientOf(credential core.Secret) string {
	if known, ok := s.clients[credential]; ok {
		return known
	}
	text := credential.Token().Reveal()
	if bound, err := s.bound.Parse(text); err == nil && s.bound.Is(text) {
		return string(bound.Client)
	}
	s.settle()
	_, hash, err := s.clientsOf.Tokens.Parse(text)
	if err != nil {
		return ""
	}
	agg, _, err := s.store.ClientByToken(context.Background(), hash)
	if err != nil {
		return ""
	}
	s.clients[credential] = string(agg.Client.ID)
	return s.clients[credential]
}

func readsClient(method string, u *url.URL) bool {
	return method == http.MethodGet && u.Path == "/v1/client"
}
