package apitest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/backendapi"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/emaillink"
	"github.com/perennialauth/perennial/internal/factor"
	"github.com/perennialauth/perennial/internal/frontendapi"
	"github.com/perennialauth/perennial/internal/hosted"
	"github.com/perennialauth/perennial/internal/inbox"
	"github.com/perennialauth/perennial/internal/instance"
	"github.com/perennialauth/perennial/internal/newdevice"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/passkey"
	"github.com/perennialauth/perennial/internal/password"
	"github.com/perennialauth/perennial/internal/picture"
	"github.com/perennialauth/perennial/internal/proof"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/reach"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/server"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/token"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/internal/webhook"
)

// SecretKey is the secret key of every test server.
const SecretKey = "sk_test_0123456789abcdefghijklmnopqrstuvwxyzABCDEF" //nolint:gosec // of a server that lives for one test

// Options are what a test may want different. [Start] fills the defaults in
// before the test changes them.
type Options struct {
	Host      string // of the publishable key and the issuer
	Settings  auth.Settings
	Passwords password.Config
	Addresses ratelimit.Config // requests that try to prove something, per address
	Codes     ratelimit.Config // codes sent, per account
	// AllowedOrigin is nil for every origin.
	AllowedOrigin func(origin string) bool
	Start         time.Time // what the clock shows at first
	// Places are what requests say about where they come from, as if every one
	// came through a trusted proxy; nothing is believed without.
	Places      server.PlaceHeaders
	ProxyClient *http.Client // reaches proxies that are checked; nil for one that reaches everything
}

// proxies are what every request of a test comes from, if anything is to be
// believed of them.
func (o Options) proxies() []netip.Prefix {
	if o.Places == (server.PlaceHeaders{}) {
		return nil
	}
	return []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
}

// Server is a whole server on a store of its own, as "perennial dev" has it,
// without a listener: both APIs, the inbox, and everything that is true of
// every request. It is safe for concurrent use.
type Server struct {
	Handler        http.Handler
	Host           string
	PublishableKey string
	Store          *sqlstore.Store
	Passwords      *password.Hasher
	ClientTokens   *token.ClientTokens
	Tickets        *token.Tickets
	BrowserFlows   *browserflow.Flows
	Clients        *session.Clients // what the Frontend API resolves credentials with
	Live           *instance.Live   // the settings, to be changed while the server runs
	Trips          *oauth.Trips
	Webhooks       *webhook.Worker // delivers events while a test runs it
	Pepper         []byte
	Options        Options

	// TXT is the DNS: names with the texts of their records.
	TXT sync.Map

	contract *Contract
	clock    clock
}

func (s *Server) lookupTXT(_ context.Context, name string) ([]string, error) {
	texts, _ := s.TXT.Load(name)
	list, _ := texts.([]string)
	return list, nil
}

// tellingStore adds to each change the events it makes happen.
type tellingStore struct {
	*sqlstore.Store
	events  *webhook.Recorder
	devices *newdevice.Watch
}

// Commit implements the stores of the use cases.
func (s tellingStore) Commit(ctx context.Context, c auth.Change) error {
	return s.events.Commit(ctx, s.devices.Tell(ctx, c))
}

// clock moves only when a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Now is what the server's clock shows.
func (s *Server) Now() time.Time { return s.clock.read() }

// Advance moves the server's clock.
func (s *Server) Advance(d time.Duration) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.now = s.clock.now.Add(d)
}

