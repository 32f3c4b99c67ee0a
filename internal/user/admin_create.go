package user

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// CreateUser is a request for an account. Zero members are not given.
type CreateUser struct {
	EmailAddresses []string // created verified; the first becomes primary
	PhoneNumbers   []string // created verified; the first becomes primary
	Username       string
	FirstName      string
	LastName       string
	ExternalID     string
	Locale         string
	Password       NewPassword
	Factors        ImportedFactors
	Permissions    Permissions

	SkipPasswordRequirement bool // no password even where sign-up needs one
	SkipUserRequirement     bool // no identifier at all
	Metadata                Metadata

	LegalAcceptedAt time.Time
	CreatedAt       time.Time // of an account that existed elsewhere before
	Banned          bool
	Locked          bool
}

// Create makes an account. Of any number of parallel requests for one address,
// username or external id exactly one succeeds; the others are refused with
// [auth.CodeIdentifierExists].
func (a *Admin) Create(ctx context.Context, r CreateUser) (Account, error) {
	u, err := a.newUser(r)
	if err != nil {
		return Account{}, err
	}
	if err := a.refuseTakenEmails(ctx, u); err != nil {
		return Account{}, err // before the hash, which is dear
	}
	if u.Password, err = a.hash(ctx, r.Password); err != nil {
		return Account{}, err
	}
	if !u.Password.Empty() {
		u.PasswordSetAt = u.CreatedAt
	}
	c := auth.Change{Users: []auth.User{u}}
	if r.Locked {
		l := auth.Lockout{Key: auth.UserLockoutKey(a.Pepper, u.ID)}
		c.Lockouts = []auth.Lockout{l.Lock(a.Now())}
	}
	if err := a.Store.Commit(ctx, c); err != nil {
		return Account{}, refuseTaken(err)
	}
	return a.Get(ctx, u.ID)
}

// emptyObject is what metadata is until somebody sets it.
var emptyObject = json.RawMessage("{}")

// newUser checks everything that can be checked without the store.
func (a *Admin) newUser(r CreateUser) (auth.User, error) {
	now := a.Now()
	id, err := auth.NewUserID(now, a.Entropy)
	if err != nil {
		return auth.User{}, err
	}
	u := auth.User{
		ID: id, Banned: r.Banned, LegalAcceptedAt: r.LegalAcceptedAt, CreatedAt: now, UpdatedAt: now,
		PublicMeta: emptyObject, PrivateMeta: emptyObject, UnsafeMeta: emptyObject,
	}
	if !r.CreatedAt.IsZero() {
		u.CreatedAt = r.CreatedAt
	}
	r.Permissions.apply(&u)
	p := Profile{
		FirstName: &r.FirstName, LastName: &r.LastName, ExternalID: &r.ExternalID,
		Locale: &r.Locale, Username: &r.Username,
	}
	if err := errors.Join(p.apply(&u), a.addVerified(&u, r.EmailAddresses, now),
		a.addVerifiedPhones(&u, r.PhoneNumbers, now), a.importFactors(&u, r.Factors, now), r.Metadata.replace(&u)); err != nil {
		return auth.User{}, err
	}
	return u, a.requirements(u, r)
}

func (a *Admin) requirements(u auth.User, r CreateUser) error {
	if len(u.Emails) == 0 && len(u.Phones) == 0 && u.Username == "" && !r.SkipUserRequirement {
		return auth.RefuseParam(auth.CodeRequiredIdentification, "email_address")
	}
	if a.Settings().PasswordRequired && !r.Password.Given() && !r.SkipPasswordRequirement {
		return auth.RefuseParam(auth.CodeRequiredIdentification, "password")
	}
	return nil
}

// addVerified gives the user addresses that an operator vouches for.
func (a *Admin) addVerified(u *auth.User, addresses []string, now time.Time) error {
	for i, given := range addresses {
		param := indexed("email_address", i, len(addresses))
		address, err := auth.NormalizeEmail(given, param)
		if err != nil {
			return err
		}
		for _, e := range u.Emails {
			if e.Address == address {
				return auth.RefuseParam(auth.CodeParamDuplicate, param)
			}
		}
		e, err := a.newEmail(address, true, now)
		if err != nil {
			return err
		}
		u.Emails = append(u.Emails, e)
	}
	if len(u.Emails) > 0 {
		u.PrimaryEmail = u.Emails[0].ID
	}
	return nil
}

// indexed names one of several values as refusals do.
func indexed(param string, i, of int) string {
	if of == 1 {
		return param
	}
	return param + "[" + strconv.Itoa(i) + "]"
}

// addVerifiedPhones gives the user numbers that an operator vouches for.
func (a *Admin) addVerifiedPhones(u *auth.User, given []string, now time.Time) error {
	for i, text := range given {
		param := indexed("phone_number", i, len(given))
		number, err := auth.NormalizePhone(text, param)
		if err != nil {
			return err
		}
		if err := mayAddPhone(*u, number); err != nil {
			return auth.RefuseParam(auth.CodeParamDuplicate, param)
		}
		p, err := a.newPhone(number, true, now)
		if err != nil {
			return err
		}
		u.Phones = append(u.Phones, p)
	}
	u.PrimaryPhone = firstVerifiedPhone(u.Phones)
	return nil
}

// refuseTakenEmails saves a hash when an address is known to be taken. The
// commit is what decides: two racing requests both pass here.
func (a *Admin) refuseTakenEmails(ctx context.Context, u auth.User) error {
	q := auth.UserQuery{Limit: 1}
	for _, e := range u.Emails {
		q.EmailAddresses = append(q.EmailAddresses, e.Address)
	}
	if len(q.EmailAddresses) == 0 {
		return nil
	}
	holders, err := a.Store.Users(ctx, q)
	if err != nil {
		return err
	}
	for _, h := range holders {
		for _, e := range h.Emails {
			for _, mine := range u.Emails {
				if e.Verified() && e.Address == mine.Address {
					return auth.RefuseParam(auth.CodeIdentifierExists, "email_address")
				}
			}
		}
	}
	return nil
}
