package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// sessionPage is how many sessions one read asks for.
const sessionPage = 500

// sessionLister returns one page of sessions and the number of all that match.
type sessionLister interface {
	Sessions(ctx context.Context, q auth.SessionQuery) (page []auth.Session, total int, err error)
}

// endings returns every session of the user that counts as signed in, except
// keep, revoked at now. A session that starts after this read writes its user
// too, so the commit of what is returned here together with the user fails
// with [auth.ErrConflict] and the caller reads again: none slips through.
func endings(
	ctx context.Context, store sessionLister, id auth.UserID, keep auth.SessionID, now time.Time,
) (out []auth.Session, err error) {
	seen := map[auth.SessionID]bool{keep: true}
	for _, status := range []auth.SessionStatus{auth.SessionActive, auth.SessionPending} {
		for offset := 0; ; offset += sessionPage {
			page, _, err := store.Sessions(ctx, auth.SessionQuery{
				User: id, Status: status, Now: now, Limit: sessionPage, Offset: offset,
			})
			if err != nil {
				return nil, err
			}
			for _, s := range page {
				if s.SignedIn(now) && !seen[s.ID] {
					seen[s.ID] = true
					out = append(out, s.End(auth.SessionRevoked, now))
				}
			}
			if len(page) < sessionPage {
				break
			}
		}
	}
	return out, nil
}

// sessionsOf is what a change of the user does to the user's sessions: either
// they end, or those that waited for the change go on.
func (a *Admin) sessionsOf(ctx context.Context, u auth.User, signOut bool, now time.Time) (auth.Change, error) {
	if !signOut {
		return tasksDone(ctx, a.Store, u, now)
	}
	ended, err := a.revokeAll(ctx, u.ID, now)
	return auth.Change{Sessions: ended}, err
}

// revokeAll is [endings] of every session of the user.
func (a *Admin) revokeAll(ctx context.Context, id auth.UserID, now time.Time) ([]auth.Session, error) {
	return endings(ctx, a.Store, id, "", now)
}