// Start returns a server for one test. It is closed with the test.
func Start(t testing.TB, change ...func(*Options)) *Server {
	t.Helper()
	o := Options{
		Host:      "127.0.0.1:4343",
		Settings:  testSettings(),
		Passwords: password.Cheapest(),
		Addresses: ratelimit.Config{Burst: 10_000, Every: time.Millisecond},
		Codes:     ratelimit.Config{Burst: 10_000, Every: time.Millisecond},
		Start:     time.UnixMilli(1_790_000_000_000),
	}
	for _, c := range change {
		c(&o)
	}
	s, err := start(t.Context(), filepath.Join(t.TempDir(), "perennial.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Store.Close() })
	s.contract = Published(t)
	return s
}

// testSettings are the default ones for development.
func testSettings() auth.Settings {
	set := auth.DefaultSettings()
	set.ApplicationName, set.HomeURL, set.TestCodes = "Test", "http://127.0.0.1:4343", true
	return set
}

func start(ctx context.Context, database string, o Options) (*Server, error) {
	shared, err := sharedSecrets()
	if err != nil {
		return nil, err
	}
	s := &Server{
		Host: o.Host, Options: o, clock: clock{now: o.Start}, Pepper: shared.master.Derive("code-pepper", 32),
		ClientTokens: token.NewClientTokens(shared.master), Tickets: token.NewTickets(shared.master),
	}
	key, err := publishablekey.New(o.Host, o.Settings.Production)
	if err != nil {
		return nil, err
	}
	s.PublishableKey = key.String()
	if s.Passwords, err = password.NewHasher(o.Passwords); err != nil {
		return nil, err
	}
	if s.Store, err = sqlstore.Open(ctx, database); err != nil {
		return nil, err
	}
	if s.Live, err = instance.Open(ctx, s.Store, o.Settings); err != nil {
		return nil, err
	}
	messages, err := notify.OpenTemplates(ctx, s.Store, o.Settings.ApplicationName, s.Now)
	if err != nil {
		return nil, err
	}
	messages.Appearance = func() auth.Appearance { return s.Live.Settings().Appearance }
	m := inbox.New(notify.NewInbox(s.Store, shared.master, messages), s.Now)
	front, back := s.apis(shared, messages)
	s.BrowserFlows = front.BrowserFlows
	pages := hosted.New(hosted.Config{
		Settings: front.Settings, Flows: front.BrowserFlows, Links: front.EmailLinks, Clients: front.Clients, Sessions: front.Sessions,
		SignIns: front.SignIns, SignUps: front.SignUps, Trips: front.Trips, Self: front.Self, Organizations: front.Organizations,
		Admission: front.Admission, Tickets: front.Tickets, Pictures: front.Pictures, PublicURL: front.PublicURL,
		PublishableKey: front.PublishableKey, AllowedOrigin: front.AllowedOrigin, Addresses: front.Addresses, Now: front.Now,
	})
	s.Handler = server.Handler(
		server.Config{
			AllowedOrigin: o.AllowedOrigin, Ready: s.Store.Ready,
			Places: o.Places, TrustedProxies: o.proxies(),
		},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case m.Match(r):
				m.ServeHTTP(w, r)
			case pages.Match(r):
				pages.ServeHTTP(w, r)
			case backendapi.IsRequest(r):
				back.ServeHTTP(w, r)
			default:
				front.ServeHTTP(w, r)
			}
		}))
	return s, nil
}

