package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/token"
	"github.com/perennialauth/perennial/wire"
)

// Bounds of expires_in_seconds of a session token.
const (
	minTokenLifetime = auth.MinJWTLifetime
	maxTokenLifetime = auth.MaxJWTLifetime
)

// sessionStatuses are those a list can be filtered by.
var sessionStatuses = map[auth.SessionStatus]bool{
	auth.SessionActive: true, auth.SessionPending: true, auth.SessionEnded: true, auth.SessionRemoved: true,
	auth.SessionRevoked: true, auth.SessionExpired: true, auth.SessionAbandoned: true, auth.SessionReplaced: true,
}

func (a *API) listSessions(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q := auth.SessionQuery{
		Client: auth.ClientID(f.String("client_id")), User: auth.UserID(f.String("user_id")),
		Status: auth.SessionStatus(f.String("status")),
	}
	if q.Status != "" && !sessionStatuses[q.Status] {
		f.Fail(auth.CodeParamInvalid, "status")
	}
	q.Limit, q.Offset = page(f)
	f.OptionalBool("paginated")
	if err := f.Err(); err != nil {
		return nil, err
	}
	sessions, total, err := a.Sessions.List(r.Context(), q)
	if err != nil {
		return nil, err
	}
	return listed(f, toSessions(sessions), total), nil
}

func sessionID(r *http.Request) (auth.SessionID, error) {
	return pathID[auth.SessionID](r, "session_id", "sess")
}

// sessionAnswer is the answer of every operation on one session.
func sessionAnswer(s auth.Session, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return toSession(s), nil
}

func (a *API) getSession(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := sessionID(r)
	if err != nil {
		return nil, err
	}
	return sessionAnswer(a.Sessions.Get(r.Context(), id))
}

func (a *API) revokeSession(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := sessionID(r)
	if err != nil {
		return nil, err
	}
	return sessionAnswer(a.Sessions.Revoke(r.Context(), id))
}

// verifySession answers for the time before back ends verified tokens
// themselves, and for SDKs that still have the call.
func (a *API) verifySession(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := sessionID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	text := f.Required("token")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return sessionAnswer(a.Sessions.Verify(r.Context(), id, text))
}

func (a *API) createSession(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	user, org := f.Required("user_id"), f.String("active_organization_id")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return sessionAnswer(a.Sessions.Create(r.Context(), auth.UserID(user), auth.OrganizationID(org)))
}

func (a *API) createSessionToken(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := sessionID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	lifetime := tokenLifetime(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	version := token.ClaimsVersionFor(r.Header.Get("Clerk-Api-Version"))
	signed, err := a.Sessions.Token(r.Context(), id, version, lifetime)
	if err != nil {
		return nil, err
	}
	return wire.Token{Object: "token", JWT: signed.JWT}, nil
}

// refreshSession: the instance hands out no refresh tokens, so none is valid.
// The status makes the SDKs fall back to the handshake.
func (a *API) refreshSession(_ http.ResponseWriter, _ *http.Request) (any, error) {
	return nil, auth.RefuseParam(auth.CodeRefreshTokenInvalid, "refresh_token")
}
