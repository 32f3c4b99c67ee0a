package frontendapi

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// toUser is a user as the person sees it: private metadata stays out.
func (a *API) toUser(u auth.User) *wire.User {
	now, set := a.Now(), a.Settings()
	limit := set.Organizations.LimitOf(u)
	out := &wire.User{
		Object: "user", ID: string(u.ID), Username: respond.OrNull(u.Username),
		FirstName: respond.OrNull(u.FirstName), LastName: respond.OrNull(u.LastName), Locale: respond.OrNull(u.Locale),
		PrimaryEmailAddressID: respond.OrNull(string(u.PrimaryEmail)), PasswordEnabled: !u.Password.Empty(),
		PrimaryPhoneNumberID: respond.OrNull(string(u.PrimaryPhone)), TwoFactorEnabled: u.TwoFactorEnabled(), TOTPEnabled: u.TOTPEnabled(),
		BackupCodeEnabled: u.BackupCodeEnabled(), MFAEnabledAt: respond.Millis(u.MFAEnabledAt), MFADisabledAt: respond.Millis(u.MFADisabledAt),
		ImageURL: respond.PersonURL(a.PublicURL, u), ProfileImageURL: respond.PersonURL(a.PublicURL, u), HasImage: u.HasImage(),
		DeleteSelfEnabled: set.MayDeleteSelf(u), CreateOrganizationEnabled: set.Organizations.MayCreate(u), CreateOrganizationsLimit: &limit,
		EmailAddresses: make([]wire.EmailAddress, 0, len(u.Emails)),
		PhoneNumbers:   make([]wire.PhoneNumber, 0, len(u.Phones)), Web3Wallets: []json.RawMessage{}, Passkeys: []wire.Passkey{},
		ExternalAccounts: respond.ExternalAccounts(u, now), SAMLAccounts: []json.RawMessage{},
		EnterpriseAccounts: []json.RawMessage{}, OrganizationMemberships: []wire.OrganizationMembership{},
		PublicMetadata: respond.Object(u.PublicMeta), UnsafeMetadata: respond.Object(u.UnsafeMeta), ExternalID: respond.OrNull(u.ExternalID),
		PasswordLastUpdatedAt: respond.Millis(u.PasswordSetAt), LastSignInAt: respond.Millis(u.LastSignInAt), Banned: u.Banned,
		LastActiveAt: respond.Millis(u.LastActiveAt), LegalAcceptedAt: respond.Millis(u.LegalAcceptedAt),
		CreatedAt: u.CreatedAt.UnixMilli(), UpdatedAt: u.UpdatedAt.UnixMilli(),
	}
	for _, e := range u.Emails {
		doc := toEmail(e, now)
		doc.LinkedTo = respond.LinkedTo(u, e.Address)
		out.EmailAddresses = append(out.EmailAddresses, doc)
	}
	for _, p := range u.Phones {
		out.PhoneNumbers = append(out.PhoneNumbers, toPhone(p, now))
	}
	for _, p := range u.VerifiedPasskeys() {
		out.Passkeys = append(out.Passkeys, a.toPasskey(p))
	}
	return out
}

// toPerson is a user of the caller's client with the memberships it shows.
func (a *API) toPerson(c *call, u auth.User) *wire.User {
	out := a.toUser(u)
	for _, b := range c.caller.Client.Belongings[u.ID] {
		out.OrganizationMemberships = append(out.OrganizationMemberships, a.orgs.Member(auth.Member{Belonging: b, User: u}))
	}
	return out
}

func toEmail(e auth.EmailAddress, now time.Time) wire.EmailAddress {
	return wire.EmailAddress{
		Object: "email_address", ID: string(e.ID), EmailAddress: e.Address,
		Verification: respond.Verification(e.Verification, now), LinkedTo: []wire.Link{},
		CreatedAt: e.CreatedAt.UnixMilli(), UpdatedAt: e.UpdatedAt.UnixMilli(),
	}
}

func toPhone(p auth.PhoneNumber, now time.Time) wire.PhoneNumber {
	return wire.PhoneNumber{
		Object: "phone_number", ID: string(p.ID), PhoneNumber: p.Number,
		ReservedForSecondFactor: p.SecondFactor, DefaultSecondFactor: p.DefaultSecondFactor,
		Verification: respond.Verification(p.Verification, now), LinkedTo: []wire.Link{},
		CreatedAt: p.CreatedAt.UnixMilli(), UpdatedAt: p.UpdatedAt.UnixMilli(),
	}
}
