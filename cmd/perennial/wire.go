package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/assets"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/backendapi"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/emaillink"
	"github.com/perennialauth/perennial/internal/factor"
	"github.com/perennialauth/perennial/internal/frontendapi"
	"github.com/perennialauth/perennial/internal/hosted"
	inst "github.com/perennialauth/perennial/internal/instance"
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

// instanceConfig is what both ways to run an instance have in common,
// resolved and checked.
type instanceConfig struct {
	database       string // file
	assets         string // folder of the published browser scripts
	masterKey      masterKeySource
	instanceID     string
	secretKey      string
	publishableKey string
	publicURL      string // https base of the Frontend API: the issuer of tokens
	settings       auth.Settings
	allowedOrigins []string
	sender         notify.Sender // nil leaves messages in the outbox
	inbox          bool          // development: show messages to whoever can connect
	limits         limits
	front          server.Config
}

// limits are how often something may be tried.
type limits struct {
	address ratelimit.Config // proofs and look-ups per network address
	codes   ratelimit.Config // codes sent per account or address
}

// instance is a running instance without its listener.
type instance struct {
	store    *sqlstore.Store
	worker   *notify.Worker // nil in development
	webhooks *webhook.Worker
	handler  http.Handler
}

// tellingStore adds to each change the events it makes happen, and wakes the
// worker when a change put something into the outbox, so that a code is on its
// way before the answer is.
type tellingStore struct {
	*sqlstore.Store
	events  *webhook.Recorder
	devices *newdevice.Watch
	wake    func()
}

// Commit implements the stores of the use cases.
func (m tellingStore) Commit(ctx context.Context, c auth.Change) error {
	c = m.devices.Tell(ctx, c)
	err := m.events.Commit(ctx, c)
	if err == nil && len(c.Messages) > 0 {
		m.wake()
	}
	return err
}

// newInstance constructs everything. It reads as the table of contents of the
// server: what exists, and who is given what.
func newInstance(ctx context.Context, c instanceConfig) (_ *instance, err error) {
	db, err := sqlstore.Open(ctx, c.database)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	master, err := unlock(ctx, db, c.masterKey)
	if err != nil {
		return nil, err
	}
	keys, err := token.LoadKeys(ctx, db, master, time.Now)
	if err != nil {
		return nil, err
	}
	live, err := inst.Open(ctx, db, c.settings)
	if err != nil {
		return nil, err
	}
	messages, err := notify.OpenTemplates(ctx, db, c.settings.ApplicationName, time.Now)
	if err != nil {
		return nil, err
	}
	messages.Appearance = func() auth.Appearance { return live.Settings().Appearance }
	passwords, err := password.NewHasher(password.Config{Idle: debug.FreeOSMemory})
	if err != nil {
		return nil, err
	}
	mail := notify.NewComposer(master, rand.Reader)
	in := &instance{store: db, webhooks: webhook.NewWorker(db, master, c.inbox, time.Now)}
	store := tellingStore{
		Store: db, wake: func() {}, events: &webhook.Recorder{
			Store: db, InstanceID: c.instanceID, Now: time.Now, Entropy: rand.Reader, Wake: in.webhooks.Wake,
		},
		devices: &newdevice.Watch{Sessions: db, Mail: mail, Settings: live.Settings, Now: time.Now},
	}
	if c.sender != nil {
		in.worker = notify.NewWorker(db, master, c.sender, messages, time.Now)
		store.wake = in.worker.Wake
	}
	p := parts{
		c: c, live: live, messages: messages, master: master, store: store, keys: keys, passwords: passwords,
		issuer: token.NewIssuer(keys, c.publicURL, time.Now),
		clients: &session.Clients{
			Store: store, Tokens: token.NewClientTokens(master), Bound: token.NewBoundTokens(master),
			Now: time.Now, Entropy: rand.Reader,
		},
		pepper: master.Derive("code-pepper", 32),
		mail:   mail, codes: ratelimit.New(c.limits.codes),
	}
	secrets := oauth.ClientSecrets{Sealer: master.Sealer("oauth")}
	live.SealSecrets(secrets.Seal)
	p.trips = &oauth.Trips{
		Store: store, Client: oauth.NewClient(time.Now), States: token.NewOAuthStates(master), Seal: secrets.Sealer,
		Settings: live.Settings, Secret: secrets.Open, Now: time.Now, Entropy: rand.Reader,
	}
	p.orgs = p.organizations()
	p.admission = &admission.Service{
		Store: store, Tickets: token.NewTickets(master), Mail: p.mail, TicketURL: ticketURL(c.publicURL),
		Now: time.Now, Entropy: rand.Reader, Settings: live.Settings,
	}
	c.front.Ready = db.Ready
	in.handler = server.Handler(c.front, p.api())
	return in, nil
}

