package user

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// contact is an address or a number of an account, as far as proving it goes.
type contact struct {
	id    auth.IdentificationID
	to    string
	proof auth.Verification
}

// contacts are the addresses or the numbers of accounts.
type contacts struct {
	strategy auth.Strategy
	param    string // what a refusal is about
	get      func(u auth.User, id auth.IdentificationID) (contact, bool)
	// set puts a changed proof back and makes the first proven one primary.
	set    func(u *auth.User, c contact, now time.Time)
	holder holderOf
}

// holderOf finds the account that has proven an address or a number, or
// [auth.ErrNotFound].
type holderOf func(ctx context.Context, to string) (auth.User, error)

// taken says whether another account has proven this address or number.
func (c contacts) taken(ctx context.Context, id auth.UserID, to string) (bool, error) {
	holder, err := c.holder(ctx, to)
	if errors.Is(err, auth.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", c.param, err)
	}
	return holder.ID != id, nil
}

// prepare sends a code to one of the account's contacts. Asked again at once it
// answers the same and sends nothing.
func (s *Self) prepare(ctx context.Context, kind contacts, id auth.UserID, which auth.IdentificationID) (auth.User, error) {
	return s.onContact(ctx, kind, id, which, func(u auth.User, c contact, now time.Time) (contact, auth.Change, error) {
		if c.proof.Status == auth.VerificationVerified {
			return c, auth.Change{}, auth.Refuse(auth.CodeVerificationAlreadyVerified)
		}
		if _, err := s.unlocked(ctx, u.ID); err != nil {
			return c, auth.Change{}, err
		}
		send, err := c.proof.Reprepare(kind.strategy, c.id, now)
		if err != nil || !send {
			return c, auth.Change{}, err
		}
		if err := s.Settings().MayText(c.to, kind.param); err != nil {
			return c, auth.Change{}, err
		}
		if wait, ok := s.Codes.Take(kind.param + "\x00" + c.to); !ok {
			return c, auth.Change{}, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
		}
		hash, notice, err := s.contactCode(ctx, kind, u.ID, c, now)
		if err != nil {
			return c, auth.Change{}, err
		}
		notice.Language = u.Locale
		message, err := s.Mail.Compose(ctx, notice, now)
		if err != nil {
			return c, auth.Change{}, fmt.Errorf("compose code: %w", err)
		}
		c.proof = auth.NewCodeVerification(kind.strategy, c.id, hash, now)
		return c, auth.Change{Messages: []auth.Message{message}}, nil
	})
}

// contactCode draws a code and says what to send. The contact of another
// account gets a warning instead, and no code matches.
func (s *Self) contactCode(
	ctx context.Context, kind contacts, id auth.UserID, c contact, now time.Time,
) (hash [32]byte, n auth.Notice, err error) {
	taken, err := kind.taken(ctx, id, c.to)
	if err != nil {
		return hash, n, err
	}
	if taken {
		if _, err := io.ReadFull(s.Entropy, hash[:]); err != nil {
			return hash, n, fmt.Errorf("read entropy for code: %w", err)
		}
		return hash, auth.Notice{Kind: auth.NoticeAccountExists, To: c.to, At: now}, nil
	}
	code, n, err := verifyCode(s.Settings(), c.to, now, s.Entropy)
	return auth.HashCode(s.Pepper, string(c.id), code), n, err
}

// verifyCode draws a code that proves an address or a number, and says what to
// send: nothing, to those that exist for tests.
func verifyCode(set auth.Settings, to string, now time.Time, entropy io.Reader) (code string, n auth.Notice, err error) {
	if set.TestCodes && auth.TestIdentity(to) {
		return auth.TestCode, auth.Notice{At: now}, nil
	}
	code, err = auth.NewCode(entropy)
	return code, auth.Notice{Kind: auth.NoticeVerifyCode, To: to, Code: code, At: now}, err
}

// attempt submits the code of a contact. Whatever comes of it is stored before
// it is told, and failures count towards the lockout of the account: nobody may
// guess their way to an address of somebody else.
func (s *Self) attempt(
	ctx context.Context, kind contacts, id auth.UserID, which auth.IdentificationID, code string,
) (auth.User, error) {
	if code == "" {
		return auth.User{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	var refused error
	u, err := s.onContact(ctx, kind, id, which, func(u auth.User, c contact, now time.Time) (contact, auth.Change, error) {
		lockout, err := s.unlocked(ctx, u.ID)
		if err != nil {
			return c, auth.Change{}, err
		}
		before := c.proof.Status
		c.proof, refused = c.proof.AttemptCode(auth.HashCode(s.Pepper, string(c.id), code), now)
		var change auth.Change
		if refused != nil && before == auth.VerificationUnverified && c.proof.Status != auth.VerificationExpired {
			change.Lockouts = []auth.Lockout{lockout.Fail(now)}
		}
		return c, change, nil
	})
	if err == nil {
		err = refused
	}
	return u, err
}

// decideContact says what becomes of a contact, and what else belongs in the
// same commit.
type decideContact func(u auth.User, c contact, now time.Time) (contact, auth.Change, error)

// onContact changes one contact of the account and returns the account as it is
// then. Somebody else's and none at all are the same refusal. One that is
// unchanged is not written.
func (s *Self) onContact(
	ctx context.Context, kind contacts, id auth.UserID, which auth.IdentificationID, d decideContact,
) (out auth.User, err error) {
	err = auth.Retry(func() error {
		u, err := s.user(ctx, id)
		if err != nil {
			return err
		}
		c, ok := kind.get(u, which)
		if !ok {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		now := s.Now()
		next, change, err := d(u, c, now)
		if out = u; err != nil || next == c {
			return err
		}
		kind.set(&u, next, now)
		u.UpdatedAt, out = now, u
		change.Users = append(change.Users, u)
		return s.Store.Commit(ctx, change)
	})
	return out, refuseTaken(err)
}
