package backendapi

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/wire"
)

// userJSON is a user as back ends see one: with what the person does not see.
type userJSON struct {
	wire.User
	EmailAddresses  []emailJSON     `json:"email_addresses"`
	PrivateMetadata json.RawMessage `json:"private_metadata"`
}

// emailJSON is an address; its proof has no error member here.
type emailJSON struct {
	wire.EmailAddress
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
	now := a.Now()
	u := acc.User
	out := userJSON{
		User: wire.User{
			Object: "user", ID: string(u.ID), Username: orNull(u.Username),
			FirstName: orNull(u.FirstName), LastName: orNull(u.LastName), Locale: orNull(u.Locale),
			PrimaryEmailAddressID: orNull(string(u.PrimaryEmail)), PasswordEnabled: !u.Password.Empty(),
			DeleteSelfEnabled: true, CreateOrganizationEnabled: true, CreateOrganizationsLimit: new(int),
			PhoneNumbers: []json.RawMessage{}, Web3Wallets: []json.RawMessage{}, Passkeys: []json.RawMessage{},
			ExternalAccounts: []json.RawMessage{}, SAMLAccounts: []json.RawMessage{},
			EnterpriseAccounts: []json.RawMessage{}, OrganizationMemberships: []json.RawMessage{},
			PublicMetadata: object(u.PublicMeta), UnsafeMetadata: object(u.UnsafeMeta),
			ExternalID: orNull(u.ExternalID), PasswordLastUpdatedAt: millis(u.PasswordSetAt),
			LastSignInAt: millis(u.LastSignInAt), Banned: u.Banned, LastActiveAt: millis(u.LastActiveAt),
			LegalAcceptedAt: millis(u.LegalAcceptedAt), CreatedAt: u.CreatedAt.UnixMilli(), UpdatedAt: u.UpdatedAt.UnixMilli(),
		},
		EmailAddresses:  make([]emailJSON, 0, len(u.Emails)),
		PrivateMetadata: object(u.PrivateMeta),
	}
	left := int64(acc.Lockout.AttemptsLeft(now))
	out.VerificationAttemptsLeft = &left
	if wait := acc.Lockout.Locked(now); wait > 0 {
		seconds := int64((wait + time.Second - 1) / time.Second)
		out.Locked, out.LockoutExpiresInSeconds = true, &seconds
	}
	for _, e := range u.Emails {
		out.EmailAddresses = append(out.EmailAddresses, a.toEmail(e))
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
			Object: "email_address", ID: string(e.ID), EmailAddress: e.Address, LinkedTo: []json.RawMessage{},
			CreatedAt: e.CreatedAt.UnixMilli(), UpdatedAt: e.UpdatedAt.UnixMilli(),
		},
		Verification: toVerification(e.Verification, a.Now()),
	}
}

// toVerification is null for an address whose proof was never begun.
func toVerification(v auth.Verification, now time.Time) *verificationJSON {
	if !v.Started() {
		return nil
	}
	out := &verificationJSON{
		Object: "verification_otp", Status: string(v.StatusAt(now)), Strategy: string(v.Strategy), ExpireAt: millis(v.ExpireAt),
	}
	switch v.Strategy {
	case auth.StrategyAdmin:
		out.Object = "verification_admin"
	case auth.StrategyTicket:
		out.Object = "verification_ticket"
	default:
		out.Attempts = &v.Attempts
	}
	return out
}

// deleted is the answer to a deletion.
func deleted(object, id string) wire.Deleted {
	return wire.Deleted{Object: object, ID: id, Deleted: true}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// millis is null for the zero time.
func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

func object(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}
