package frontendapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/proof"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/token"
	"github.com/perennialauth/perennial/wire"
)

// call is one request on behalf of a client.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	native bool
	caller session.Caller
	// unproven is what is wrong with the proof of the request, if anything.
	unproven error
	// known is the user whom a sign-in attempt of this request was found to be of.
	known auth.User
}

// handler does what a request asks for and answers it, or says why not.
type handler func(c *call) error

// handle finds out who calls before h runs. A refusal still hands out the
// credential of a client that was created for it, or every retry of a mistyped
// password would begin with another client.
func (a *API) handle(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, native: isNative(r)}
		if err := a.resolve(c); err != nil {
			respond.Unavailable(w, r, err)
			return
		}
		if c.caller.Standing == session.Unproven {
			a.challenge(c)
			return
		}
		if err := h(c); err != nil {
			a.handOut(c)
			respond.Error(w, r, err)
		}
	}
}

// isNative says whether a native app asks: it names itself so, or it brings its
// credential in a header outside any web page.
func isNative(r *http.Request) bool {
	switch r.URL.Query().Get("_is_native") {
	case "1", "true":
		return true
	}
	return r.Header.Get("Authorization") != "" && r.Header.Get("Origin") == "" && r.Header.Get("Cookie") == ""
}

// credential is the client token of the request, or empty. A native request
// never counts for its cookies: it skips the origin check that keeps foreign
// pages from using them.
func (a *API) credential(c *call) string {
	if c.native {
		raw := strings.TrimSpace(c.r.Header.Get("Authorization"))
		if scheme, rest, ok := strings.Cut(raw, " "); ok && strings.EqualFold(scheme, "Bearer") {
			raw = strings.TrimSpace(rest)
		}
		if strings.EqualFold(raw, "Bearer") {
			return ""
		}
		return raw
	}
	if cookie, err := c.r.Cookie(respond.ClientCookie); err == nil {
		return cookie.Value
	}
	return ""
}

// handOut gives the caller a credential where it needs one: native apps only
// when it differs from what they sent, because they store every one they see;
// browsers also to prolong what they have.
func (a *API) handOut(c *call) {
	if c.native {
		if c.caller.Issued != "" && c.caller.Issued != c.caller.Presented {
			c.w.Header().Set("Authorization", c.caller.Issued)
			if key := c.caller.IssuedKey; key != (auth.KeyThumbprint{}) {
				c.w.Header().Set(boundHeader, proof.Key(key).String())
			}
		}
		return
	}
	a.cookies.Set(c.w, c.r, c.caller.Credential(), c.caller.SignedInAt(a.Now()))
}

// ensure gives a caller without a client a fresh one. When begins is true the
// request begins a sign-in or sign-up, see [session.Clients.Admit].
func (a *API) ensure(c *call, begins bool) (err error) {
	d := session.Device{
		ID: c.r.Header.Get("x-native-device-id"), App: c.r.Header.Get("x-bundle-id"), Address: respond.ClientAddress(c.r),
	}
	if begins {
		c.caller, err = a.Clients.Admit(c.r.Context(), c.caller, d)
	} else {
		c.caller, err = a.Clients.Ensure(c.r.Context(), c.caller, d)
	}
	return err
}

// limit refuses a request whose address has tried too much.
func (a *API) limit(c *call) error {
	if wait, ok := a.Addresses.Take(ratelimit.AddressKey(respond.ClientAddress(c.r))); !ok {
		return &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	return nil
}

// answer writes the resource with the client as it is after the request, so
// that a new session is there before anybody looks for it. A client that
// cannot be read again is trouble of ours: the change is done, and repeating
// the request is harmless.
func (a *API) answer(c *call, resource any) error {
	return a.answerWith(c, func(*wire.Client) any { return resource })
}

// answerWith is [API.answer] for a resource that shows the client as it is
// after the request, which resource is given; nil when there is none.
func (a *API) answerWith(c *call, resource func(*wire.Client) any) error {
	var client *wire.Client
	if c.caller.Standing == session.Known {
		var err error
		if c.caller, err = a.Clients.Reload(c.r.Context(), c.caller); err != nil {
			return err
		}
		if client, err = a.toClient(c); err != nil {
			return err
		}
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.Envelope{Response: resource(client), Client: client})
	return nil
}

// read is the request's body as a form.
func (c *call) read() (*respond.Form, error) { return respond.Read(c.w, c.r) }

// audience is who a session token asked for by this request is for.
func (c *call) audience() session.Audience {
	version := c.r.URL.Query().Get("__clerk_api_version")
	if version == "" {
		version = c.r.Header.Get("Clerk-Api-Version")
	}
	to := session.Audience{Version: token.ClaimsVersionFor(version)}
	if origin := c.r.Header.Get("Origin"); !c.native && origin != "null" {
		to.Origin = origin
	}
	return to
}

// sessionID is the session that a path names. Garbage is a session that does
// not exist, without asking the store.
func (c *call) sessionID() (auth.SessionID, error) {
	id := c.r.PathValue("session_id")
	if !auth.ValidID("sess", id) {
		return "", auth.Refuse(auth.CodeResourceNotFound)
	}
	return auth.SessionID(id), nil
}

// acting is the session that a request about the person acts for: the one it
// names, else the current one.
func (a *API) acting(c *call) (auth.Session, auth.User, error) {
	found, err := a.Sessions.Find(c.caller, auth.SessionID(c.r.URL.Query().Get("_clerk_session_id")))
	if err != nil {
		return auth.Session{}, auth.User{}, err
	}
	user, ok := c.caller.Client.Users[found.User]
	if !ok {
		return auth.Session{}, auth.User{}, fmt.Errorf("user of a signed-in session is not there: %w", auth.ErrUnavailable)
	}
	return found, user, nil
}
