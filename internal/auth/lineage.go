package auth

import "time"

// LineageID names a line of bound credentials: those of one device key on one
// client, each the successor of the one before.
type LineageID [16]byte

// KeyThumbprint names a device's public key (RFC 7638, SHA-256).
type KeyThumbprint [32]byte

// BoundToken is what a bound credential says. It is worth nothing without a
// proof of possession of Key, and it is derived: the store keeps no trace of
// one before it is presented.
type BoundToken struct {
	Client     ClientID
	Lineage    LineageID
	Key        KeyThumbprint
	Generation int64 // 1 for the first
}

// Lineage is what is known about a line of bound credentials. It is stored when
// the first of them is presented.
type Lineage struct {
	ID      LineageID
	Version int64 // compare-and-swap guard; zero means not stored yet
	Client  ClientID
	Key     KeyThumbprint
	// Generation is the newest that was presented. Its successor is handed out
	// to whoever presents it with the key, always the same one, until that is
	// presented.
	Generation int64
	// EndedAt is when somebody presented one of the credentials with another
	// key: it was stolen, and the line is over. Zero while it lives.
	EndedAt     time.Time
	PresentedAt time.Time // when Generation was presented first
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

const (
	// LineageMemory is how many generations back a credential is still
	// answered with the current one, to whoever holds the key: a device whose
	// store was restored from a backup survives, and a copy of its store that
	// was taken long ago is worth nothing.
	LineageMemory = 8
	// RotationInterval is the shortest time between two rotations of a
	// lineage. A request within it is answered without a successor.
	RotationInterval = time.Minute
	// MaxLineages bounds the lineages that are stored for a client. Beyond it
	// the one that was changed longest ago is forgotten.
	MaxLineages = 64
	// LineageForget is how long after its last change a lineage is forgotten.
	// No session that was there then can still be signed in. One that comes
	// back is stored anew by the credential that is presented.
	LineageForget = SessionLifetime + 35*24*time.Hour
)

// Presentation is what presenting a bound credential comes to.
type Presentation int

// Presentations of a credential by whoever holds its key.
const (
	PresentedCurrent  Presentation = iota // the newest, as before
	PresentedAdvance                      // a successor, for the first time: Generation moved
	PresentedBehind                       // a predecessor: answered with the current one
	PresentedOutdated                     // a predecessor of long ago: worth nothing
	PresentedEnded                        // of a lineage that is over: worth nothing
)

// Present returns the lineage after token was presented with its key at now,
// and what that came to. Only [PresentedAdvance] changes it. The lineage may
// be the zero one: then this is the first that the store hears of it, or it was
// restored to a state before.
func (l Lineage) Present(token BoundToken, now time.Time) (Lineage, Presentation) {
	switch {
	case !l.EndedAt.IsZero():
		return l, PresentedEnded
	case token.Generation == l.Generation:
		return l, PresentedCurrent
	case token.Generation > l.Generation:
		l.advance(token, now)
		return l, PresentedAdvance
	case l.Generation-token.Generation <= LineageMemory:
		return l, PresentedBehind
	default:
		return l, PresentedOutdated
	}
}

func (l *Lineage) advance(token BoundToken, now time.Time) {
	l.identify(token, now)
	l.Generation, l.PresentedAt, l.UpdatedAt = token.Generation, now, now
}

func (l *Lineage) identify(token BoundToken, now time.Time) {
	if l.Version == 0 {
		l.ID, l.Client, l.Key, l.CreatedAt = token.Lineage, token.Client, token.Key, now
	}
}

// End returns the lineage after token was presented with a foreign key.
// Changed is false when it was over already.
func (l Lineage) End(token BoundToken, now time.Time) (_ Lineage, changed bool) {
	if !l.EndedAt.IsZero() {
		return l, false
	}
	l.identify(token, now)
	l.EndedAt, l.UpdatedAt = now, now
	return l, true
}

// MayRotate says whether a successor of the current credential is handed out
// at now. Once it is, it stays so until the successor is presented, so that
// asking again after a lost answer always helps.
func (l Lineage) MayRotate(now time.Time) bool {
	return l.EndedAt.IsZero() && !now.Before(l.PresentedAt.Add(RotationInterval))
}

// Token is the credential of a generation of the lineage.
func (l Lineage) Token(generation int64) BoundToken {
	return BoundToken{Client: l.Client, Lineage: l.ID, Key: l.Key, Generation: generation}
}