// apis constructs both APIs over the same parts.
func (s *Server) apis(shared *secrets, messages *notify.Templates) (*frontendapi.API, *backendapi.API) {
	o, entropy := s.Options, rand.Reader
	s.Webhooks = webhook.NewWorker(s.Store, shared.master, true, s.Now)
	mail := notify.NewComposer(shared.master, entropy)
	store := tellingStore{
		s.Store,
		&webhook.Recorder{Store: s.Store, InstanceID: "ins_test", Now: s.Now, Entropy: entropy, Wake: s.Webhooks.Wake},
		&newdevice.Watch{Sessions: s.Store, Mail: mail, Settings: s.Live.Settings, Now: s.Now},
	}
	o.Addresses.Now, o.Codes.Now = s.Now, s.Now
	issuer := token.NewIssuer(shared.keys, "https://"+o.Host, s.Now)
	signer := token.NewTemplates(issuer, shared.master)
	claims := session.Claims{Signer: signer, ImageURL: func(id auth.ImageID) string { return respond.ImageURL("https://"+o.Host, id) }}
	codes := ratelimit.New(o.Codes)
	clients := &session.Clients{
		Store: store, Tokens: s.ClientTokens, Bound: token.NewBoundTokens(shared.master), Now: s.Now, Entropy: entropy,
	}
	s.Clients = clients
	orgs := organization.New(organization.Config{
		Store: store, Tickets: s.Tickets, Mail: mail, Codes: codes, Now: s.Now, Entropy: entropy, Settings: s.Live.Settings,
		Pepper: s.Pepper, UpdateSettings: s.Live.Update, LookupTXT: s.lookupTXT,
		TicketURL: func(ticket string) string {
			return "https://" + o.Host + "/v1/tickets/accept?ticket=" + url.QueryEscape(ticket)
		},
	})
	admitting := &admission.Service{
		Store: store, Tickets: s.Tickets, Mail: mail, Now: s.Now, Entropy: entropy, Settings: s.Live.Settings,
		TicketURL: func(ticket string) string {
			return "https://" + o.Host + "/v1/tickets/accept?ticket=" + url.QueryEscape(ticket)
		},
	}
	invitations := admission.Either{Application: admitting, Organizations: orgs.Invitations}
	secrets := oauth.ClientSecrets{Sealer: shared.master.Sealer("oauth")}
	s.Live.SealSecrets(secrets.Seal)
	// Providers are real servers, whose clocks nobody moves.
	s.Trips = &oauth.Trips{
		Store: store, Client: oauth.NewClient(time.Now), States: token.NewOAuthStates(shared.master), Seal: secrets.Sealer,
		Settings: s.Live.Settings, Secret: secrets.Open, Now: s.Now, Entropy: entropy,
	}
	front := frontendapi.New(frontendapi.Config{
		InstanceID: "ins_test", PublicURL: "https://" + o.Host, PublishableKey: s.PublishableKey,
		Settings: s.Live.Settings, AllowedOrigin: o.AllowedOrigin, JWKS: shared.keys.JWKS,
		Clients: clients, IsSecretKey: backendapi.NewSecretKey(SecretKey).Is,
		Proofs:   proof.NewChecker("https://"+o.Host, shared.master.Derive("proof-nonce", 32), s.Now).BeganAt(s.Now().Add(-time.Hour)),
		Sessions: &session.Sessions{Store: store, Issuer: issuer, Claims: claims, Now: s.Now, Settings: s.Live.Settings}, Handshakes: issuer,
		Images: store, Pictures: picture.NewEncoder(),
		SignIns: &signin.Attempts{
			Links: token.NewLinkTokens(shared.master),
			Store: store, Passwords: s.Passwords, Tickets: s.Tickets, Mail: mail, Codes: codes,
			Passkeys:       passkey.Ceremonies{Entropy: entropy},
			DeviceKeys:     proof.DeviceKeys{},
			Authenticators: factor.NewAuthenticators(shared.master, entropy), Invitations: invitations, Admission: admitting,
			Now: s.Now, Entropy: entropy, Settings: s.Live.Settings, Pepper: s.Pepper,
		},
		EmailLinks: &emaillink.Links{
			Store: store, Tokens: token.NewLinkTokens(shared.master), Approvals: token.NewApprovals(shared.master), Tickets: token.NewTickets(shared.master),
			Settings: s.Live.Settings, Now: s.Now, Entropy: entropy,
		},
		BrowserFlows: &browserflow.Flows{
			Store: store, Tickets: token.NewFlowTickets(shared.master), Nonces: token.NewFlowNonces(shared.master),
			Settings: s.Live.Settings, Now: s.Now, Entropy: entropy,
		},
		SignUps: &signup.Attempts{
			Links: token.NewLinkTokens(shared.master),
			Store: store, Passwords: s.Passwords, Tickets: s.Tickets, Mail: mail, Codes: codes,
			Invitations: invitations, Admission: admitting,
			Now: s.Now, Entropy: entropy, Settings: s.Live.Settings, Pepper: s.Pepper,
		},
		Self: &user.Self{
			Links: token.NewLinkTokens(shared.master),
			Store: store, Passwords: s.Passwords, Mail: mail, Now: s.Now, Settings: s.Live.Settings, Pepper: s.Pepper,
			Codes: codes, Entropy: entropy, Authenticators: factor.NewAuthenticators(shared.master, entropy),
			Passkeys: passkey.Ceremonies{Entropy: entropy}, DeviceKeys: proof.DeviceKeys{},
		},
		Visitor: hosted.Credential, Addresses: ratelimit.New(o.Addresses), Now: s.Now, Organizations: orgs, Trips: s.Trips, Tickets: s.Tickets, Admission: admitting,
	})
	back := backendapi.New(backendapi.Config{
		SecretKey: backendapi.NewSecretKey(SecretKey), InstanceID: "ins_test", PublicURL: "https://" + o.Host, AllowedOrigins: []string{},
		Settings: s.Live.Settings, Live: s.Live, JWKS: shared.keys.JWKS,
		Users: &user.Admin{
			Store: store, Passwords: s.Passwords, ParseDigest: password.ParseDigest,
			Now: s.Now, Entropy: entropy, Pepper: s.Pepper, Settings: s.Live.Settings,
			Authenticators: factor.NewAuthenticators(shared.master, entropy), Mail: mail, Codes: codes,
		},
		Sessions: &session.Admin{
			Store: store, Clients: clients, Issuer: issuer, Verifier: token.NewVerifier(shared.keys, "https://"+o.Host, s.Now),
			Claims: claims, Now: s.Now, Entropy: entropy, Settings: s.Live.Settings,
		},
		Messages:     messages,
		Templates:    &session.Templates{Store: store, Signer: signer, Now: s.Now, Entropy: entropy},
		SignInTokens: &signin.SignInTokens{Store: store, Tickets: s.Tickets, Now: s.Now, Entropy: entropy, Settings: s.Live.Settings},
		SignUps:      &signup.Admin{Store: store, Now: s.Now},
		Clients:      store, Now: s.Now, Entropy: entropy, Organizations: orgs, Admission: admitting, Pictures: picture.NewEncoder(),
		Trips: s.Trips, Proxies: reach.Proxies{Client: cmp.Or(o.ProxyClient, reach.Client(time.Minute, true))},
		Webhooks: webhook.NewEndpoints(webhook.EndpointsConfig{
			Store: s.Store, Master: shared.master, Plain: true, Now: s.Now, Entropy: entropy,
			Changed: store.events.Forget, Wake: s.Webhooks.Wake,
		}),
	})
	store.events.Document = back.EventDocument
	return front, back
}

