package server

import (
	"context"
	"net/http"
	"net/netip"
	"path"

	"github.com/perennialauth/perennial/internal/locale"
	"github.com/perennialauth/perennial/internal/respond"
)

// Config is what [Handler] needs to know about the instance.
type Config struct {
	// AllowedOrigin says whether a web page of this origin may use the
	// instance with the cookies of its visitors. Nil allows every origin,
	// which is for development only.
	AllowedOrigin func(origin string) bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Places are where they say that a client is.
	Places PlaceHeaders
	// HSTS tells browsers to come back over TLS only.
	HSTS bool
	// Ready says whether the instance can do its work now.
	Ready func(context.Context) error
}

// Handler wraps api with what is true of every request. The order matters and
// is from the outside in: a trace id exists before anything is logged, and the
// headers that make an answer readable to a browser are set before anything
// can fail, so that even the answer to a panic has them.
func Handler(c Config, api http.Handler) http.Handler {
	h := withHealth(c.Ready, api)
	h = overrideMethod(h)
	h = withContext(c, h)
	h = recoverPanics(h)
	h = allowOrigins(c.AllowedOrigin, h)
	h = secureHeaders(c.HSTS, h)
	h = logAccess(h)
	return h
}

// withContext gives the request the address that limits count against and the
// language that whoever sent it reads, and the place that its sessions show. It
// bounds the time its handler may take: whatever it waits for then fails, which
// is answered as our own trouble.
func withContext(c Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := respond.WithClientAddress(r.Context(), resolveAddress(r, c.TrustedProxies))
		if reader, ok := locale.Wanted(r.Header.Get("Accept-Language")); ok {
			ctx = locale.With(ctx, reader)
		}
		if p := c.Places.place(r, c.TrustedProxies); p != (respond.Place{}) {
			ctx = respond.WithPlace(ctx, p)
			if p.Country != "" {
				w.Header().Set("X-Country", p.Country) // forms begin a phone number with it
			}
		}
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Values of headers that never change are shared by all answers. A handler that
// replaces one replaces the slice, and none has room for an append.
var (
	noStore    = []string{"no-store"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
	noSniff    = []string{"nosniff"}
	noFrame    = []string{"DENY"}
	onlyTLS    = []string{"max-age=31536000"}
	byOrigin   = []string{"Origin"}
)

// secureHeaders sets what every answer needs and a handler may replace: API
// answers are never cached, framed, sniffed or run as documents.
func secureHeaders(hsts bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Cache-Control"] = noStore
		h["Content-Security-Policy"] = noContent
		h["Referrer-Policy"] = noReferrer
		h["X-Content-Type-Options"] = noSniff
		h["X-Frame-Options"] = noFrame
		if hsts {
			h["Strict-Transport-Security"] = onlyTLS
		}
		next.ServeHTTP(w, r)
	})
}

// withHealth answers the health paths itself: liveness says that the process
// serves, readiness that its store answers. /v1/health is liveness in the
// published words.
func withHealth(ready func(context.Context) error, api http.Handler) http.Handler {
	alive := func(w http.ResponseWriter, _ *http.Request) {
		respond.JSON(w, http.StatusOK, map[string]string{"status": "healthy"})
	}
	m := respond.NewMux()
	m.HandleFunc("GET /v1/health", alive)
	m.HandleFunc("GET /healthz", alive)
	m.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if ready != nil && ready(ctx) != nil {
			w.Header().Set("Retry-After", "2")
			respond.JSON(w, http.StatusServiceUnavailable,
				map[string]string{"status": "unhealthy", "message": "the database does not answer, or cannot be written"})
			return
		}
		alive(w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path.Clean(r.URL.Path) {
		case "/v1/health", "/healthz", "/readyz":
			m.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}
