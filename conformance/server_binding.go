package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/proof"
)

// binding is the part of the server that binds credentials to device keys. It
// keeps one line of credentials; a text of it is that of the credential it was
// branched from, "-bound-" and the generation.
type binding struct {
	checker   *proof.Checker
	key       proof.Key
	origin    string
	presented int
}

const boundMark = "-bound-"

// Bind makes the server bind credentials from now on.
func (s *Server) Bind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.binding.checker = proof.NewChecker(s.url, []byte("nonces"), func() time.Time {
		return time.Now().Add(s.skew) // asked with the lock held
	})
}

// SetAhead moves the server's clock.
func (s *Server) SetAhead(ahead time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = ahead
}

// bindLocked judges the proof of a request and returns what to hand out for it.
// A bound credential without a proof of its key is not served.
func (s *Server) bindLocked(w http.ResponseWriter, r *http.Request) (handOut string, served bool) {
	b := &s.binding
	if b.checker == nil {
		return "", true
	}
	w.Header().Set("DPoP-Nonce", b.checker.Nonce())
	credential := r.Header.Get("Authorization")
	found, err := b.checker.Check(r.Header.Get("DPoP"), proof.Request{
		Method: r.Method, Host: r.Host, Path: r.URL.Path, Credential: credential,
	})
	generation, bound := boundText(credential)
	switch {
	case bound && (err != nil || !found.Key.Equal(b.key)):
		w.Header().Set("WWW-Authenticate", `DPoP algs="EdDSA ES256", error="use_dpop_nonce"`)
		return "", false
	case bound && generation < b.presented:
		return s.boundLocked(w, b.presented), true
	case bound:
		b.presented = generation
		if found.Rotate {
			return s.boundLocked(w, generation+1), true
		}
		return "", true
	case err == nil && found.Rotate && s.clients[credential] != nil && (b.origin == "" || b.origin == credential):
		b.key, b.origin, b.presented = found.Key, credential, max(b.presented, 1)
		return s.boundLocked(w, b.presented), true
	}
	return "", true
}

func boundText(credential string) (generation int, ok bool) {
	_, number, ok := strings.Cut(credential, boundMark)
	generation, err := strconv.Atoi(number)
	return generation, ok && err == nil
}

// boundLocked hands out a generation of the line.
func (s *Server) boundLocked(w http.ResponseWriter, generation int) string {
	text := fmt.Sprint(s.binding.origin, boundMark, generation)
	s.clients[text] = s.clients[s.binding.origin]
	w.Header().Set("Perennial-Key", s.binding.key.String())
	return text
}

// comes asks for tokens until the store holds what it must in the end: a
// credential is proved by being used.
func (r *run) comes(step Step) error {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		err := r.stores(step.Stored)
		if err == nil || time.Now().After(end) {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, _ = r.client.Token(ctx, true)
		cancel()
	}
}