// secrets are shared by the servers of one process: making an RSA key takes
// longer than most tests.
type secrets struct {
	master *secret.MasterKey
	keys   *token.Keys
}

var sharedSecrets = sync.OnceValues(func() (*secrets, error) {
	dir, err := os.MkdirTemp("", "apitest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	store, err := sqlstore.Open(ctx, filepath.Join(dir, "keys.db"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	keys, err := token.LoadKeys(ctx, store, master, time.Now)
	return &secrets{master, keys}, err
})

// Message is a mail that the server would have sent.
type Message struct {
	ID      string `json:"id"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
	HTML    string `json:"html"` // empty when there is plain text only
	Code    string `json:"code"`
	Link    string `json:"link"`
}

// Messages are the mails to an address, or to everybody when it is empty,
// newest first.
func (s *Server) Messages(t testing.TB, to string) (out []Message) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/dev/inbox?to="+url.QueryEscape(to), nil))
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code != http.StatusOK {
		t.Fatalf("inbox: %d %v", rec.Code, err)
	}
	return out
}

// Code is the newest one-time code sent to an address. The test fails when
// there is none.
func (s *Server) Code(t testing.TB, to string) string {
	t.Helper()
	for _, m := range s.Messages(t, to) {
		if m.Code != "" {
			return m.Code
		}
	}
	t.Fatalf("no code was sent to %s", to)
	return ""
}
