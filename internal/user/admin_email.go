package user

import (
	"context"
	"errors"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// NewEmail is an address to add to an account.
type NewEmail struct {
	Address  string
	Verified bool // the operator vouches for it
	Primary  bool // also when false, a first verified address becomes primary
	Tell     bool // the former primary address, when this one takes its place
}

// Email returns one address.
func (a *Admin) Email(ctx context.Context, id auth.EmailID) (auth.EmailAddress, error) {
	u, err := a.Store.UserByEmailID(ctx, id)
	if err != nil {
		return auth.EmailAddress{}, err
	}
	e, ok := u.Email(id)
	if !ok {
		return auth.EmailAddress{}, auth.ErrNotFound
	}
	return e, nil
}

// AddEmail adds an address to an account.
func (a *Admin) AddEmail(ctx context.Context, user auth.UserID, n NewEmail) (auth.EmailAddress, error) {
	address, err := auth.NormalizeEmail(n.Address, "email_address")
	if err != nil {
		return auth.EmailAddress{}, err
	}
	var added auth.EmailAddress
	_, err = a.change(ctx, user, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if len(u.Emails) >= maxHeld {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamTooLong, "email_address")
		}
		for _, e := range u.Emails {
			if e.Address == address {
				return u, auth.Change{}, auth.RefuseParam(auth.CodeIdentifierExists, "email_address")
			}
		}
		var err error
		if added, err = a.newEmail(address, n.Verified, now); err != nil {
			return u, auth.Change{}, err
		}
		before := primaryAddress(u)
		u.Emails = append(u.Emails, added)
		if err = promote(&u, added, n.Primary); err != nil {
			return u, auth.Change{}, err
		}
		change, err := a.told(ctx, n.Tell, before, u, now)
		return u, change, err
	})
	if errors.Is(err, auth.ErrNotFound) {
		err = auth.RefuseParam(auth.CodeResourceNotFound, "user_id")
	}
	return added, err
}

// EmailUpdate is a change of an address. Nil members stay as they are.
type EmailUpdate struct {
	Verified *bool
	Primary  *bool
	Tell     bool // the former primary address, when this one takes its place
}

// UpdateEmail changes how an address is proven and whether it is primary.
func (a *Admin) UpdateEmail(ctx context.Context, id auth.EmailID, r EmailUpdate) (auth.EmailAddress, error) {
	holder, err := a.Store.UserByEmailID(ctx, id)
	if err != nil {
		return auth.EmailAddress{}, err
	}
	acc, err := a.change(ctx, holder.ID, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		for i, e := range u.Emails {
			if e.ID != id {
				continue
			}
			before := primaryAddress(u)
			e.UpdatedAt = now
			e.Verification = decided(e.Verification, e.ID, r.Verified, now)
			u.Emails[i] = e
			if err := promote(&u, e, r.Primary != nil && *r.Primary); err != nil {
				return u, auth.Change{}, err
			}
			change, err := a.told(ctx, r.Tell, before, u, now)
			return u, change, err
		}
		return u, auth.Change{}, auth.ErrNotFound
	})
	if err != nil {
		return auth.EmailAddress{}, err
	}
	e, ok := acc.Email(id)
	if !ok {
		return auth.EmailAddress{}, auth.ErrNotFound
	}
	return e, nil
}

// ReplaceEmails leaves the account with this one address, which becomes the
// primary one when the operator vouches for it. An address that the account
// has already keeps its identity.
func (a *Admin) ReplaceEmails(ctx context.Context, user auth.UserID, n NewEmail) (auth.EmailAddress, error) {
	address, err := auth.NormalizeEmail(n.Address, "email_address")
	if err != nil {
		return auth.EmailAddress{}, err
	}
	var only auth.EmailAddress
	_, err = a.change(ctx, user, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		var err error
		before := primaryAddress(u)
		if only, err = a.newEmail(address, n.Verified, now); err != nil {
			return u, auth.Change{}, err
		}
		for _, e := range u.Emails {
			if e.Address == address {
				e.UpdatedAt, e.Verification = now, decided(e.Verification, e.ID, &n.Verified, now)
				only = e
			}
		}
		u.Emails, u.PrimaryEmail = []auth.EmailAddress{only}, ""
		if err = promote(&u, only, false); err != nil {
			return u, auth.Change{}, err
		}
		change, err := a.told(ctx, n.Tell, before, u, now)
		return u, change, err
	})
	return only, err
}

// DeleteEmail removes an address from its account. The last identifier stays:
// without one the account could never be entered again.
func (a *Admin) DeleteEmail(ctx context.Context, id auth.EmailID) error {
	holder, err := a.Store.UserByEmailID(ctx, id)
	if err != nil {
		return err
	}
	_, err = a.change(ctx, holder.ID, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		next, err := withoutEmail(u, id)
		return next, auth.Change{}, err
	})
	return err
}

// withoutEmail removes an address. It refuses with [auth.CodeLastIdentification]
// when nothing would be left to sign in with.
func withoutEmail(u auth.User, id auth.EmailID) (auth.User, error) {
	if _, ok := u.Email(id); !ok {
		return u, auth.ErrNotFound
	}
	could := canSignIn(u)
	var kept []auth.EmailAddress
	for _, e := range u.Emails {
		if e.ID != id {
			kept = append(kept, e)
		}
	}
	u.Emails = kept
	if u.PrimaryEmail == id {
		u.PrimaryEmail = firstVerified(kept)
	}
	if could && !canSignIn(u) {
		return u, auth.Refuse(auth.CodeLastIdentification)
	}
	return u, nil
}

// newEmail is an address that is verified by the operator or not at all.
func (a *Admin) newEmail(address string, verified bool, now time.Time) (auth.EmailAddress, error) {
	id, err := auth.NewEmailID(now, a.Entropy)
	if err != nil {
		return auth.EmailAddress{}, err
	}
	e := auth.EmailAddress{ID: id, Address: address, CreatedAt: now, UpdatedAt: now}
	e.Verification = decided(e.Verification, e.ID, &verified, now)
	return e, nil
}

// decided is the proof of an address or a number after the operator's word. A proof that
// its owner gave is kept when the operator confirms it.
func decided(v auth.Verification, about auth.IdentificationID, verified *bool, now time.Time) auth.Verification {
	switch {
	case verified == nil || *verified == (v.Status == auth.VerificationVerified):
		return v
	case *verified:
		return auth.Verification{
			Strategy: auth.StrategyAdmin, Status: auth.VerificationVerified, VerifiedAt: now, About: about,
		}
	default:
		return auth.Verification{}
	}
}

// promote makes the address primary when asked, or when there is no primary
// one yet. Only a proven address may name an account: mails about its security
// go there.
func promote(u *auth.User, e auth.EmailAddress, asked bool) error {
	switch {
	case asked && !e.Verified():
		return auth.RefuseParam(auth.CodePrimaryNotVerified, "primary")
	case asked, u.PrimaryEmail == "" && e.Verified():
		u.PrimaryEmail = e.ID
	case u.PrimaryEmail == e.ID && !e.Verified():
		u.PrimaryEmail = firstVerified(u.Emails)
	}
	return nil
}

func firstVerified(emails []auth.EmailAddress) auth.EmailID {
	for _, e := range emails {
		if e.Verified() {
			return e.ID
		}
	}
	return ""
}
