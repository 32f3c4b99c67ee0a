package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// ownSessionsLimit bounds the list a person is shown of their own sessions.
const ownSessionsLimit = 200

// OfUser lists the signed-in sessions of a user on every client, newest first.
func (s *Sessions) OfUser(ctx context.Context, user auth.UserID) ([]auth.Session, error) {
	page, _, err := s.Store.Sessions(ctx, auth.SessionQuery{
		User: user, Status: auth.SessionActive, Now: s.Now(), Limit: ownSessionsLimit,
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return page, nil
}

// RevokeOwn ends a session of the same user on any client. One that is over
// keeps its first ending; one of somebody else is refused like one that does
// not exist, with [auth.CodeResourceNotFound].
func (s *Sessions) RevokeOwn(ctx context.Context, user auth.UserID, id auth.SessionID) (out auth.Session, err error) {
	err = auth.Retry(func() error {
		found, err := s.Store.Session(ctx, id)
		if errors.Is(err, auth.ErrNotFound) || (err == nil && found.User != user) {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		if err != nil {
			return fmt.Errorf("revoke session: %w", err)
		}
		now := s.Now()
		if out = found.End(auth.SessionRevoked, now); !found.SignedIn(now) {
			return nil
		}
		agg, err := s.Store.ClientByID(ctx, found.Client)
		if err != nil {
			return fmt.Errorf("revoke session: %w", err)
		}
		return s.Store.Commit(ctx, agg.EndSession(found, auth.SessionRevoked, now))
	})
	return out, err
}

// RevokeOthers ends every session of a user but one, on every client. Those that
// wait for a task end, too.
func (s *Sessions) RevokeOthers(ctx context.Context, user auth.UserID, keep auth.SessionID) error {
	var others []auth.SessionID
	for _, status := range []auth.SessionStatus{auth.SessionActive, auth.SessionPending} {
		for more, offset := true, 0; more; offset += ownSessionsLimit {
			page, _, err := s.Store.Sessions(ctx, auth.SessionQuery{
				User: user, Status: status, Now: s.Now(), Limit: ownSessionsLimit, Offset: offset,
			})
			if err != nil {
				return fmt.Errorf("list sessions: %w", err)
			}
			for _, each := range page {
				if each.ID != keep {
					others = append(others, each.ID)
				}
			}
			more = len(page) == ownSessionsLimit
		}
	}
	for _, id := range others {
		if _, err := s.RevokeOwn(ctx, user, id); err != nil {
			return err
		}
	}
	return nil
}
