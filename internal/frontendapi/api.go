package frontendapi

import (
	"maps"
	"net/http"
	"time"

	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/browserflow"
	"github.com/perennialauth/perennial/internal/emaillink"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/proof"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/internal/user"
)

// Config is what the API is made of. Every member is required unless it says
// otherwise.
type Config struct {
	InstanceID     string // ins_…
	PublicURL      string // https base under which the API is reached: the issuer of tokens
	PublishableKey string
	Settings       func() auth.Settings
	// AllowedOrigin says whether a page of this origin may be redirected to.
	// Nil, for development only, allows pages on loopback.
	AllowedOrigin func(origin string) bool
	// Origins are those of the application's pages, as far as they can be
	// listed, for platforms that ask which may use its passkeys.
	Origins       []string
	JWKS          func() []byte // the published key set, encoded
	Clients       *session.Clients
	Sessions      *session.Sessions
	SignIns       *signin.Attempts
	BrowserFlows  *browserflow.Flows
	EmailLinks    *emaillink.Links
	SignUps       *signup.Attempts
	Trips         *oauth.Trips
	Self          *user.Self
	Organizations *organization.Service
	Tickets       Tickets
	Handshakes    Handshakes
	Images        Images
	Admission     *admission.Service
	Pictures      Pictures
	// IsSecretKey recognises the secret key of the instance, in constant time; nil
	// recognises none.
	IsSecretKey func(key string) bool
	// Proofs checks that devices hold the key of their credential. Nil binds no
	// credential to a key.
	Proofs *proof.Checker
	// Visitor is the credential of a browser on one of the instance's own pages,
	// or empty: such a page sends people to providers, too. Nil is for an
	// instance without pages.
	Visitor func(*http.Request) string
	// Addresses limits, per network address, the requests that try to prove or
	// to learn something.
	Addresses Limiter
	Now       func() time.Time
}

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// API serves the Frontend API. It is safe for concurrent use.
type API struct {
	Config
	cookies     respond.ClientCookies
	environment *environment
	discovery   []byte
	host        string // of PublicURL, without a port
	orgs        respond.Organizations
	mux         *respond.Mux
}

// New returns the API. Documents that never change are encoded here, so that
// they need neither store nor work later.
func New(c Config) *API {
	a := &API{
		Config: c, mux: respond.NewMux(), cookies: respond.NewClientCookies(c.PublicURL, c.PublishableKey, c.Settings().Production),
		environment: &environment{config: c}, discovery: encodeDiscovery(c.PublicURL),
		orgs: respond.Organizations{Base: c.PublicURL, Now: c.Now}, host: hostOf(c.PublicURL),
	}
	for pattern, h := range a.documents() {
		a.mux.HandleFunc(pattern, h)
	}
	for pattern, h := range a.routes() {
		a.mux.HandleFunc(pattern, a.handle(h))
	}
	for _, pattern := range unimplemented {
		a.mux.HandleFunc(pattern, a.handle(a.notImplemented))
	}
	return a
}

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// documents are answered from memory, whoever asks and whatever the store does.
func (a *API) documents() map[string]http.HandlerFunc {
	environment := func(w http.ResponseWriter, _ *http.Request) { respond.Raw(w, http.StatusOK, a.environment.document()) }
	all := map[string]http.HandlerFunc{
		"GET /v1/environment":                   environment,
		"POST /v1/environment":                  environment,
		"PATCH /v1/environment":                 environment,
		"GET /.well-known/jwks.json":            func(w http.ResponseWriter, _ *http.Request) { respond.Raw(w, http.StatusOK, a.JWKS()) },
		"GET /.well-known/openid-configuration": document(a.discovery),
		"POST /v1/dev_browser":                  a.createDevBrowser,
		"POST /v1/oauth_callback":               a.postOAuthCallback,
		"GET /v1/images/{image_id}":             a.getImage,
	}
	maps.Copy(all, a.associationDocuments())
	return all
}

func document(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { respond.Raw(w, http.StatusOK, body) }
}

