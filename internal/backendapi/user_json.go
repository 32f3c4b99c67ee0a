package backendapi

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/wire"
)

// userJSON is a user as back ends see one: with what the person does not see.
type userJSON struct {
	wire.User
	EmailAddresses  []emailJSON     `json:"email_addresses"`
	PhoneNumbers    []phoneJSON     `json:"phone_numbers"`
	Passkeys        []passkeyJSON   `json:"passkeys"`
	PrivateMetadata json.RawMessage `json:"private_metadata"`
}

// emailJSON is an address; its proof has no error member here.
type emailJSON struct {
	wire.EmailAddress
	Verification *verificationJSON `json:"verification"`
}

// phoneJSON is a number; its proof has no error member here.
type phoneJSON struct {
	wire.PhoneNumber
	Verification *verificationJSON `json:"verification"`
}

type verificationJSON struct {
	Object   string `json:"object"`
	Status   string `json:"status"`
	Strategy string `json:"strategy"`
	Attempts *int   `json:"attempts"`
	ExpireAt *int64 `json:"expire_at"`
}

func (a *API) toUser(acc user.Account) userJSON {
	now, set := a.Now(), a.Settings()
	u, limit := acc.User, set.Organizations.LimitOf(acc.User)
	out := userJSON{
		User: wire.User{
			Object: "user", ID: string(u.ID), Username: respond.OrNull(u.Username),
			FirstName: respond.OrNull(u.FirstName), LastName: respond.OrNull(u.LastName), Locale: respond.OrNull(u.Locale),
			PrimaryEmailAddressID: respond.OrNull(string(u.PrimaryEmail)), PasswordEnabled: !u.Password.Empty(),
			PrimaryPhoneNumberID: respond.OrNull(string(u.PrimaryPhone)), TwoFactorEnabled: u.TwoFactorEnabled(), TOTPEnabled: u.TOTPEnabled(),
			BackupCodeEnabled: u.BackupCodeEnabled(), MFAEnabledAt: respond.Millis(u.MFAEnabledAt), MFADisabledAt: respond.Millis(u.MFADisabledAt),
			ImageURL: respond.PersonURL(a.PublicURL, u), ProfileImageURL: respond.PersonURL(a.PublicURL, u), HasImage: u.HasImage(),
			DeleteSelfEnabled: set.MayDeleteSelf(u), CreateOrganizationEnabled: set.Organizations.MayCreate(u), CreateOrganizationsLimit: &limit,
			Web3Wallets:      []json.RawMessage{},
			ExternalAccounts: respond.ExternalAccounts(u, now), SAMLAccounts: []json.RawMessage{},
			EnterpriseAccounts: []json.RawMessage{}, OrganizationMemberships: []wire.OrganizationMembership{},
			PublicMetadata: respond.Object(u.PublicMeta), UnsafeMetadata: respond.Object(u.UnsafeMeta),
			ExternalID: respond.OrNull(u.ExternalID), PasswordLastUpdatedAt: respond.Millis(u.PasswordSetAt),
			LastSignInAt: respond.Millis(u.LastSignInAt), Banned: u.Banned, LastActiveAt: respond.Millis(u.LastActiveAt),
			LegalAcceptedAt: respond.Millis(u.LegalAcceptedAt), CreatedAt: u.CreatedAt.UnixMilli(), UpdatedAt: u.UpdatedAt.UnixMilli(),
		},
		EmailAddresses:  make([]emailJSON, 0, len(u.Emails)),
		PhoneNumbers:    make([]phoneJSON, 0, len(u.Phones)),
		Passkeys:        a.toPasskeys(u),
		PrivateMetadata: respond.Object(u.PrivateMeta),
	}
	left := int64(acc.Lockout.AttemptsLeft(now))
	out.VerificationAttemptsLeft = &left
	if wait := acc.Lockout.Locked(now); wait > 0 {
		seconds := int64((wait + time.Second - 1) / time.Second)
		out.Locked, out.LockoutExpiresInSeconds = true, &seconds
	}
	for _, e := range u.Emails {
		doc := a.toEmail(e)
		doc.LinkedTo = respond.LinkedTo(u, e.Address)
		out.EmailAddresses = append(out.EmailAddresses, doc)
	}
	for _, p := range u.Phones {
		out.PhoneNumbers = append(out.PhoneNumbers, a.toPhone(p))
	}
	return out
}

func (a *API) toUsers(accounts []user.Account) []userJSON {
	out := make([]userJSON, 0, len(accounts))
	for _, acc := range accounts {
		out = append(out, a.toUser(acc))
	}
	return out
}

func (a *API) toEmail(e auth.EmailAddress) emailJSON {
	return emailJSON{
		EmailAddress: wire.EmailAddress{
			Object: "email_address", ID: string(e.ID), EmailAddress: e.Address, LinkedTo: []wire.Link{},
			CreatedAt: e.CreatedAt.UnixMilli(), UpdatedAt: e.UpdatedAt.UnixMilli(),
		},
		Verification: toVerification(e.Verification, a.Now()),
	}
}

func (a *API) toPhone(p auth.PhoneNumber) phoneJSON {
	return phoneJSON{
		PhoneNumber: wire.PhoneNumber{
			Object: "phone_number", ID: string(p.ID), PhoneNumber: p.Number, LinkedTo: []wire.Link{},
			ReservedForSecondFactor: p.SecondFactor, DefaultSecondFactor: p.DefaultSecondFactor,
			CreatedAt: p.CreatedAt.UnixMilli(), UpdatedAt: p.UpdatedAt.UnixMilli(),
		},
		Verification: toVerification(p.Verification, a.Now()),
	}
}

// toVerification is null for an address whose proof was never begun.
func toVerification(v auth.Verification, now time.Time) *verificationJSON {
	if !v.Started() {
		return nil
	}
	out := &verificationJSON{
		Object: "verification_otp", Status: string(v.StatusAt(now)), Strategy: string(v.Strategy), ExpireAt: respond.Millis(v.ExpireAt),
	}
	switch v.Strategy {
	case auth.StrategyAdmin:
		out.Object = "verification_admin"
	case auth.StrategyTicket:
		out.Object = "verification_ticket"
	case auth.StrategyPasskey:
		out.Object, out.Attempts = "verification_passkey", &v.Attempts
	default:
		if object := respond.VerificationObject(v.Strategy); object != "" {
			out.Object = object
		}
		out.Attempts = &v.Attempts
	}
	return out
}

// deleted is the answer to a deletion.
func deleted(object, id string) wire.Deleted {
	return wire.Deleted{Object: object, ID: id, Deleted: true}
}
