package backendapi

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/internal/webhook"
)

// Config is what the API is made of. Every member is required unless it says
// otherwise.
type Config struct {
	SecretKey      SecretKey
	InstanceID     string // ins_…
	PublicURL      string // https base of the Frontend API, under which images are served
	AllowedOrigins []string
	Settings       func() auth.Settings
	Live           LiveSettings
	Admission      *admission.Service
	JWKS           func() []byte // the published key set, encoded
	Users          *user.Admin
	Sessions       *session.Admin
	Templates      *session.Templates
	Messages       *notify.Templates
	SignInTokens   *signin.SignInTokens
	SignUps        *signup.Admin
	Clients        ClientLister
	Organizations  *organization.Service
	Trips          *oauth.Trips
	Pictures       Pictures
	Proxies        ProxyChecker
	Webhooks       *webhook.Endpoints
	Now            func() time.Time
	Entropy        io.Reader
}

// ClientLister lists clients that were not deleted, newest first, with their
// signed-in sessions, and says how many there are.
type ClientLister interface {
	Clients(ctx context.Context, limit, offset int) ([]auth.ClientAggregate, int, error)
}

// API serves the Backend API. It is safe for concurrent use.
type API struct {
	Config
	orgs respond.Organizations
	mux  *respond.Mux
}

// New returns the API.
func New(c Config) *API {
	a := &API{Config: c, mux: respond.NewMux(), orgs: respond.Organizations{Base: c.PublicURL, Now: c.Now}}
	for pattern, h := range a.routes() {
		a.mux.HandleFunc(pattern, answer(h))
	}
	for _, pattern := range unimplemented {
		a.mux.HandleFunc(pattern, answer(notImplemented))
		// SDKs ask for machine credentials without the version.
		a.mux.HandleFunc(strings.Replace(pattern, " /v1/", " /", 1), answer(notImplemented))
	}
	return a
}

// ServeHTTP implements [http.Handler]. Nothing is told, not even which paths
// exist, to a request without the secret key.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.SecretKey.check(r); err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="backend"`)
		respond.Error(w, r, err)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// handler returns what to answer with status 200, or why not.
type handler func(w http.ResponseWriter, r *http.Request) (any, error)

// errAnswered says that a handler wrote its answer itself, one without a body.
var errAnswered = errors.New("answered")

func answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := h(w, r)
		if errors.Is(err, errAnswered) {
			return
		}
		if err != nil {
			respond.Error(w, r, err)
			return
		}
		respond.JSON(w, http.StatusOK, v)
	}
}

// routes is every operation, by the patterns of [respond.Mux].
func (a *API) routes() map[string]handler {
	all := map[string]handler{
		"GET /v1/jwks": a.jwks,

		"GET /v1/users":                            a.listUsers,
		"POST /v1/users":                           a.createUser,
		"GET /v1/users/count":                      a.countUsers,
		"POST /v1/users/ban":                       a.banUsers,
		"POST /v1/users/unban":                     a.unbanUsers,
		"GET /v1/users/{user_id}":                  a.getUser,
		"PATCH /v1/users/{user_id}":                a.updateUser,
		"DELETE /v1/users/{user_id}":               a.deleteUser,
		"PATCH /v1/users/{user_id}/metadata":       a.mergeMetadata,
		"PUT /v1/users/{user_id}/metadata":         a.replaceMetadata,
		"POST /v1/users/{user_id}/ban":             a.banUser,
		"POST /v1/users/{user_id}/unban":           a.unbanUser,
		"POST /v1/users/{user_id}/lock":            a.lockUser,
		"POST /v1/users/{user_id}/unlock":          a.unlockUser,
		"POST /v1/users/{user_id}/verify_password": a.verifyPassword,
		"POST /v1/users/{user_id}/remove_password": a.removePassword,
		"PUT /v1/users/{user_id}/email_address":    a.replaceEmail,

		"GET /v1/sessions":                                      a.listSessions,
		"POST /v1/sessions":                                     a.createSession,
		"GET /v1/sessions/{session_id}":                         a.getSession,
		"POST /v1/sessions/{session_id}/revoke":                 a.revokeSession,
		"POST /v1/sessions/{session_id}/verify":                 a.verifySession,
		"POST /v1/sessions/{session_id}/refresh":                a.refreshSession,
		"POST /v1/sessions/{session_id}/tokens":                 a.createSessionToken,
		"POST /v1/sessions/{session_id}/tokens/{template_name}": a.createTemplateToken,

		"GET /v1/clients":             a.listClients,
		"POST /v1/clients/verify":     a.verifyClient,
		"GET /v1/clients/{client_id}": a.getClient,

		"POST /v1/sign_in_tokens":                           a.createSignInToken,
		"POST /v1/sign_in_tokens/{sign_in_token_id}/revoke": a.revokeSignInToken,

		"POST /v1/email_addresses":                      a.createEmail,
		"GET /v1/email_addresses/{email_address_id}":    a.getEmail,
		"PATCH /v1/email_addresses/{email_address_id}":  a.updateEmail,
		"DELETE /v1/email_addresses/{email_address_id}": a.deleteEmail,

		"POST /v1/actor_tokens":                         a.createActorToken,
		"POST /v1/actor_tokens/{actor_token_id}/revoke": a.revokeActorToken,

		"GET /v1/instance":        a.getInstance,
		"POST /v1/testing_tokens": a.createTestingToken,
	}
	maps.Copy(all, a.phoneRoutes())
	maps.Copy(all, a.contactVerificationRoutes())
	maps.Copy(all, a.redirectURLRoutes())
	maps.Copy(all, a.userFactorRoutes())
	maps.Copy(all, a.organizationRoutes())
	maps.Copy(all, a.passkeyRoutes())
	maps.Copy(all, a.trustedDeviceRoutes())
	maps.Copy(all, a.settingsRoutes())
	maps.Copy(all, a.communicationRoutes())
	maps.Copy(all, a.invitationRoutes())
	maps.Copy(all, a.ruleRoutes())
	maps.Copy(all, a.waitlistRoutes())
	maps.Copy(all, a.signUpRoutes())
	maps.Copy(all, a.templateRoutes())
	maps.Copy(all, a.messageTemplateRoutes())
	maps.Copy(all, a.webhookRoutes())
	maps.Copy(all, a.externalRoutes())
	return all
}
