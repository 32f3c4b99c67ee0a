package auth

import "time"

// Client is one browser or installed app: the container of sessions and of at
// most one sign-in and one sign-up attempt.
type Client struct {
	ID                ClientID
	Version           int64 // compare-and-swap guard; zero means not stored yet
	LastActiveSession SessionID
	SignIn            SignInID  // current attempt, or empty
	SignUp            SignUpID  // current attempt, or empty
	LastStrategy      Strategy  // of the last completed sign-in, or empty
	SignedInOrOutAt   time.Time // last sign-in or sign-out: the client_uat of browsers
	Deleted           bool      // tombstone: positive knowledge that the client is over
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// ClientToken maps the hash of a client token to its client. Every token ever
// handed out for a client keeps resolving to it for the client's life, so that
// a late answer carrying an older one cannot strand a device.
type ClientToken struct {
	Hash       [32]byte
	Client     ClientID
	Generation int64 // 1 for the first, then rising
	CreatedAt  time.Time
}

// SessionStatus is the state of a session.
type SessionStatus string

// Session statuses by their published names. Only active and pending count as
// signed in; the others are terminal.
const (
	SessionActive    SessionStatus = "active"
	SessionPending   SessionStatus = "pending"
	SessionEnded     SessionStatus = "ended"
	SessionRemoved   SessionStatus = "removed"
	SessionRevoked   SessionStatus = "revoked"
	SessionExpired   SessionStatus = "expired"
	SessionAbandoned SessionStatus = "abandoned"
	SessionReplaced  SessionStatus = "replaced"
)

// Session is a signed-in user on a client.
type Session struct {
	ID             SessionID
	Version        int64 // compare-and-swap guard; zero means not stored yet
	Client         ClientID
	User           UserID
	Status         SessionStatus
	Tasks          Tasks     // open ones; the session is pending while there are any
	FirstFactorAt  time.Time // when the first factor was last proven
	SecondFactorAt time.Time // zero when no second factor was proven
	Activity       Activity
	LastActiveAt   time.Time
	ExpireAt       time.Time // hard end
	AbandonAt      time.Time // end of inactivity; moves with every use
	// Organization is the one the session acts in, as last chosen; whether its
	// user still belongs to it says [ClientAggregate.Active].
	Organization OrganizationID
	Actor        Actor // who acts in the place of the user, if somebody does
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Activity describes where a session was last used, for the person who owns it.
type Activity struct {
	IPAddress  string
	UserAgent  string // as sent, cut to 256 bytes
	DeviceType string
	Browser    string
	Mobile     bool
	City       string // as a proxy said
	Country    string // two letters
}

const (
	// SessionLifetime is the hard end of a session.
	SessionLifetime = 365 * 24 * time.Hour
	// SessionInactivity ends a session that nobody used: long, because a
	// session must survive a phone that lay in a drawer.
	SessionInactivity = 90 * 24 * time.Hour
	// TouchInterval is the coarsest age of LastActiveAt: a touch or mint within
	// it does not write.
	TouchInterval = time.Minute
)

// StatusAt is the status at now: a live session past one of its ends is
// expired or abandoned, whether or not a sweep has stored that yet.
func (s Session) StatusAt(now time.Time) SessionStatus {
	if s.Status != SessionActive && s.Status != SessionPending {
		return s.Status
	}
	if !now.Before(s.ExpireAt) {
		return SessionExpired
	}
	if !now.Before(s.AbandonAt) {
		return SessionAbandoned
	}
	return s.Status
}

// SignedIn says whether the session counts as signed in at now.
func (s Session) SignedIn(now time.Time) bool {
	st := s.StatusAt(now)
	return st == SessionActive || st == SessionPending
}

// Touch returns the session after use at now. Changed is false when the last
// use is too recent to be worth a write.
func (s Session) Touch(a Activity, now time.Time) (_ Session, changed bool) {
	if now.Sub(s.LastActiveAt) < TouchInterval && a == s.Activity {
		return s, false
	}
	s.LastActiveAt, s.UpdatedAt, s.Activity = now, now, a
	s.AbandonAt = now.Add(SessionInactivity)
	return s, true
}

// End returns the session in a terminal status. A session that is already over
// keeps its first ending, which makes every terminal operation idempotent.
func (s Session) End(status SessionStatus, now time.Time) Session {
	if s.SignedIn(now) {
		s.Status, s.UpdatedAt = status, now
	} else {
		s.Status = s.StatusAt(now)
	}
	return s
}

// FactorAge is the pair of minutes since the first and second factor were
// proven, -1 where a factor was not.
func (s Session) FactorAge(now time.Time) [2]int {
	age := func(t time.Time) int {
		if t.IsZero() {
			return -1
		}
		return max(0, int(now.Sub(t)/time.Minute))
	}
	return [2]int{age(s.FirstFactorAt), age(s.SecondFactorAt)}
}

// ClientAggregate is a client with everything a published client document
// shows: its signed-in sessions, their users and the current attempts.
type ClientAggregate struct {
	Client   Client
	Sessions []Session // every session not known to be over, oldest first; check SignedIn
	Users    map[UserID]User
	// Belongings are the memberships of each user, oldest first, at most
	// [BelongingsShown] and those that the sessions act in.
	Belongings map[UserID][]Belonging
	SignIn     *SignIn
	SignUp     *SignUp
}

// Session returns the session with this id on the client, whatever its status
// was when stored, and whether there is one.
func (a ClientAggregate) Session(id SessionID) (Session, bool) {
	for _, s := range a.Sessions {
		if s.ID == id {
			return s, true
		}
	}
	return Session{}, false
}

// SignedInSessions are the sessions that count as signed in at now, oldest first.
func (a ClientAggregate) SignedInSessions(now time.Time) []Session {
	var out []Session
	for _, s := range a.Sessions {
		if s.SignedIn(now) {
			out = append(out, s)
		}
	}
	return out
}

// LastActive is the session that is current at now: the recorded one when it is
// still signed in, else the most recently active one, else none. Native SDKs
// have no fallback of their own, so this is never empty while a session lives.
func (a ClientAggregate) LastActive(now time.Time) SessionID {
	var best Session
	for _, s := range a.SignedInSessions(now) {
		if s.ID == a.Client.LastActiveSession {
			return s.ID
		}
		if best.ID == "" || s.LastActiveAt.After(best.LastActiveAt) {
			best = s
		}
	}
	return best.ID
}
