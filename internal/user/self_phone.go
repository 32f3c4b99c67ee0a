package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func (s *Self) phones() contacts { return phoneContacts(s.Store.UserByPhone) }

// phoneContacts are the numbers of accounts; holder finds who has proven one.
func phoneContacts(holder holderOf) contacts {
	return contacts{
		strategy: auth.StrategyPhoneCode, param: "phone_number", holder: holder,
		get: func(u auth.User, id auth.IdentificationID) (contact, bool) {
			p, ok := u.Phone(id)
			return contact{p.ID, p.Number, p.Verification}, ok
		},
		set: func(u *auth.User, c contact, now time.Time) {
			for i := range u.Phones {
				p := &u.Phones[i]
				if p.ID != c.id {
					continue
				}
				p.Verification, p.UpdatedAt = c.proof, now
				if p.Verification.Status == auth.VerificationUnverified {
					p.Verification.Channel = "sms"
				}
				_ = promotePhone(u, *p, false) // only asking for an unproven one is refused
			}
		},
	}
}

// AddPhone adds a number, unproven, where the instance has phone numbers; see
// [Self.AddEmail] for one that somebody else has proven.
func (s *Self) AddPhone(ctx context.Context, id auth.UserID, given string) (auth.PhoneNumber, error) {
	const param = "phone_number"
	if !s.Settings().Phone.On() {
		return auth.PhoneNumber{}, auth.RefuseParam(auth.CodeParamUnknown, param)
	}
	number, err := auth.NormalizePhone(given, param)
	if err != nil {
		return auth.PhoneNumber{}, err
	}
	if taken, err := s.phones().taken(ctx, id, number); err != nil {
		return auth.PhoneNumber{}, err
	} else if taken && !s.Settings().EnumerationProtection {
		return auth.PhoneNumber{}, auth.RefuseParam(auth.CodeIdentifierExists, param)
	}
	var added auth.PhoneNumber
	_, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		for _, p := range u.Phones {
			if p.Number == number {
				return u, auth.Change{}, auth.RefuseParam(auth.CodeIdentifierExists, param)
			}
		}
		if len(u.Phones) >= maxContacts {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamTooLong, param)
		}
		phoneID, err := auth.NewPhoneID(now, s.Entropy)
		added = auth.PhoneNumber{ID: phoneID, Number: number, CreatedAt: now, UpdatedAt: now}
		u.Phones = append(u.Phones, added)
		return u, auth.Change{}, err
	})
	return added, err
}

// PreparePhone sends a code to one of the account's numbers. Asked again at
// once it answers the same and sends nothing.
func (s *Self) PreparePhone(ctx context.Context, id auth.UserID, phone auth.PhoneID) (auth.PhoneNumber, error) {
	u, err := s.prepare(ctx, s.phones(), id, phone)
	p, _ := u.Phone(phone)
	return p, err
}

// AttemptPhone submits the code of a number. The first proven number becomes
// the primary one.
func (s *Self) AttemptPhone(ctx context.Context, id auth.UserID, phone auth.PhoneID, code string) (auth.PhoneNumber, error) {
	u, err := s.attempt(ctx, s.phones(), id, phone, code)
	p, _ := u.Phone(phone)
	return p, err
}

// PhoneUpdate is a change of how a number is used. Nil members stay.
type PhoneUpdate struct {
	SecondFactor        *bool
	DefaultSecondFactor *bool
}

// UpdatePhone changes how a number is used. Reserving the first one makes the
// second factor due from the next sign-in on; backup codes made for that are
// returned, to be shown this once.
func (s *Self) UpdatePhone(
	ctx context.Context, session auth.Session, phone auth.PhoneID, r PhoneUpdate,
) (p auth.PhoneNumber, codes []string, err error) {
	if r.SecondFactor != nil && *r.SecondFactor && !s.Settings().SecondFactors.PhoneCode {
		return p, nil, auth.RefuseParam(auth.CodeParamInvalid, "reserved_for_second_factor")
	}
	u, err := s.change(ctx, session.User, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		if u, err = r.onto(u, phone, now); err != nil {
			return u, auth.Change{}, err
		}
		if !canSignIn(u) {
			return u, auth.Change{}, auth.Refuse(auth.CodeLastIdentification)
		}
		u, codes, err = s.settle(u, now)
		if err != nil {
			return u, auth.Change{}, err
		}
		change, err := s.tasksDone(ctx, u, now)
		return u, change, err
	})
	p, _ = u.Phone(phone)
	return p, codes, err
}

func (r PhoneUpdate) onto(u auth.User, phone auth.PhoneID, now time.Time) (auth.User, error) {
	given, ok := u.Phone(phone)
	switch {
	case !ok:
		return u, auth.Refuse(auth.CodeResourceNotFound)
	case r.SecondFactor != nil && *r.SecondFactor && !given.Verified():
		return u, auth.RefuseParam(auth.CodePrimaryNotVerified, "reserved_for_second_factor")
	}
	phones := make([]auth.PhoneNumber, 0, len(u.Phones))
	for _, p := range u.Phones {
		if p.ID == phone {
			p.UpdatedAt = now
			if r.SecondFactor != nil {
				p.SecondFactor = *r.SecondFactor
			}
			if r.DefaultSecondFactor != nil {
				p.DefaultSecondFactor = *r.DefaultSecondFactor
			}
			p.DefaultSecondFactor = p.DefaultSecondFactor && p.SecondFactor
		} else if r.DefaultSecondFactor != nil && *r.DefaultSecondFactor {
			p.DefaultSecondFactor = false // there is one default
		}
		phones = append(phones, p)
	}
	u.Phones = phones
	return u, nil
}

// DeletePhone removes a number. The last way to sign in stays.
func (s *Self) DeletePhone(ctx context.Context, id auth.UserID, phone auth.PhoneID) error {
	_, err := s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		next, err := withoutPhone(u, phone)
		return next.SettleSecondFactors(now), auth.Change{}, err
	})
	return err
}

// withoutPhone removes a number, see [withoutEmail].
func withoutPhone(u auth.User, id auth.PhoneID) (auth.User, error) {
	if _, ok := u.Phone(id); !ok {
		return u, auth.ErrNotFound
	}
	could := canSignIn(u)
	var kept []auth.PhoneNumber
	for _, p := range u.Phones {
		if p.ID != id {
			kept = append(kept, p)
		}
	}
	u.Phones = kept
	if u.PrimaryPhone == id {
		u.PrimaryPhone = firstVerifiedPhone(kept)
	}
	if could && !canSignIn(u) {
		return u, auth.Refuse(auth.CodeLastIdentification)
	}
	return u, nil
}

// canSignIn says whether anything is left to begin a sign-in with.
func canSignIn(u auth.User) bool {
	if u.Username != "" && !u.Password.Empty() {
		return true
	}
	for _, p := range u.Phones {
		if p.Verified() && !p.SecondFactor {
			return true
		}
	}
	for _, e := range u.ExternalAccounts {
		if e.Verified() {
			return true
		}
	}
	return firstVerified(u.Emails) != ""
}