// api routes between the two APIs, which share a host and the prefix /v1.
func (p parts) api() http.Handler {
	back, front := p.backend(), p.frontend()
	pages := hosted.New(hosted.Config{
		Settings: front.Settings, Flows: front.BrowserFlows, Links: front.EmailLinks, Clients: front.Clients, Sessions: front.Sessions,
		SignIns: front.SignIns, SignUps: front.SignUps, Trips: front.Trips, Self: front.Self, Organizations: front.Organizations,
		Admission: front.Admission, Tickets: front.Tickets, Pictures: front.Pictures, PublicURL: front.PublicURL,
		PublishableKey: front.PublishableKey, AllowedOrigin: front.AllowedOrigin, Addresses: front.Addresses, Now: front.Now,
	})
	scripts := assets.NewHandler(assets.NewFolder(p.c.assets))
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if scripts.Match(r) {
			scripts.ServeHTTP(w, r)
			return
		}
		if pages.Match(r) {
			pages.ServeHTTP(w, r)
			return
		}
		if backendapi.IsRequest(r) {
			back.ServeHTTP(w, r)
			return
		}
		front.ServeHTTP(w, r)
	})
	if !p.c.inbox {
		return api
	}
	api = withRotation(p.clients, p.c.publicURL, api).ServeHTTP
	return withInbox(notify.NewInbox(p.store, p.master, p.messages), p.c.publicURL, api)
}

// parts are what the two APIs share.
type parts struct {
	c         instanceConfig
	live      *inst.Live
	messages  *notify.Templates
	master    *secret.MasterKey
	store     tellingStore
	keys      *token.Keys
	passwords *password.Hasher
	issuer    *token.Issuer
	clients   *session.Clients
	pepper    []byte
	mail      *notify.Composer
	codes     *ratelimit.Limiter // mails and texts sent, by account or address
	orgs      *organization.Service
	admission *admission.Service
	trips     *oauth.Trips
}

// organizations are the use cases of organizations, which both APIs share.
func (p parts) organizations() *organization.Service {
	return organization.New(organization.Config{
		Store: p.store, Tickets: token.NewTickets(p.master), Mail: p.mail, Codes: p.codes, Now: time.Now, Entropy: rand.Reader,
		Settings: p.live.Settings, Pepper: p.pepper, UpdateSettings: p.live.Update, LookupTXT: organization.LookupTXT, TicketURL: ticketURL(p.c.publicURL),
	})
}

// invitations are those to the application and to organizations.
func (p parts) invitations() admission.Either {
	return admission.Either{Application: p.admission, Organizations: p.orgs.Invitations}
}

// ticketURL makes the links that invitations are accepted by.
func ticketURL(base string) func(ticket string) string {
	return func(ticket string) string { return base + "/v1/tickets/accept?ticket=" + url.QueryEscape(ticket) }
}

// proxyTimeout bounds the check of a proxy, which somebody waits for.
const proxyTimeout = 10 * time.Second

func (p parts) backend() *backendapi.API {
	api := backendapi.New(backendapi.Config{
		SecretKey:      backendapi.NewSecretKey(p.c.secretKey),
		InstanceID:     p.c.instanceID,
		PublicURL:      p.c.publicURL,
		AllowedOrigins: p.c.allowedOrigins,
		Settings:       p.live.Settings,
		Live:           p.live,
		JWKS:           p.keys.JWKS,
		Users: &user.Admin{
			Store: p.store, Passwords: p.passwords, ParseDigest: password.ParseDigest,
			Now: time.Now, Entropy: rand.Reader, Pepper: p.pepper, Settings: p.live.Settings,
			Authenticators: factor.NewAuthenticators(p.master, rand.Reader), Mail: p.mail, Codes: p.codes,
		},
		Sessions: &session.Admin{
			Store: p.store, Clients: p.clients, Issuer: p.issuer, Verifier: token.NewVerifier(p.keys, p.c.publicURL, time.Now),
			Claims: p.claims(), Now: time.Now, Entropy: rand.Reader, Settings: p.live.Settings,
		},
		Templates: &session.Templates{
			Store: p.store, Signer: token.NewTemplates(p.issuer, p.master), Now: time.Now, Entropy: rand.Reader,
		},
		Messages: p.messages,
		SignInTokens: &signin.SignInTokens{
			Store: p.store, Tickets: token.NewTickets(p.master), Now: time.Now, Entropy: rand.Reader, Settings: p.live.Settings,
		},
		SignUps:       &signup.Admin{Store: p.store, Now: time.Now},
		Clients:       p.store,
		Organizations: p.orgs,
		Trips:         p.trips,
		Admission:     p.admission,
		Pictures:      picture.NewEncoder(),
		Proxies:       reach.Proxies{Client: reach.Client(proxyTimeout, p.c.inbox)},
		Webhooks: webhook.NewEndpoints(webhook.EndpointsConfig{
			Store: p.store.Store, Master: p.master, Plain: p.c.inbox, Now: time.Now, Entropy: rand.Reader,
			Changed: p.store.events.Forget, Wake: p.store.events.Wake,
		}),
		Now:     time.Now,
		Entropy: rand.Reader,
	})
	p.store.events.Document = api.EventDocument
	return api
}

