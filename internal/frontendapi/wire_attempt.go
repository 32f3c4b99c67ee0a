package frontendapi

import (
	"encoding/json"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/signup"
	"github.com/perennialauth/perennial/wire"
)

// signInDoc is the published document of a sign-in attempt.
func (a *API) signInDoc(v signin.View) *wire.SignIn {
	now := a.Now()
	out := &wire.SignIn{
		Object: "sign_in_attempt", ID: string(v.Attempt.ID), Status: string(v.Status),
		SupportedIdentifiers: []string{"email_address", "username"}, Identifier: respond.OrNull(v.Attempt.Identifier),
		FirstFactorVerification:  toVerification(v.Attempt.FirstFactor, now),
		SecondFactorVerification: toVerification(v.Attempt.SecondFactor, now),
		CreatedSessionID:         respond.OrNull(string(v.Attempt.CreatedSession)), AbandonAt: v.Attempt.AbandonAt.UnixMilli(),
	}
	for _, f := range v.Factors {
		out.SupportedFirstFactors = append(out.SupportedFirstFactors, wire.Factor{
			Strategy: string(f.Strategy), SafeIdentifier: f.SafeIdentifier, EmailAddressID: string(f.Email), Primary: f.Primary,
		})
	}
	if v.User != nil {
		out.UserData = &wire.UserData{FirstName: respond.OrNull(v.User.FirstName), LastName: respond.OrNull(v.User.LastName)}
	}
	return out
}

// signUpDoc is the published document of a sign-up attempt on a client.
func (a *API) signUpDoc(v signup.View, agg auth.ClientAggregate) *wire.SignUp {
	s := v.Attempt
	hasPassword := !s.Password.Empty()
	if user, ok := agg.Users[s.CreatedUser]; ok {
		hasPassword = !user.Password.Empty()
	}
	required, optional := []string{"email_address"}, []string{"first_name", "last_name"}
	if a.Settings().PasswordRequired {
		required = append(required, "password")
	} else {
		optional = append(optional, "password")
	}
	return &wire.SignUp{
		Object: "sign_up_attempt", ID: string(s.ID), Status: string(v.Status),
		RequiredFields: required, OptionalFields: optional, MissingFields: v.Missing, UnverifiedFields: v.Unverified,
		Verifications: wire.SignUpVerifications{EmailAddress: a.signUpEmail(s)},
		Username:      respond.OrNull(s.Username), EmailAddress: respond.OrNull(s.EmailAddress),
		PasswordEnabled: hasPassword, HasPassword: hasPassword,
		FirstName: respond.OrNull(s.FirstName), LastName: respond.OrNull(s.LastName),
		ExternalAccount: json.RawMessage("null"), UnsafeMetadata: respond.Object(s.UnsafeMeta), PublicMetadata: respond.Object(nil),
		CreatedSessionID: respond.OrNull(string(s.CreatedSession)), CreatedUserID: respond.OrNull(string(s.CreatedUser)),
		LegalAcceptedAt: respond.Millis(s.LegalAcceptedAt), Locale: respond.OrNull(s.Locale), AbandonAt: s.AbandonAt.UnixMilli(),
	}
}

// signUpEmail is the proof of the address with what to do next, null without an
// address.
func (a *API) signUpEmail(s auth.SignUp) *wire.SignUpVerification {
	if s.EmailAddress == "" {
		return nil
	}
	out := &wire.SignUpVerification{NextAction: "needs_prepare", SupportedStrategies: []string{string(auth.StrategyEmailCode)}}
	now := a.Now()
	if v := toVerification(s.Email, now); v != nil {
		out.Verification = *v
	} else {
		none := 0
		out.Verification = wire.Verification{
			Object: "verification_otp", Status: string(auth.VerificationUnverified),
			Strategy: string(auth.StrategyEmailCode), Attempts: &none,
		}
	}
	switch s.Email.StatusAt(now) {
	case auth.VerificationVerified:
		out.NextAction = ""
	case auth.VerificationUnverified:
		out.NextAction = "needs_attempt"
	case auth.VerificationFailed, auth.VerificationExpired:
	}
	return out
}
