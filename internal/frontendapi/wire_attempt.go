package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/wire"
)

// signInDoc is the published document of a sign-in attempt.
func (a *API) signInDoc(v signin.View) *wire.SignIn {
	now := a.Now()
	out := &wire.SignIn{
		Object: "sign_in_attempt", ID: string(v.Attempt.ID), Status: string(v.Status),
		SupportedIdentifiers: supportedIdentifiers(a.Settings()), Identifier: respond.OrNull(v.Attempt.Identifier),
		FirstFactorVerification:  respond.Verification(v.Attempt.FirstFactor, now),
		SecondFactorVerification: respond.Verification(v.Attempt.SecondFactor, now),
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
