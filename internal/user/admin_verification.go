package user

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// PrepareEmail sends a code to an address, proven or not, and returns the proof
// that it begins. One that another account has proven is refused with
// [auth.CodeIdentifierExists].
func (a *Admin) PrepareEmail(ctx context.Context, id auth.EmailID) (auth.ContactVerification, error) {
	holder, err := a.Store.UserByEmailID(ctx, id)
	if err != nil {
		return auth.ContactVerification{}, err
	}
	return a.prepare(ctx, emailContacts(a.Store.UserByEmail), holder, id)
}

// PreparePhone is [Admin.PrepareEmail] for a number.
func (a *Admin) PreparePhone(ctx context.Context, id auth.PhoneID) (auth.ContactVerification, error) {
	holder, err := a.Store.UserByPhoneID(ctx, id)
	if err != nil {
		return auth.ContactVerification{}, err
	}
	return a.prepare(ctx, phoneContacts(a.Store.UserByPhone), holder, id)
}

// AttemptEmail submits the code of one proof of an address, which is proven
// from then on, and returns what became of the proof; see
// [auth.ContactVerification.Attempt]. Wrong codes count towards the lockout of
// the account.
func (a *Admin) AttemptEmail(
	ctx context.Context, id auth.EmailID, which auth.ContactVerificationID, code string,
) (auth.ContactVerification, error) {
	return a.attempt(ctx, emailContacts(a.Store.UserByEmail), id, which, code)
}

// AttemptPhone is [Admin.AttemptEmail] for a number.
func (a *Admin) AttemptPhone(
	ctx context.Context, id auth.PhoneID, which auth.ContactVerificationID, code string,
) (auth.ContactVerification, error) {
	return a.attempt(ctx, phoneContacts(a.Store.UserByPhone), id, which, code)
}

func (a *Admin) prepare(
	ctx context.Context, kind contacts, u auth.User, about auth.IdentificationID,
) (v auth.ContactVerification, err error) {
	c, ok := kind.get(u, about)
	if !ok {
		return v, auth.ErrNotFound
	}
	if _, err := a.unlocked(ctx, u.ID); err != nil {
		return v, err
	}
	if taken, err := kind.taken(ctx, u.ID, c.to); err != nil {
		return v, err
	} else if taken {
		return v, auth.RefuseParam(auth.CodeIdentifierExists, kind.param)
	}
	if err := a.Settings().MayText(c.to, kind.param); err != nil {
		return v, err
	}
	if wait, ok := a.Codes.Take(kind.param + "\x00" + c.to); !ok {
		return v, &auth.Error{Code: auth.CodeTooManyRequests, Retry: wait}
	}
	now := a.Now()
	v = auth.ContactVerification{User: u.ID, CreatedAt: now, UpdatedAt: now}
	if v.ID, err = auth.NewContactVerificationID(now, a.Entropy); err != nil {
		return v, err
	}
	code, notice, err := verifyCode(a.Settings(), c.to, now, a.Entropy)
	if err != nil {
		return v, err
	}
	message, err := a.Mail.Compose(ctx, notice, now)
	if err != nil {
		return v, fmt.Errorf("compose code: %w", err)
	}
	v.Proof = auth.NewCodeVerification(kind.strategy, about, auth.HashCode(a.Pepper, string(v.ID), code), now)
	if kind.strategy == auth.StrategyPhoneCode {
		v.Proof.Channel = "sms"
	}
	return v, a.Store.Commit(ctx, auth.Change{
		ContactVerifications: []auth.ContactVerification{v}, Messages: []auth.Message{message},
	})
}

func (a *Admin) attempt(
	ctx context.Context, kind contacts, about auth.IdentificationID, which auth.ContactVerificationID, code string,
) (out auth.ContactVerification, err error) {
	err = auth.Retry(func() error {
		before, u, c, err := a.begun(ctx, kind, about, which)
		if err != nil {
			return err
		}
		lockout, err := a.unlocked(ctx, u.ID)
		if err != nil {
			return err
		}
		now := a.Now()
		var wrong bool
		out, wrong, err = before.Attempt(auth.HashCode(a.Pepper, string(which), code), now)
		if err != nil || out == before {
			return err
		}
		change := auth.Change{ContactVerifications: []auth.ContactVerification{out}}
		if wrong {
			change.Lockouts = []auth.Lockout{lockout.Fail(now)}
		}
		if out.Proof.Status == auth.VerificationVerified && c.proof.Status != auth.VerificationVerified {
			c.proof = out.Proof
			kind.set(&u, c, now)
			u.UpdatedAt = now
			change.Users = []auth.User{u}
		}
		return a.Store.Commit(ctx, change)
	})
	return out, refuseTaken(err)
}

// begun returns a proof that was begun for this contact, and whose it is. One
// of another contact is absent like any other.
func (a *Admin) begun(
	ctx context.Context, kind contacts, about auth.IdentificationID, which auth.ContactVerificationID,
) (v auth.ContactVerification, u auth.User, c contact, err error) {
	if v, err = a.Store.ContactVerification(ctx, which); err != nil {
		return v, u, c, err
	}
	if v.Proof.About != about {
		return v, u, c, auth.ErrNotFound
	}
	if u, err = a.Store.User(ctx, v.User); err != nil {
		return v, u, c, err
	}
	c, ok := kind.get(u, about)
	if !ok {
		return v, u, c, auth.ErrNotFound
	}
	return v, u, c, nil
}

// unlocked refuses while the account is locked.
func (a *Admin) unlocked(ctx context.Context, id auth.UserID) (auth.Lockout, error) {
	l, err := a.lockout(ctx, id)
	if err != nil {
		return l, err
	}
	if left := l.Locked(a.Now()); left > 0 {
		return l, &auth.Error{Code: auth.CodeUserLocked, Retry: left}
	}
	return l, nil
}
