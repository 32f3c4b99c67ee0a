package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// answer does what the published server does, as far as a device needs it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, at int) {
	_ = r.ParseForm()
	s.mu.Lock()
	handOut, served := s.bindLocked(w, r)
	status, header, body := refuse(http.StatusUnauthorized, "device_proof_required")
	if served {
		status, header, body = s.handleLocked(r)
	}
	if header == "" {
		header = handOut
	}
	date := time.Now().Add(s.skew)
	s.mu.Unlock()
	s.setStatus(at, status)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
	if header != "" {
		w.Header().Set("Authorization", header)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(status int, code string) (int, string, any) {
	return status, "", json.RawMessage(ErrorBody(code))
}

func failed(code string) (int, any) {
	return http.StatusUnprocessableEntity, json.RawMessage(ErrorBody(code))
}

// handleLocked returns status, client credential to hand out, and body.
func (s *Server) handleLocked(r *http.Request) (int, string, any) {
	credential, handedOut := r.Header.Get("Authorization"), ""
	c := s.clients[credential]
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	if c == nil && (path == "/client" || path == "/client/hosted_auth" || strings.HasPrefix(path, "/client/sign_")) {
		credential, c = s.newClientLocked()
		handedOut = credential
	}
	if c == nil {
		return refuse(http.StatusUnauthorized, "authentication_invalid")
	}
	if handedOut == "" {
		handedOut = s.rotatedLocked(c, credential)
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case path == "/client" && r.Form.Get("rotating_token_nonce") != "":
		status, body := s.redeemLocked(c, r.Form)
		return status, handedOut, body
	case path == "/client/hosted_auth":
		status, body := s.startFlowLocked(c, r.Form)
		return status, handedOut, body
	case path == "/client":
		return http.StatusOK, handedOut, s.envelopeLocked(s.clientLocked(c), nil)
	case path == "/client/sessions" && r.Method == http.MethodDelete:
		for _, session := range c.sessions {
			session.status = "removed"
		}
		s.updated++
		return http.StatusOK, "", s.envelopeLocked(s.clientLocked(c), nil)
	case strings.HasPrefix(path, "/client/sessions/") && len(parts) == 4:
		status, _, body := s.sessionLocked(c, parts[2], parts[3])
		return status, handedOut, body
	case strings.HasPrefix(path, "/client/sign_"):
		status, body := s.attemptLocked(c, r, parts)
		return status, handedOut, body
	}
	return refuse(http.StatusNotFound, "resource_not_found")
}

func (s *Server) sessionLocked(c *clientState, id, action string) (int, string, any) {
	for _, session := range c.sessions {
		if session.id != id {
			continue
		}
		switch action {
		case "remove":
			session.status = "removed"
			s.updated++
			return http.StatusOK, "", s.envelopeLocked(s.sessionDocLocked(session), s.clientLocked(c))
		case "tokens":
			if session.status != "active" {
				return refuse(http.StatusUnauthorized, "authentication_invalid")
			}
			return http.StatusOK, "", s.jwtLocked(session)
		}
	}
	if action == "tokens" {
		return refuse(http.StatusUnauthorized, "authentication_invalid")
	}
	return refuse(http.StatusNotFound, "resource_not_found")
}

// attemptLocked moves a sign-in or sign-up attempt.
func (s *Server) attemptLocked(c *clientState, r *http.Request, parts []string) (int, any) {
	signUp := parts[1] == "sign_ups"
	action := "create"
	if len(parts) == 4 {
		action = parts[3]
	}
	form := r.Form
	complete := func() {
		if c.attempt.created == "" {
			c.attempt.created = s.newSessionLocked(c, s.user(c.attempt.email))
		}
		c.attempt.status = "complete"
	}
	if action != "create" && (c.attempt == nil || c.attempt.id != parts[2]) {
		return http.StatusNotFound, json.RawMessage(ErrorBody("resource_not_found"))
	}
	switch action {
	case "create":
		s.made++
		c.attempt = &attemptState{id: "att_" + time.Now().Format("150405") + string(rune('a'+s.made%26)), signUp: signUp}
		c.attempt.email = form.Get("identifier") + form.Get("email_address")
		c.attempt.status = "needs_first_factor"
		if signUp {
			c.attempt.status = "missing_requirements"
		}
		if password := form.Get("password"); password != "" && !signUp {
			if password != Password {
				return http.StatusUnprocessableEntity, json.RawMessage(ErrorBody("form_password_incorrect"))
			}
			complete()
		}
	case "attempt_first_factor", "attempt_verification":
		if form.Get("code") != Code {
			return http.StatusUnprocessableEntity, json.RawMessage(ErrorBody("form_code_incorrect"))
		}
		if form.Get("strategy") == "reset_password_email_code" {
			c.attempt.status = "needs_new_password"
		} else {
			complete()
		}
	case "reset_password":
		complete()
	}
	return http.StatusOK, s.envelopeLocked(s.attemptDocLocked(c.attempt), s.clientLocked(c))
}

func (s *Server) user(email string) string {
	if email == SecondEmail {
		return SecondUserID
	}
	return UserID
}

func (s *Server) envelopeLocked(response, client any) any {
	return map[string]any{"response": response, "client": client}
}

func (s *Server) clientLocked(c *clientState) any {
	sessions, last := []any{}, any(nil)
	for _, session := range c.sessions {
		if session.status == "active" || session.status == "pending" {
			sessions = append(sessions, s.sessionDocLocked(session))
			last = session.id
		}
	}
	return map[string]any{
		"object": "client", "id": c.id, "sessions": sessions, "last_active_session_id": last,
		"sign_in": nil, "sign_up": nil, "created_at": s.updated, "updated_at": s.updated,
	}
}

func (s *Server) sessionDocLocked(session *sessionState) any {
	email := Email
	if session.user == SecondUserID {
		email = SecondEmail
	}
	doc := map[string]any{
		"object": "session", "id": session.id, "status": session.status,
		"expire_at": time.Now().Add(90 * 24 * time.Hour).UnixMilli(), "tasks": nil,
		"user": map[string]any{
			"id": session.user, "first_name": "First", "last_name": "Last", "image_url": "https://example.com/i.png",
			"primary_email_address_id": "idn_1",
			"email_addresses":          []any{map[string]any{"id": "idn_1", "email_address": email}},
		},
		"last_active_token": nil,
	}
	if session.status == "active" {
		doc["last_active_token"] = s.jwtLocked(session)
	}
	if session.task != "" {
		doc["tasks"] = []any{map[string]any{"key": session.task}}
	}
	return doc
}

func (s *Server) attemptDocLocked(a *attemptState) any {
	var created any
	if a.created != "" {
		created = a.created
	}
	if a.signUp {
		return map[string]any{
			"object": "sign_up_attempt", "id": a.id, "status": a.status, "created_session_id": created,
			"missing_fields": []any{}, "unverified_fields": []any{"email_address"}, "email_address": a.email,
		}
	}
	factor := func(strategy string) any {
		return map[string]any{"strategy": strategy, "safe_identifier": "f***@example.com", "email_address_id": "idn_1"}
	}
	return map[string]any{
		"object": "sign_in_attempt", "id": a.id, "status": a.status, "created_session_id": created,
		"supported_first_factors":  []any{factor("password"), factor("email_code"), factor("reset_password_email_code")},
		"supported_second_factors": nil,
	}
}
