package frontendapi

import (
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// toClient is the published document of the caller's client.
func (a *API) toClient(c *call) (*wire.Client, error) {
	agg, now := c.caller.Client, a.Now()
	out := &wire.Client{
		Object: "client", ID: string(agg.Client.ID), Sessions: []wire.Session{},
		LastActiveSession: respond.OrNull(string(agg.LastActive(now))), LastAuthStrategy: respond.OrNull(string(agg.Client.LastStrategy)),
		// No captcha is ever asked for, and clients must not wait for one.
		CaptchaBypass: true,
		CreatedAt:     agg.Client.CreatedAt.UnixMilli(), UpdatedAt: agg.Client.UpdatedAt.UnixMilli(),
	}
	for _, s := range agg.SignedInSessions(now) {
		out.Sessions = append(out.Sessions, *a.toSession(c, s))
	}
	if agg.SignIn != nil && open(agg.SignIn.Status(now)) {
		view, err := a.SignIns.Describe(c.r.Context(), *agg.SignIn, c.known)
		if err != nil {
			return nil, err
		}
		out.SignIn = a.signInDoc(view)
	}
	if agg.SignUp != nil && agg.SignUp.Status(now) == auth.SignUpMissingRequirements {
		out.SignUp = a.signUpDoc(*agg.SignUp, agg)
	}
	return out, nil
}

// open says whether an attempt is still shown on its client.
func open(s auth.SignInStatus) bool { return s != auth.SignInComplete && s != auth.SignInAbandoned }

// toSession is the published document of a session of the caller. A live one
// carries a token, which saves its client a round trip and gives an app that
// starts offline something to show. Each one does: an app that is shown another
// session than the last active one reads its claims from there, and published
// React hooks throw where a session has none.
func (a *API) toSession(c *call, s auth.Session) *wire.Session {
	agg, now := c.caller.Client, a.Now()
	s = a.Sessions.Acting(agg, s)
	out := &wire.Session{
		Object: "session", ID: string(s.ID), Status: publishedStatus(s.StatusAt(now)),
		ExpireAt: s.ExpireAt.UnixMilli(), AbandonAt: s.AbandonAt.UnixMilli(), LastActiveAt: s.LastActiveAt.UnixMilli(),
		LastActiveOrg: respond.OrNull(string(s.Organization)), Tasks: toTasks(s.Tasks), Actor: toActor(c, s.Actor), FactorAge: s.FactorAge(now), LatestActivity: toActivity(s),
		CreatedAt: s.CreatedAt.UnixMilli(), UpdatedAt: s.UpdatedAt.UnixMilli(),
	}
	user, ok := agg.Users[s.User]
	if !ok { // over, so that the client no longer shows it
		user, ok = a.Sessions.Owner(c.r.Context(), s)
	}
	if ok {
		out.User, out.PublicUserData = a.toPerson(c, user), a.toPublicUserData(user)
	} else {
		// The user of an ended session may be deleted; published decoders need
		// the member all the same.
		out.PublicUserData = a.toPublicUserData(auth.User{ID: s.User})
	}
	// A list of one's own sessions also shows those of other devices. Their tokens
	// are theirs: whoever acts for a user would get one without an actor.
	if _, here := agg.Session(s.ID); here && s.SignedIn(now) {
		// Without the token the document is still complete: who needs one asks.
		if signed, err := a.Sessions.Token(agg, s, c.audience()); err == nil {
			out.LastActiveToken = &wire.Token{Object: "token", JWT: signed.JWT}
		}
	}
	return out
}

// toActor is null for the iOS SDK: its published decoders take no object here,
// and fail the whole client.
func toActor(c *call, actor auth.Actor) json.RawMessage {
	if c.r.Header.Get("x-ios-sdk-version") != "" {
		actor = ""
	}
	return actor.JSON()
}

// toTasks is null when nothing is left to do.
func toTasks(tasks auth.Tasks) (out []wire.SessionTask) {
	for _, t := range tasks.List() {
		out = append(out, wire.SessionTask{Key: string(t)})
	}
	return out
}

// publishedStatus is the status in the words of the Frontend API, which has
// none of its own for a session that another one replaced.
func publishedStatus(s auth.SessionStatus) string {
	if s == auth.SessionReplaced {
		s = auth.SessionEnded
	}
	return string(s)
}

// toActivity is null for a session that no device has used.
func toActivity(s auth.Session) *wire.Activity {
	if s.Activity == (auth.Activity{}) {
		return nil
	}
	return &wire.Activity{
		Object: "session_activity", ID: "sess_activity_" + strings.TrimPrefix(string(s.ID), "sess_"),
		DeviceType: respond.OrNull(s.Activity.DeviceType), IsMobile: s.Activity.Mobile,
		BrowserName: respond.OrNull(s.Activity.Browser), IPAddress: respond.OrNull(s.Activity.IPAddress),
		City: respond.OrNull(s.Activity.City), Country: respond.OrNull(s.Activity.Country),
	}
}

func (a *API) toPublicUserData(u auth.User) *wire.PublicUserData {
	return &wire.PublicUserData{
		FirstName: respond.OrNull(u.FirstName), LastName: respond.OrNull(u.LastName), Identifier: u.Identifier(),
		UserID: string(u.ID), Username: respond.OrNull(u.Username), Banned: u.Banned,
		ImageURL: respond.PersonURL(a.PublicURL, u), ProfileImageURL: respond.PersonURL(a.PublicURL, u), HasImage: u.HasImage(),
	}
}
