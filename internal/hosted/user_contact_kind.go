package hosted

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/user"
)

// contactKind is what the pages about addresses and about numbers do differently.
type contactKind struct {
	path     string // of the list
	param    string // name of the field for a new one
	mode     string // the keyboard of a phone, and the type of the field
	complete string // autocomplete
	words    contactWords
	on       func(set auth.Settings) bool
	of       func(u auth.User) []contact
	normal   func(given, param string) (string, error)
	add      func(s *user.Self, ctx context.Context, id auth.UserID, given string) (auth.IdentificationID, error)
	prepare  func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID) error
	attempt  func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID, code string) error
	primary  func(which auth.IdentificationID) user.UpdateSelf
	remove   func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID) error
}

// contactWords are keys of messages, and of userNotices.
type contactWords struct {
	Heading, About, Label, Add, Sent       string
	saidVerified, saidPrimary, saidRemoved string
}

// contact is an address or a number as the pages show it.
type contact struct {
	ID           auth.IdentificationID
	Text         string
	Verified     bool
	Primary      bool
	SecondFactor bool // reserved for it
	Default      bool // among those
	Removable    bool
	Reservable   bool // may be kept for the second factor
	proof        auth.Verification
}

// secondFactor says whether numbers and addresses of this kind can be a second
// factor that somebody sets up.
func (k *contactKind) secondFactor(set auth.Settings) bool {
	return k == phoneContacts && set.SecondFactors.PhoneCode
}

// find is the contact that the path names.
func (k *contactKind) find(a *account) (contact, bool) {
	return k.named(a, auth.IdentificationID(a.r.PathValue("id")))
}

func (k *contactKind) named(a *account, id auth.IdentificationID) (contact, bool) {
	for _, c := range k.of(a.me) {
		if c.ID == id {
			return c, true
		}
	}
	return contact{}, false
}

var emailContacts = &contactKind{
	path: userPath + "/emails", param: "email_address", mode: "email", complete: "email",
	words: contactWords{
		Heading: "user.emails", About: "user.emails_about", Label: "user.email", Add: "user.email_add", Sent: "user.email_sent",
		saidVerified: "email-verified", saidPrimary: "email-primary", saidRemoved: "email-removed",
	},
	on:     func(set auth.Settings) bool { return set.Email.On() },
	normal: auth.NormalizeEmail,
	of: func(u auth.User) (out []contact) {
		for _, e := range u.Emails {
			out = append(out, contact{
				ID: e.ID, Text: e.Address, Verified: e.Verified(), Primary: e.ID == u.PrimaryEmail,
				Removable: user.RemovableEmail(u, e.ID), proof: e.Verification,
			})
		}
		return out
	},
	add: func(s *user.Self, ctx context.Context, id auth.UserID, given string) (auth.IdentificationID, error) {
		e, err := s.AddEmail(ctx, id, given)
		return e.ID, err
	},
	prepare: func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID) error {
		_, err := s.PrepareEmail(ctx, id, which)
		return err
	},
	attempt: func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID, code string) error {
		_, err := s.AttemptEmail(ctx, id, which, code)
		return err
	},
	primary: func(which auth.IdentificationID) user.UpdateSelf { return user.UpdateSelf{PrimaryEmail: which} },
	remove:  (*user.Self).DeleteEmail,
}

var phoneContacts = &contactKind{
	path: userPath + "/phones", param: "phone_number", mode: "tel", complete: "tel",
	words: contactWords{
		Heading: "user.phones", About: "user.phones_about", Label: "user.phone", Add: "user.phone_add", Sent: "user.phone_sent",
		saidVerified: "phone-verified", saidPrimary: "phone-primary", saidRemoved: "phone-removed",
	},
	on:     func(set auth.Settings) bool { return set.Phone.On() },
	normal: auth.NormalizePhone,
	of: func(u auth.User) (out []contact) {
		for _, p := range u.Phones {
			out = append(out, contact{
				ID: p.ID, Text: p.Number, Verified: p.Verified(), Primary: p.ID == u.PrimaryPhone,
				SecondFactor: p.SecondFactor, Default: p.DefaultSecondFactor,
				Removable: user.RemovablePhone(u, p.ID), Reservable: user.Reservable(u, p.ID), proof: p.Verification,
			})
		}
		return out
	},
	add: func(s *user.Self, ctx context.Context, id auth.UserID, given string) (auth.IdentificationID, error) {
		p, err := s.AddPhone(ctx, id, given)
		return p.ID, err
	},
	prepare: func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID) error {
		_, err := s.PreparePhone(ctx, id, which)
		return err
	},
	attempt: func(s *user.Self, ctx context.Context, id auth.UserID, which auth.IdentificationID, code string) error {
		_, err := s.AttemptPhone(ctx, id, which, code)
		return err
	},
	primary: func(which auth.IdentificationID) user.UpdateSelf { return user.UpdateSelf{PrimaryPhone: which} },
	remove:  (*user.Self).DeletePhone,
}
