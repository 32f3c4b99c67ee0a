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
		SupportedIdentifiers: supportedIdentifiers(a.Settings()), Identifier: respond.OrNull(v.Attempt.Identifier),
		FirstFactorVerification:  toVerification(v.Attempt.FirstFactor, now),
		SecondFactorVerification: toVerification(v.Attempt.SecondFactor, now),
		CreatedSessionID:         respond.OrNull(string(v.Attempt.CreatedSession)), AbandonAt: v.Attempt.AbandonAt.UnixMilli(),
	}
	out.SupportedFirstFactors, out.SupportedSecondFactors = toFactors(v.Factors), toFactors(v.SecondFactors)
	if v.User != nil {
		out.UserData = &wire.UserData{FirstName: respond.OrNull(v.User.FirstName), LastName: respond.OrNull(v.User.LastName),
			ImageURL: respond.ImageURL(a.PublicURL, v.User.Image), ProfileImageURL: respond.ImageURL(a.PublicURL, v.User.Image), HasImage: v.User.HasImage()}
	}
	return out
}

// toFactors is null for none: an empty list would say that there is a step
// with nothing to choose from.
func toFactors(factors []signin.Factor) (out []wire.Factor) {
	for _, f := range factors {
		w := wire.Factor{Strategy: string(f.Strategy), SafeIdentifier: f.SafeIdentifier, Primary: f.Primary, Default: f.Default}
		switch f.Strategy {
		case auth.StrategyPhoneCode, auth.StrategyResetPasswordPhone:
			w.PhoneNumberID = string(f.ID)
		case auth.StrategyTrustedDevice:
			w.TrustedDevice = string(f.ID)
		default:
			w.EmailAddressID = string(f.ID)
		}
		out = append(out, w)
	}
	return out
}

// supportedIdentifiers are what a sign-in may begin with. Users keep what they
// have when the instance switches it off for new ones.
func supportedIdentifiers(set auth.Settings) []string {
	out := []string{"email_address", "username"}
	if set.Phone.On() {
		out = append(out, "phone_number")
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
	required, optional := signUpFieldNames(a.Settings())
	return &wire.SignUp{
		Object: "sign_up_attempt", ID: string(s.ID), Status: string(v.Status),
		RequiredFields: required, OptionalFields: optional, MissingFields: v.Missing, UnverifiedFields: v.Unverified,
		Verifications: wire.SignUpVerifications{
			EmailAddress:    a.signUpProof(s.EmailAddress, s.Email, emailProofs(a.Settings())),
			PhoneNumber:     a.signUpProof(s.PhoneNumber, s.Phone, []string{string(auth.StrategyPhoneCode)}),
			ExternalAccount: toVerification(s.External, a.Now()),
		},
		Username: respond.OrNull(s.Username), EmailAddress: respond.OrNull(s.EmailAddress), PhoneNumber: respond.OrNull(s.PhoneNumber),
		PasswordEnabled: hasPassword, HasPassword: hasPassword,
		FirstName: respond.OrNull(s.FirstName), LastName: respond.OrNull(s.LastName),
		ExternalAccount: signUpExternal(s), ExternalAccountStrategy: respond.OrNull(string(s.External.Strategy)), UnsafeMetadata: respond.Object(s.UnsafeMeta), PublicMetadata: respond.Object(nil),
		CreatedSessionID: respond.OrNull(string(s.CreatedSession)), CreatedUserID: respond.OrNull(string(s.CreatedUser)),
		LegalAcceptedAt: respond.Millis(s.LegalAcceptedAt), Locale: respond.OrNull(s.Locale), AbandonAt: s.AbandonAt.UnixMilli(),
	}
}

// signUpFieldNames are what a sign-up needs and what it may give.
func signUpFieldNames(set auth.Settings) (required, optional []string) {
	required, optional = []string{}, []string{}
	password := optionally(true, set.PasswordRequired)
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
		{"legal_accepted", optionally(set.LegalConsent, true)},
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
func (a *API) signUpProof(given string, proof auth.Verification, strategies []string) *wire.SignUpVerification {
	if given == "" {
		return nil
	}
	out := &wire.SignUpVerification{NextAction: "needs_prepare", SupportedStrategies: strategies}
	now := a.Now()
	if v := toVerification(proof, now); v != nil {
		out.Verification = *v
	} else {
		none := 0
		out.Verification = wire.Verification{
			Object: "verification_otp", Status: string(auth.VerificationUnverified), Strategy: strategies[0], Attempts: &none,
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
	text, err := json.Marshal(respond.ExternalAccount(auth.ExternalAccount{
		ExternalIdentity: i, Verification: s.External, CreatedAt: s.UpdatedAt, UpdatedAt: s.UpdatedAt,
	}, s.UpdatedAt))
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}
