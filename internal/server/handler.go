package server

import (
	"context"
	"net/http"
	"net/netip"
	"path"

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
	h = withDeadline(h)
	h = recoverPanics(h)
	h = allowOrigins(c.AllowedOrigin, h)
	h = secureHeaders(c.HSTS, h)
	h = clientAddress(c.TrustedProxies, h)
	h = logAccess(h)
	return h
}

// withDeadline bounds the time a handler may take: whatever it waits for then
// fails, which is answered as our own trouble.
func withDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// secureHeaders sets what every answer needs and a handler may replace: API
// answers are never cached, framed, sniffed or run as documents.
func secureHeaders(hsts bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if hsts {
			h.Set("Strict-Transport-Security", "max-age=31536000")
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
				map[string]string{"status": "unhealthy", "message": "the database does not answer"})
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
