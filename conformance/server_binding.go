package conformance

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/proof"
)

// binding is the part of the server that binds credentials to device keys. A
// text is that of the credential it was branched from, "-bound-", the generation
// and the beginning of the key's name; each key has a line of its own.
type binding struct {
	checker *proof.Checker
	lines   map[string]*boundLine // by the end of their texts
}

type boundLine struct {
	key       proof.Key
	origin    string
	presented int
}

const boundMark = "-bound-"

// Bind makes the server bind credentials from now on.
func (s *Server) Bind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.binding.lines = make(map[string]*boundLine)
	s.binding.checker = proof.NewChecker(s.url, []byte("nonces"), func() time.Time {
		return time.Now().Add(s.skew) // asked with the lock held
	}).BeganAt(time.Now().Add(-time.Hour))
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
	w.Header().Set("Perennial-Credential", "none")
	if credential != "" {
		w.Header().Set("Perennial-Credential", proof.Hash(credential))
	}
	found, err := b.checker.Check(r.Header.Get("DPoP"), proof.Request{
		Method: r.Method, Host: r.Host, Path: r.URL.Path, Credential: credential,
	})
	generation, line := b.find(credential)
	switch {
	case errors.Is(err, proof.ErrUnaccompanied):
		w.Header().Set("WWW-Authenticate", `DPoP algs="EdDSA ES256", error="invalid_dpop_proof"`)
		return "", false
	case strings.Contains(credential, boundMark) && (err != nil || line == nil || !found.Key.Equal(line.key)):
		w.Header().Set("WWW-Authenticate", `DPoP algs="EdDSA ES256", error="use_dpop_nonce"`)
		return "", false
	case line != nil && generation < line.presented:
		return s.boundLocked(w, line, line.presented), true
	case line != nil:
		line.presented = generation
		if found.Rotate {
			return s.boundLocked(w, line, generation+1), true
		}
	case err == nil && found.Rotate && s.clients[credential] != nil:
		name := lineName(found.Key)
		if b.lines[name] == nil {
			b.lines[name] = &boundLine{found.Key, credential, 1}
		}
		return s.boundLocked(w, b.lines[name], b.lines[name].presented), true
	}
	return "", true
}

// find reads a bound credential.
func (b *binding) find(credential string) (generation int, line *boundLine) {
	_, rest, _ := strings.Cut(credential, boundMark)
	number, name, _ := strings.Cut(rest, "-")
	generation, err := strconv.Atoi(number)
	if err != nil {
		return 0, nil
	}
	return generation, b.lines[name]
}

func lineName(key proof.Key) string { return hex.EncodeToString(key[:4]) }

// boundLocked hands out a generation of the line.
func (s *Server) boundLocked(w http.ResponseWriter, line *boundLine, generation int) string {
	text := fmt.Sprint(line.origin, boundMark, generation, "-", lineName(line.key))
	s.clients[text] = s.clients[line.origin]
	w.Header().Set("Perennial-Key", line.key.String())
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
