package backendapi

import (
	"math"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

func (a *API) getUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	return a.account(a.Users.Get(r.Context(), id))
}

// account is the answer of every operation on one user.
func (a *API) account(acc user.Account, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toUser(acc), nil
}

func (a *API) createUser(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	refuseUnsupported(f)
	in := user.CreateUser{
		EmailAddresses: f.Strings("email_address"), PhoneNumbers: f.Strings("phone_number"), Username: f.String("username"),
		FirstName: f.String("first_name"), LastName: f.String("last_name"),
		ExternalID: f.String("external_id"), Locale: f.String("locale"), Password: newPassword(f),
		SkipPasswordRequirement: f.Bool("skip_password_requirement"), SkipUserRequirement: f.Bool("skip_user_requirement"),
		Metadata: metadata(f), Banned: f.Bool("banned"), Locked: f.Bool("locked"), Factors: importedFactors(f),
		Permissions: permissions(f),
	}
	if t := instant(f, "legal_accepted_at"); t != nil {
		in.LegalAcceptedAt = *t
	}
	if t := instant(f, "created_at"); t != nil {
		in.CreatedAt = *t
	}
	if len(in.EmailAddresses) > maxValues {
		f.Fail(auth.CodeParamTooLong, "email_address")
	}
	if len(in.PhoneNumbers) > maxValues {
		f.Fail(auth.CodeParamTooLong, "phone_number")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.account(a.Users.Create(r.Context(), in))
}

func (a *API) updateUser(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	refuseUnsupported(f)
	in := user.UpdateUser{
		Profile: user.Profile{
			FirstName: f.Optional("first_name"), LastName: f.Optional("last_name"), Username: f.Optional("username"),
			ExternalID: f.Optional("external_id"), Locale: f.Optional("locale"),
		},
		Password: newPassword(f), SignOut: f.Bool("sign_out_of_other_sessions"),
		PrimaryEmail: auth.EmailID(f.String("primary_email_address_id")), PrimaryPhone: auth.PhoneID(f.String("primary_phone_number_id")),
		Factors: importedFactors(f), Permissions: permissions(f), TellPrimary: tellPrimary(f),
		LegalAcceptedAt: instant(f, "legal_accepted_at"), CreatedAt: instant(f, "created_at"), Metadata: metadata(f),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.account(a.Users.Update(r.Context(), id, in))
}

func (a *API) deleteUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	if _, err := a.Users.Delete(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("user", string(id)), nil
}

func newPassword(f *respond.Form) user.NewPassword {
	return user.NewPassword{
		Plain: f.String("password"), Digest: f.String("password_digest"),
		Hasher: f.String("password_hasher"), SkipChecks: f.Bool("skip_password_checks"),
	}
}

func importedFactors(f *respond.Form) user.ImportedFactors {
	return user.ImportedFactors{TOTPSecret: f.String("totp_secret"), BackupCodes: f.Strings("backup_codes")}
}

// metadata reads the metadata objects that were sent.
func metadata(f *respond.Form) (m user.Metadata) {
	m.Public, _ = f.Object("public_metadata")
	m.Private, _ = f.Object("private_metadata")
	m.Unsafe, _ = f.Object("unsafe_metadata")
	return m
}

// refuseUnsupported refuses what could not be kept. Dropping it silently
// would let an operator believe in a second factor or a limit that is not there.
func refuseUnsupported(f *respond.Form) {
	for _, name := range []string{
		"web3_wallet", "primary_web3_wallet_id", "profile_image_id",
	} {
		if len(f.Strings(name)) > 0 && f.Strings(name)[0] != "" {
			f.Fail(auth.CodeNotImplemented, name)
		}
	}
	for _, name := range []string{"email_address_identification_status", "phone_number_identification_status"} {
		for _, status := range f.Strings(name) {
			if status != string(auth.VerificationVerified) {
				f.Fail(auth.CodeNotImplemented, name)
			}
		}
	}
}

// permissions reads what one user may do; null leaves it as it is.
func permissions(f *respond.Form) user.Permissions {
	p := user.Permissions{
		DeleteSelf: f.OptionalBool("delete_self_enabled"), CreateOrganization: f.OptionalBool("create_organization_enabled"),
	}
	const name = "create_organizations_limit"
	if n := f.OptionalInt(name); n != nil {
		if *n < 0 || *n > math.MaxInt32 {
			f.Fail(auth.CodeParamInvalid, name)
		}
		limit := int(*n)
		p.OrganizationLimit = &limit
	}
	return p
}

// tellPrimary says whether a former primary address is told that it is none
// any more.
func tellPrimary(f *respond.Form) bool { return f.Bool("notify_primary_email_address_changed") }
