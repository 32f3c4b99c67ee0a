package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// frontendStub is a small server in the published form: one user, one client.
// It lets the device commands be tested without the rest of the house.
type frontendStub struct {
	*httptest.Server
	mu       sync.Mutex
	signedIn bool
	down     bool
	removed  int
	// rotating hands out another credential with each reading of the client;
	// all predecessors stay valid.
	rotating  bool
	rotations int
}

const stubCode = "424242"

func newFrontendStub(t testing.TB) *frontendStub {
	t.Helper()
	s := &frontendStub{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/client", func(w http.ResponseWriter, _ *http.Request) {
		s.set(func() {
			if s.rotating {
				s.rotations++
				w.Header().Set("Authorization", fmt.Sprintf("stub-credential-%d", s.rotations))
			}
		})
		reply(w, `{"response":%s,"client":null}`, s.client())
	})
	attempt := func(object, id, status string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Authorization", "stub-credential")
			reply(w, `{"response":{"object":"%s","id":"%s","status":"%s","missing_fields":[],"unverified_fields":["email_address"],
				"email_address":"ada@example.com","supported_first_factors":[{"strategy":"email_code","email_address_id":"idn_1","safe_identifier":"a**@example.com"},{"strategy":"password"}]},
				"client":%s}`, object, id, status, s.client())
		}
	}
	finish := func(object, id string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("code") != stubCode {
				refuse(w, "form_code_incorrect", "Incorrect code", "code")
				return
			}
			s.set(func() { s.signedIn = true })
			reply(w, `{"response":{"object":"%s","id":"%s","status":"complete","created_session_id":"sess_1"},"client":%s}`, object, id, s.client())
		}
	}
	mux.HandleFunc("POST /v1/client/sign_ups", attempt("sign_up_attempt", "sua_1", "missing_requirements"))
	mux.HandleFunc("POST /v1/client/sign_ups/sua_1/prepare_verification", attempt("sign_up_attempt", "sua_1", "missing_requirements"))
	mux.HandleFunc("POST /v1/client/sign_ups/sua_1/attempt_verification", finish("sign_up_attempt", "sua_1"))
	mux.HandleFunc("POST /v1/client/sign_ins", attempt("sign_in_attempt", "sia_1", "needs_first_factor"))
	mux.HandleFunc("POST /v1/client/sign_ins/sia_1/prepare_first_factor", attempt("sign_in_attempt", "sia_1", "needs_first_factor"))
	mux.HandleFunc("POST /v1/client/sign_ins/sia_1/attempt_first_factor", finish("sign_in_attempt", "sia_1"))
	mux.HandleFunc("POST /v1/client/sessions/sess_1/tokens", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, `{"object":"token","jwt":"%s"}`, stubToken())
	})
	mux.HandleFunc("POST /v1/client/sessions/sess_1/remove", func(w http.ResponseWriter, _ *http.Request) {
		s.set(func() { s.signedIn = false; s.removed++ })
		reply(w, `{"response":{"object":"session","id":"sess_1","status":"removed","expire_at":1},"client":%s}`, s.client())
	})
	// An instance that lists the loopback, and not the page of a terminal.
	mux.HandleFunc("POST /v1/client/hosted_auth", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.FormValue("redirect_url"), "http://127.0.0.1:") {
			refuse(w, "form_param_value_invalid", "is invalid", "redirect_url")
			return
		}
		w.Header().Set("Authorization", "stub-credential")
		reply(w, `{"response":{"object":"hosted_auth","url":"http://127.0.0.1:1/sign-in?flow=f"},"client":%s}`, s.client())
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.isDown() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func refuse(w http.ResponseWriter, code, message, param string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_, _ = fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q,"long_message":%q,"meta":{"param_name":%q}}]}`, code, message, message, param)
}

func reply(w http.ResponseWriter, format string, args ...any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, format, args...)
}

func (s *frontendStub) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *frontendStub) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

func (s *frontendStub) removals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removed
}

func (s *frontendStub) client() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sessions := ""
	if s.signedIn {
		sessions = fmt.Sprintf(`{"object":"session","id":"sess_1","status":"active","expire_at":%d,
			"user":{"id":"user_1","username":"ada"},"last_active_token":{"object":"token","jwt":"%s"}}`,
			time.Now().Add(time.Hour).UnixMilli(), stubToken())
	}
	return fmt.Sprintf(`{"object":"client","id":"client_1","updated_at":%d,"last_active_session_id":null,"sessions":[%s]}`,
		time.Now().UnixMilli(), sessions)
}

func stubToken() string {
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"sid":"sess_1","sub":"user_1","iat":%d,"exp":%d}`, time.Now().Unix(), time.Now().Add(time.Minute).Unix())
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + ".c2ln"
}
