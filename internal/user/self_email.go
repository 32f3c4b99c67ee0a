package user

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// maxEmails bounds the addresses of one account: every one of them can be
// made to send mail.
const maxEmails = 20

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// AddEmail adds an address, unproven. One that somebody else has proven is
// refused, except where the instance protects who has an account: there it is
// added like any other and can never be proven.
func (s *Self) AddEmail(ctx context.Context, id auth.UserID, given string) (auth.EmailAddress, error) {
	const param = "email_address"
	address, err := auth.NormalizeEmail(given, param)
	if err != nil {
		return auth.EmailAddress{}, err
	}
	if taken, err := s.taken(ctx, id, address); err != nil {
		return auth.EmailAddress{}, err
	} else if taken && !s.Settings().EnumerationProtection {
		return auth.EmailAddress{}, auth.RefuseParam(auth.CodeIdentifierExists, param)
	}
	var added auth.EmailAddress
	_, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		for _, e := range u.Emails {
			if e.Address == address {
				return u, auth.Change{}, auth.RefuseParam(auth.CodeIdentifierExists, param)
			}
		}
		if len(u.Emails) >= maxEmails {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamTooLong, param)
		}
		emailID, err := auth.NewEmailID(now, s.Entropy)
		added = auth.EmailAddress{ID: emailID, Address: address, CreatedAt: now, UpdatedAt: now}
		u.Emails = append(u.Emails, added)
		return u, auth.Change{}, err
	})
	return added, err
}

// taken says whether another account has proven the address.
func (s *Self) taken(ctx context.Context, id auth.UserID, address string) (bool, error) {
	holder, err := s.Store.UserByEmail(ctx, address)
	if errors.Is(err, auth.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the address: %w", err)
	}
	return holder.ID != id, nil
}

// PrepareEmail sends a code to one of the account's addresses. Asked again at
// once it answers the same and sends nothing.
func (s *Self) PrepareEmail(ctx context.Context, id auth.UserID, email auth.EmailID) (auth.EmailAddress, error) {
	return s.onEmail(ctx, id, email, func(u auth.User, e auth.EmailAddress, now time.Time) (auth.EmailAddress, auth.Change, error) {
		if e.Verified() {
			return e, auth.Change{}, auth.Refuse(auth.CodeVerificationAlreadyVerified)
		}
		if _, err := s.unlocked(ctx, u.ID); err != nil {
			return e, auth.Change{}, err
		}
		send, err := e.Verification.Reprepare(auth.StrategyEmailCode, e.ID, now)
		if err != nil || !send {
			return e, auth.Change{}, err
		}
		if wait, ok := s.Codes.Take("email\x00" + e.Address); !ok {
			return e, auth.Change{}, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
		}
		hash, notice, err := s.emailCode(ctx, u.ID, e, now)
		if err != nil {
			return e, auth.Change{}, err
		}
		message, err := s.Mail.Compose(notice, now)
		if err != nil {
			return e, auth.Change{}, fmt.Errorf("compose code: %w", err)
		}
		e.Verification = auth.NewCodeVerification(auth.StrategyEmailCode, e.ID, hash, now)
		return e, auth.Change{Messages: []auth.Message{message}}, nil
	})
}

// emailCode draws a code for an address and says what to mail. The address of
// another account gets a warning instead, and no code matches.
func (s *Self) emailCode(ctx context.Context, id auth.UserID, e auth.EmailAddress, now time.Time) (hash [32]byte, n auth.Notice, err error) {
	code, err := auth.NewCode(s.Entropy)
	if err != nil {
		return hash, n, err
	}
	taken, err := s.taken(ctx, id, e.Address)
	if err != nil {
		return hash, n, err
	}
	switch {
	case taken:
		if _, err := io.ReadFull(s.Entropy, hash[:]); err != nil {
			return hash, n, fmt.Errorf("read entropy for code: %w", err)
		}
		return hash, auth.Notice{Kind: auth.NoticeAccountExists, To: e.Address, At: now}, nil
	case s.Settings().TestCodes && auth.TestAddress(e.Address):
		code, n = auth.TestCode, auth.Notice{At: now}
	default:
		n = auth.Notice{Kind: auth.NoticeVerifyCode, To: e.Address, Code: code, At: now}
	}
	return auth.HashCode(s.Pepper, string(e.ID), code), n, nil
}

// AttemptEmail submits the code of an address. Whatever comes of it is stored
// before it is told, and failures count towards the lockout of the account:
// nobody may guess their way to an address of somebody else. The first proven
// address becomes the primary one.
func (s *Self) AttemptEmail(ctx context.Context, id auth.UserID, email auth.EmailID, code string) (auth.EmailAddress, error) {
	if code == "" {
		return auth.EmailAddress{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	var refused error
	e, err := s.onEmail(ctx, id, email, func(u auth.User, e auth.EmailAddress, now time.Time) (auth.EmailAddress, auth.Change, error) {
		lockout, err := s.unlocked(ctx, u.ID)
		if err != nil {
			return e, auth.Change{}, err
		}
		before := e.Verification.Status
		e.Verification, refused = e.Verification.AttemptCode(auth.HashCode(s.Pepper, string(e.ID), code), now)
		var c auth.Change
		if refused != nil && before == auth.VerificationUnverified && e.Verification.Status != auth.VerificationExpired {
			c.Lockouts = []auth.Lockout{lockout.Fail(now)}
		}
		return e, c, nil
	})
	if err == nil {
		err = refused
	}
	return e, err
}

// DeleteEmail removes an address. The last identifier stays.
func (s *Self) DeleteEmail(ctx context.Context, id auth.UserID, email auth.EmailID) error {
	_, err := s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		next, err := withoutEmail(u, email)
		return next, auth.Change{}, err
	})
	return err
}

// decideEmail says what becomes of an address, and what else belongs in the
// same commit.
type decideEmail func(u auth.User, e auth.EmailAddress, now time.Time) (auth.EmailAddress, auth.Change, error)

// onEmail changes one address of the account. Somebody else's and none at all
// are the same refusal. An address that is unchanged is not written.
func (s *Self) onEmail(ctx context.Context, id auth.UserID, email auth.EmailID, d decideEmail) (out auth.EmailAddress, err error) {
	err = auth.Retry(func() error {
		u, err := s.user(ctx, id)
		if err != nil {
			return err
		}
		e, ok := u.Email(email)
		if !ok {
			return auth.Refuse(auth.CodeResourceNotFound)
		}
		now := s.Now()
		next, c, err := d(u, e, now)
		if out = next; err != nil || next == e {
			return err
		}
		next.UpdatedAt = now
		for i := range u.Emails {
			if u.Emails[i].ID == email {
				u.Emails[i] = next
			}
		}
		if err := promote(&u, next, false); err != nil {
			return err
		}
		u.UpdatedAt, out = now, next
		c.Users = append(c.Users, u)
		return s.Store.Commit(ctx, c)
	})
	return out, refuseTaken(err)
}
