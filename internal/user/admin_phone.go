package user

import (
	"context"
	"errors"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// maxHeld bounds the addresses and the numbers that an operator may give to one
// account: each list of accounts carries all of them.
const maxHeld = 100

// NewPhone is a number to add to an account.
type NewPhone struct {
	Number       string
	Verified     bool // the operator vouches for it
	Primary      bool // also when false, a first verified number becomes primary
	SecondFactor bool // reserve it for the second factor; needs Verified
}

// Phone returns one number.
func (a *Admin) Phone(ctx context.Context, id auth.PhoneID) (auth.PhoneNumber, error) {
	u, err := a.Store.UserByPhoneID(ctx, id)
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	return phoneOf(u, id)
}

func phoneOf(u auth.User, id auth.PhoneID) (auth.PhoneNumber, error) {
	p, ok := u.Phone(id)
	if !ok {
		return p, auth.ErrNotFound
	}
	return p, nil
}

// AddPhone adds a number to an account.
func (a *Admin) AddPhone(ctx context.Context, user auth.UserID, n NewPhone) (auth.PhoneNumber, error) {
	number, err := auth.NormalizePhone(n.Number, "phone_number")
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	var id auth.PhoneID
	acc, err := a.change(ctx, user, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if err := mayAddPhone(u, number); err != nil {
			return u, auth.Change{}, err
		}
		p, err := a.newPhone(number, n.Verified, now)
		if err != nil {
			return u, auth.Change{}, err
		}
		id, u.Phones = p.ID, append(u.Phones, p)
		update := PhoneChange{Primary: &n.Primary}
		if n.SecondFactor {
			update.SecondFactor = &n.SecondFactor
		}
		u, err = a.changedPhone(u, id, update, now)
		return u, auth.Change{}, err
	})
	if errors.Is(err, auth.ErrNotFound) {
		err = auth.RefuseParam(auth.CodeResourceNotFound, "user_id")
	}
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	return phoneOf(acc.User, id)
}

func mayAddPhone(u auth.User, number string) error {
	if len(u.Phones) >= maxHeld {
		return auth.RefuseParam(auth.CodeParamTooLong, "phone_number")
	}
	for _, p := range u.Phones {
		if p.Number == number {
			return auth.RefuseParam(auth.CodeIdentifierExists, "phone_number")
		}
	}
	return nil
}

// PhoneChange is what an operator changes of a number. Nil members stay.
type PhoneChange struct {
	Verified     *bool
	Primary      *bool
	SecondFactor *bool // reserve it for the second factor, or no longer
}

// UpdatePhone changes how a number is proven and used. A number that is no
// longer proven is no second factor either.
func (a *Admin) UpdatePhone(ctx context.Context, id auth.PhoneID, r PhoneChange) (auth.PhoneNumber, error) {
	holder, err := a.Store.UserByPhoneID(ctx, id)
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	acc, err := a.change(ctx, holder.ID, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		could := canSignIn(u)
		next, err := a.changedPhone(u, id, r, now)
		if err == nil && r.SecondFactor != nil && could && !canSignIn(next) {
			err = auth.Refuse(auth.CodeLastIdentification)
		}
		return next, auth.Change{}, err
	})
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	return phoneOf(acc.User, id)
}

// changedPhone is the user with a number changed as r says.
func (a *Admin) changedPhone(u auth.User, id auth.PhoneID, r PhoneChange, now time.Time) (auth.User, error) {
	p, ok := u.Phone(id)
	if !ok {
		return u, auth.ErrNotFound
	}
	p.Verification = decided(p.Verification, p.ID, r.Verified, now)
	reserve := r.SecondFactor != nil && *r.SecondFactor
	switch {
	case reserve && !a.Settings().SecondFactors.PhoneCode:
		return u, auth.RefuseParam(auth.CodeParamInvalid, "reserved_for_second_factor")
	case reserve && !p.Verified():
		return u, auth.RefuseParam(auth.CodePrimaryNotVerified, "reserved_for_second_factor")
	case r.SecondFactor != nil:
		p.SecondFactor = *r.SecondFactor
	}
	p.SecondFactor = p.SecondFactor && p.Verified()
	p.DefaultSecondFactor = p.SecondFactor && (p.DefaultSecondFactor || len(u.SecondFactorPhones()) == 0)
	p.UpdatedAt = now
	u.Phones = withPhone(u.Phones, p)
	if err := promotePhone(&u, p, r.Primary != nil && *r.Primary); err != nil {
		return u, err
	}
	return u.SettleSecondFactors(now), nil
}

// withPhone is the list with p in the place of the number with its id.
func withPhone(phones []auth.PhoneNumber, p auth.PhoneNumber) []auth.PhoneNumber {
	out := make([]auth.PhoneNumber, 0, len(phones))
	for _, old := range phones {
		if old.ID == p.ID {
			old = p
		}
		out = append(out, old)
	}
	return out
}

// promotePhone makes the number primary as [promote] does an address.
func promotePhone(u *auth.User, p auth.PhoneNumber, asked bool) error {
	switch {
	case asked && !p.Verified():
		return auth.RefuseParam(auth.CodePrimaryNotVerified, "primary")
	case asked, u.PrimaryPhone == "" && p.Verified():
		u.PrimaryPhone = p.ID
	case u.PrimaryPhone == p.ID && !p.Verified():
		u.PrimaryPhone = firstVerifiedPhone(u.Phones)
	}
	return nil
}

func firstVerifiedPhone(phones []auth.PhoneNumber) auth.PhoneID {
	for _, p := range phones {
		if p.Verified() {
			return p.ID
		}
	}
	return ""
}

// ReplacePhones leaves the account with this one number, see
// [Admin.ReplaceEmails]. It is never reserved for the second factor.
func (a *Admin) ReplacePhones(ctx context.Context, user auth.UserID, given string, verified bool) (auth.PhoneNumber, error) {
	number, err := auth.NormalizePhone(given, "phone_number")
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	var only auth.PhoneNumber
	_, err = a.change(ctx, user, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		var err error
		if only, err = a.newPhone(number, verified, now); err != nil {
			return u, auth.Change{}, err
		}
		for _, p := range u.Phones {
			if p.Number == number {
				only.ID, only.CreatedAt = p.ID, p.CreatedAt
				only.Verification = decided(p.Verification, p.ID, &verified, now)
			}
		}
		u.Phones, u.PrimaryPhone = []auth.PhoneNumber{only}, ""
		err = promotePhone(&u, only, false)
		return u.SettleSecondFactors(now), auth.Change{}, err
	})
	return only, err
}

// DeletePhone removes a number from its account, see [Admin.DeleteEmail].
func (a *Admin) DeletePhone(ctx context.Context, id auth.PhoneID) error {
	holder, err := a.Store.UserByPhoneID(ctx, id)
	if err != nil {
		return err
	}
	_, err = a.change(ctx, holder.ID, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		next, err := withoutPhone(u, id)
		return next.SettleSecondFactors(now), auth.Change{}, err
	})
	return err
}

// newPhone is a number that is verified by the operator or not at all.
func (a *Admin) newPhone(number string, verified bool, now time.Time) (auth.PhoneNumber, error) {
	id, err := auth.NewPhoneID(now, a.Entropy)
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	return auth.PhoneNumber{
		ID: id, Number: number, CreatedAt: now, UpdatedAt: now,
		Verification: decided(auth.Verification{}, id, &verified, now),
	}, nil
}