// claims are what tokens say of a person.
func (p parts) claims() session.Claims {
	return session.Claims{
		Signer:   token.NewTemplates(p.issuer, p.master),
		ImageURL: func(id auth.ImageID) string { return respond.ImageURL(p.c.publicURL, id) },
	}
}

// frontend is the Frontend API over its use cases.
func (p parts) frontend() *frontendapi.API {
	mail, codes := p.mail, p.codes
	return frontendapi.New(frontendapi.Config{
		InstanceID:     p.c.instanceID,
		PublicURL:      p.c.publicURL,
		PublishableKey: p.c.publishableKey,
		Settings:       p.live.Settings,
		AllowedOrigin:  p.c.front.AllowedOrigin,
		IsSecretKey:    backendapi.NewSecretKey(p.c.secretKey).Is,
		Origins:        p.c.allowedOrigins,
		JWKS:           p.keys.JWKS,
		Clients:        p.clients,
		Sessions:       &session.Sessions{Store: p.store, Issuer: p.issuer, Claims: p.claims(), Now: time.Now, Settings: p.live.Settings},
		Handshakes:     p.issuer,
		Proofs:         proof.NewChecker(p.c.publicURL, p.master.Derive("proof-nonce", 32), time.Now),
		Images:         p.store,
		Pictures:       picture.NewEncoder(),
		SignIns: &signin.Attempts{
			Links: token.NewLinkTokens(p.master),
			Store: p.store, Passwords: p.passwords, Tickets: token.NewTickets(p.master), Mail: mail, Codes: codes,
			Passkeys:       passkey.Ceremonies{Entropy: rand.Reader},
			DeviceKeys:     proof.DeviceKeys{},
			Authenticators: factor.NewAuthenticators(p.master, rand.Reader), Invitations: p.invitations(), Admission: p.admission,
			Now: time.Now, Entropy: rand.Reader, Settings: p.live.Settings, Pepper: p.pepper,
		},
		EmailLinks: &emaillink.Links{
			Store: p.store, Tokens: token.NewLinkTokens(p.master), Approvals: token.NewApprovals(p.master), Tickets: token.NewTickets(p.master),
			Settings: p.live.Settings, Now: time.Now, Entropy: rand.Reader,
		},
		BrowserFlows: &browserflow.Flows{
			Store: p.store, Tickets: token.NewFlowTickets(p.master), Nonces: token.NewFlowNonces(p.master),
			Settings: p.live.Settings, Now: time.Now, Entropy: rand.Reader,
		},
		SignUps: &signup.Attempts{
			Links: token.NewLinkTokens(p.master),
			Store: p.store, Passwords: p.passwords, Tickets: token.NewTickets(p.master), Mail: mail, Codes: codes,
			Invitations: p.invitations(), Admission: p.admission,
			Now: time.Now, Entropy: rand.Reader, Settings: p.live.Settings, Pepper: p.pepper,
		},
		Self: &user.Self{
			Links: token.NewLinkTokens(p.master),
			Store: p.store, Passwords: p.passwords, Mail: mail, Now: time.Now, Settings: p.live.Settings, Pepper: p.pepper,
			Codes: codes, Entropy: rand.Reader, Authenticators: factor.NewAuthenticators(p.master, rand.Reader),
			Passkeys: passkey.Ceremonies{Entropy: rand.Reader}, DeviceKeys: proof.DeviceKeys{},
		},
		Organizations: p.orgs,
		Trips:         p.trips,
		Admission:     p.admission,
		Tickets:       token.NewTickets(p.master),
		Visitor:       hosted.Credential,
		Addresses:     ratelimit.New(p.c.limits.address),
		Now:           time.Now,
	})
}

func (in *instance) close() error { return in.store.Close() }
