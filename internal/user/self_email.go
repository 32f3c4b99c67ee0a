package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// maxContacts bounds the addresses and the numbers of one account: every one of
// them can be made to send messages.
const maxContacts = 20

// Limiter allows one action of key, or says how long to wait.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

func (s *Self) emails() contacts { return emailContacts(s.Store.UserByEmail) }

// emailContacts are the addresses of accounts; holder finds who has proven one.
func emailContacts(holder holderOf) contacts {
	return contacts{
		strategy: auth.StrategyEmailCode, param: "email_address", holder: holder,
		get: func(u auth.User, id auth.IdentificationID) (contact, bool) {
			e, ok := u.Email(id)
			return contact{e.ID, e.Address, e.Verification}, ok
		},
		set: func(u *auth.User, c contact, now time.Time) {
			for i := range u.Emails {
				if u.Emails[i].ID == c.id {
					u.Emails[i].Verification, u.Emails[i].UpdatedAt = c.proof, now
					_ = promote(u, u.Emails[i], false) // only asking for an unproven one is refused
				}
			}
		},
	}
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
	if taken, err := s.emails().taken(ctx, id, address); err != nil {
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
		if len(u.Emails) >= maxContacts {
			return u, auth.Change{}, auth.RefuseParam(auth.CodeParamTooLong, param)
		}
		emailID, err := auth.NewEmailID(now, s.Entropy)
		added = auth.EmailAddress{ID: emailID, Address: address, CreatedAt: now, UpdatedAt: now}
		u.Emails = append(u.Emails, added)
		return u, auth.Change{}, err
	})
	return added, err
}

// PrepareEmail sends a code to one of the account's addresses. Asked again at
// once it answers the same and sends nothing.
func (s *Self) PrepareEmail(ctx context.Context, id auth.UserID, email auth.EmailID) (auth.EmailAddress, error) {
	u, err := s.prepare(ctx, s.emails(), id, email)
	e, _ := u.Email(email)
	return e, err
}

// AttemptEmail submits the code of an address. The first proven address
// becomes the primary one.
func (s *Self) AttemptEmail(ctx context.Context, id auth.UserID, email auth.EmailID, code string) (auth.EmailAddress, error) {
	u, err := s.attempt(ctx, s.emails(), id, email, code)
	e, _ := u.Email(email)
	return e, err
}

// DeleteEmail removes an address. The last way to sign in stays.
func (s *Self) DeleteEmail(ctx context.Context, id auth.UserID, email auth.EmailID) error {
	_, err := s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		next, err := withoutEmail(u, email)
		return next, auth.Change{}, err
	})
	return err
}
