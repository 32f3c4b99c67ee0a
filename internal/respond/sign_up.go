package respond

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/wire"
)

// SignUp is the published document of a sign-up attempt. HasPassword tells of
// the user once there is one: the attempt itself forgets its password then.
func SignUp(s auth.SignUp, set auth.Settings, hasPassword bool, now time.Time) *wire.SignUp {
	hasPassword = hasPassword || !s.Password.Empty()
	required, optional := signUpFields(set)
	return &wire.SignUp{
		Object: "sign_up_attempt", ID: string(s.ID), Status: string(s.Status(now)),
		RequiredFields: required, OptionalFields: optional, MissingFields: s.Missing(set), UnverifiedFields: s.Unverified(),
		Verifications: wire.SignUpVerifications{
			EmailAddress:    signUpProof(s.EmailAddress, s.Email, EmailProofs(set), now),
			PhoneNumber:     signUpProof(s.PhoneNumber, s.Phone, []string{string(auth.StrategyPhoneCode)}, now),
			ExternalAccount: Verification(s.External, now),
		},
		Username: OrNull(s.Username), EmailAddress: OrNull(s.EmailAddress), PhoneNumber: OrNull(s.PhoneNumber),
		PasswordEnabled: hasPassword, HasPassword: hasPassword,
		FirstName: OrNull(s.FirstName), LastName: OrNull(s.LastName),
		ExternalAccount: signUpExternal(s), ExternalAccountStrategy: OrNull(string(s.External.Strategy)),
		UnsafeMetadata: Object(s.UnsafeMeta), PublicMetadata: Object(nil),
		ExternalID: OrNull(s.ExternalID), CustomAction: s.CustomAction,
		CreatedSessionID: OrNull(string(s.CreatedSession)), CreatedUserID: OrNull(string(s.CreatedUser)),
		LegalAcceptedAt: Millis(s.LegalAcceptedAt), Locale: OrNull(s.Locale), AbandonAt: s.AbandonAt.UnixMilli(),
	}
}

// signUpFields are what a sign-up needs and what it may give.
func signUpFields(set auth.Settings) (required, optional []string) {
	required, optional = []string{}, []string{}
	password := auth.UseOf(true, set.PasswordRequired)
	for _, f := range []struct {
		name string
		use  auth.Use
	}{
		{"email_address", set.Email},
		{"phone_number", set.Phone},
		{"username", set.Username},
		{"first_name", set.FirstName},
		{"last_name", set.LastName},
		{"password", password},
		{"legal_accepted", auth.UseOf(set.LegalConsent, true)},
	} {
		switch f.use {
		case auth.UseRequired:
			required = append(required, f.name)
		case auth.UseOptional:
			optional = append(optional, f.name)
		case auth.UseOff:
		}
	}
	return required, optional
}

// signUpProof is the proof of an address or number with what to do next, null
// when there is none to prove.
func signUpProof(given string, proof auth.Verification, strategies []string, now time.Time) *wire.SignUpVerification {
	if given == "" {
		return nil
	}
	out := &wire.SignUpVerification{NextAction: "needs_prepare", SupportedStrategies: strategies}
	if v := Verification(proof, now); v != nil {
		out.Verification = *v
	} else {
		// Without a strategy: the published components take an open proof that names
		// one for a code that was sent, and send none.
		none := 0
		out.Verification = wire.Verification{
			Object: "verification_otp", Status: string(auth.VerificationUnverified), Attempts: &none,
		}
	}
	switch proof.StatusAt(now) {
	case auth.VerificationVerified:
		out.NextAction = ""
	case auth.VerificationUnverified:
		out.NextAction = "needs_attempt"
	default:
	}
	return out
}

// signUpExternal is what a sign-up took from an account elsewhere, or null.
func signUpExternal(s auth.SignUp) json.RawMessage {
	i, ok := auth.DecodeIdentity(s.ExternalAccount)
	if !ok || s.External.Status != auth.VerificationVerified {
		return json.RawMessage("null")
	}
	text, err := json.Marshal(ExternalAccount(auth.ExternalAccount{
		ExternalIdentity: i, Verification: s.External, CreatedAt: s.UpdatedAt, UpdatedAt: s.UpdatedAt,
	}, s.UpdatedAt))
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// EmailProofs are the strategies by which an address is proven.
func EmailProofs(set auth.Settings) []string {
	out := []string{string(auth.StrategyEmailCode)}
	if set.EmailLink {
		out = append(out, string(auth.StrategyEmailLink))
	}
	return out
}