// routes is every operation on behalf of a client, by the patterns of
// [respond.Mux].
func (a *API) routes() map[string]handler {
	all := map[string]handler{
		"GET /v1/client":              a.getClient,
		"POST /v1/client":             a.createClient,
		"PUT /v1/client":              a.createClient,
		"DELETE /v1/client":           a.destroyClient,
		"GET /v1/client/touch":        a.extendCookie,
		"POST /v1/client/hosted_auth": a.startHostedAuth,
		"GET /v1/client/handshake":    a.handshake,

		"DELETE /v1/client/sessions":                              a.endAllSessions,
		"GET /v1/client/sessions/{session_id}":                    a.getSession,
		"POST /v1/client/sessions/{session_id}/touch":             brought(a.touchSession),
		"POST /v1/client/sessions/{session_id}/end":               brought(a.endSession),
		"POST /v1/client/sessions/{session_id}/remove":            brought(a.removeSession),
		"DELETE /v1/client/sessions/{session_id}":                 brought(a.removeSession),
		"POST /v1/client/sessions/{session_id}/tokens":            brought(a.mintToken),
		"POST /v1/client/sessions/{session_id}/tokens/{template}": brought(a.mintTemplateToken),

		"POST /v1/client/sessions/{session_id}/verify":                       a.startReverification,
		"POST /v1/client/sessions/{session_id}/verify/prepare_first_factor":  a.prepareReverification(false),
		"POST /v1/client/sessions/{session_id}/verify/attempt_first_factor":  a.attemptReverification(false),
		"POST /v1/client/sessions/{session_id}/verify/prepare_second_factor": a.prepareReverification(true),
		"POST /v1/client/sessions/{session_id}/verify/attempt_second_factor": a.attemptReverification(true),

		"GET /v1/verify":                       a.forPeople(a.verifyEmailLink),
		"POST /v1/client/magic_links/complete": a.completeMagicLink,

		"POST /v1/client/sign_ins":                                   a.createSignIn,
		"GET /v1/client/sign_ins/{sign_in_id}":                       a.getSignIn,
		"POST /v1/client/sign_ins/{sign_in_id}/prepare_first_factor": a.prepareFirstFactor,
		"POST /v1/client/sign_ins/{sign_in_id}/attempt_first_factor": a.attemptFirstFactor,
		"POST /v1/client/sign_ins/{sign_in_id}/reset_password":       a.resetPassword,

		"POST /v1/client/sign_ins/{sign_in_id}/prepare_second_factor": a.prepareSecondFactor,
		"POST /v1/client/sign_ins/{sign_in_id}/attempt_second_factor": a.attemptSecondFactor,

		"POST /v1/client/sign_ups":                                   a.createSignUp,
		"GET /v1/client/sign_ups/{sign_up_id}":                       a.getSignUp,
		"PATCH /v1/client/sign_ups/{sign_up_id}":                     a.updateSignUp,
		"POST /v1/client/sign_ups/{sign_up_id}/prepare_verification": a.prepareVerification,
		"POST /v1/client/sign_ups/{sign_up_id}/attempt_verification": a.attemptVerification,

		"GET /v1/me":                               a.getMe,
		"PATCH /v1/me":                             a.updateMe,
		"DELETE /v1/me":                            a.deleteMe,
		"PATCH /v1/me/metadata":                    a.mergeMyMetadata,
		"POST /v1/me/change_password":              a.changeMyPassword,
		"POST /v1/me/remove_password":              a.removeMyPassword,
		"GET /v1/me/email_addresses":               a.listMyEmails,
		"POST /v1/me/email_addresses":              a.createMyEmail,
		"GET /v1/me/email_addresses/{email_id}":    a.getMyEmail,
		"DELETE /v1/me/email_addresses/{email_id}": a.deleteMyEmail,

		"POST /v1/me/email_addresses/{email_id}/prepare_verification": a.prepareMyEmail,
		"POST /v1/me/email_addresses/{email_id}/attempt_verification": a.attemptMyEmail,

		"GET /v1/me/phone_numbers":               a.listMyPhones,
		"POST /v1/me/phone_numbers":              a.createMyPhone,
		"GET /v1/me/phone_numbers/{phone_id}":    a.getMyPhone,
		"PATCH /v1/me/phone_numbers/{phone_id}":  a.updateMyPhone,
		"DELETE /v1/me/phone_numbers/{phone_id}": a.deleteMyPhone,

		"POST /v1/me/phone_numbers/{phone_id}/prepare_verification": a.prepareMyPhone,
		"POST /v1/me/phone_numbers/{phone_id}/attempt_verification": a.attemptMyPhone,

		"POST /v1/me/totp":                      a.createMyTOTP,
		"DELETE /v1/me/totp":                    a.deleteMyTOTP,
		"POST /v1/me/totp/attempt_verification": a.attemptMyTOTP,
		"POST /v1/me/backup_codes":              a.createMyBackupCodes,

		"GET /v1/oauth_callback": a.forPeople(a.oauthCallback),

		"POST /v1/me/external_accounts":                                    a.createMyExternal,
		"PATCH /v1/me/external_accounts/{external_account_id}/reauthorize": a.reauthorizeMyExternal,
		"DELETE /v1/me/external_accounts/{external_account_id}":            a.deleteMyExternal,
		"DELETE /v1/me/external_accounts/{external_account_id}/tokens":     a.deleteMyExternalTokens,

		"POST /v1/waitlist": a.joinWaitlist,

		"POST /v1/me/profile_image":   a.setMyImage,
		"DELETE /v1/me/profile_image": a.deleteMyImage,

		"GET /v1/me/sessions":                      a.listMySessions,
		"GET /v1/me/sessions/active":               a.listMySessions,
		"POST /v1/me/sessions/{session_id}/revoke": a.revokeMySession,
	}
	maps.Copy(all, a.organizationRoutes())
	maps.Copy(all, a.edgeRoutes())
	maps.Copy(all, a.passkeyRoutes())
	maps.Copy(all, a.trustedDeviceRoutes())
	return all
}
