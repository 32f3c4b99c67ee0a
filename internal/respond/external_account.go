package respond

import (
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/wire"
)

// ExternalAccount is the published document of an account elsewhere.
func ExternalAccount(e auth.ExternalAccount, now time.Time) wire.ExternalAccount {
	return wire.ExternalAccount{
		Object: "external_account", ID: string(e.ID), Provider: string(e.Provider), IdentificationID: string(e.Identification),
		ProviderUserID: e.Subject, ApprovedScopes: e.Scopes, EmailAddress: e.EmailAddress, EmailAddressVerified: e.EmailVerified,
		FirstName: e.FirstName, LastName: e.LastName, AvatarURL: e.ImageURL, ImageURL: OrNull(e.ImageURL), Username: OrNull(e.Username),
		PublicMetadata: Object(nil), Verification: externalVerification(e.Verification, now),
		CreatedAt: e.CreatedAt.UnixMilli(), UpdatedAt: e.UpdatedAt.UnixMilli(),
	}
}

// ExternalAccounts are those of a user; never null.
func ExternalAccounts(u auth.User, now time.Time) []wire.ExternalAccount {
	out := make([]wire.ExternalAccount, 0, len(u.ExternalAccounts))
	for _, e := range u.ExternalAccounts {
		out = append(out, ExternalAccount(e, now))
	}
	return out
}

// LinkedTo are the accounts elsewhere whose provider has verified an address;
// never null.
func LinkedTo(u auth.User, address string) []wire.Link {
	out := []wire.Link{}
	for _, e := range u.LinkedTo(address) {
		out = append(out, wire.Link{Type: string(e.Provider), ID: string(e.Identification)})
	}
	return out
}

// externalVerification is the proof of an account elsewhere. Its object names
// the one form that has a name of its own.
func externalVerification(v auth.Verification, now time.Time) *wire.Verification {
	if !v.Started() {
		return nil
	}
	out := &wire.Verification{
		Object: VerificationObject(v.Strategy), Status: string(v.StatusAt(now)), Strategy: string(v.Strategy), Attempts: &v.Attempts,
		ExpireAt: Millis(v.ExpireAt), ExternalRedirect: OrNull(v.RedirectURL),
	}
	if v.ErrorCode != "" {
		out.Error = problemOf(v)
	}
	return out
}

// VerificationObject is the published type of a proof by an account elsewhere,
// or empty for any other.
func VerificationObject(s auth.Strategy) string {
	switch {
	case s == auth.StrategyGoogleOneTap:
		return "verification_google_one_tap"
	case strings.HasPrefix(string(s), "from_oauth_"):
		return "verification_from_oauth"
	case strings.HasPrefix(string(s), "oauth_"):
		return "verification_oauth"
	default:
		return ""
	}
}
