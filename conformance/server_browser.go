package conformance

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
)

// flowState is a sign-in in the browser, as the published hosted authentication
// has it.
type flowState struct {
	client                     *clientState
	state, challenge, redirect string
	user                       string
	nonce, session             string
	expired                    bool
}

// redemption is the route of a callback being redeemed.
const redemption = "POST /client?redeem"

// startFlowLocked answers POST /client/hosted_auth.
func (s *Server) startFlowLocked(c *clientState, form url.Values) (int, any) {
	s.made++
	ticket := fmt.Sprintf("flow-%d", s.made)
	s.flows[ticket] = &flowState{
		client: c, state: form.Get("state"), challenge: form.Get("code_challenge"), redirect: form.Get("redirect_url"),
	}
	return http.StatusOK, s.envelopeLocked(map[string]any{
		"object": "hosted_auth", "url": s.url + "/sign-in?flow=" + ticket,
	}, nil)
}

// Browse is what a person does in the browser: they open the address, sign in
// as user, and are sent to the address that it returns.
func (s *Server) Browse(address, user string) (callback string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flows[u.Query().Get("flow")]
	if f == nil {
		return "", fmt.Errorf("the address %q is not of a flow", address)
	}
	s.made++
	f.user, f.nonce, f.session = user, fmt.Sprintf("nonce-%d", s.made), fmt.Sprintf("sess_%d", s.made)
	q := url.Values{"state": {f.state}, "rotating_token_nonce": {f.nonce}, "created_session_id": {f.session}}
	return f.redirect + "?" + q.Encode(), nil
}

// ExpireFlows makes everything that browsers have brought back worthless.
func (s *Server) ExpireFlows() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flows {
		f.expired = true
	}
}

// redeemLocked gives the client that began a flow the session that was made in
// the browser. The same client gets the same answer again.
func (s *Server) redeemLocked(c *clientState, form url.Values) (int, any) {
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	for _, f := range s.flows {
		if f.nonce == "" || f.nonce != form.Get("rotating_token_nonce") || f.client != c || f.challenge != challenge {
			continue
		}
		if f.expired {
			return failed("verification_expired")
		}
		s.addSessionLocked(c, f)
		return http.StatusOK, s.envelopeLocked(s.clientLocked(c), nil)
	}
	return failed("form_param_value_invalid")
}

func (s *Server) addSessionLocked(c *clientState, f *flowState) {
	for _, session := range c.sessions {
		if session.id == f.session {
			return
		}
	}
	s.updated++
	c.sessions = append(c.sessions, &sessionState{id: f.session, status: "active", user: f.user})
}
