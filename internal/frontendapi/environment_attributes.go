package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// attribute describes one thing a user can have.
type attribute struct {
	Name                string   `json:"name"`
	Enabled             bool     `json:"enabled"`
	Required            bool     `json:"required"`
	Immutable           bool     `json:"immutable"`
	UsedForFirstFactor  bool     `json:"used_for_first_factor"`
	FirstFactors        []string `json:"first_factors"`
	UsedForSecondFactor bool     `json:"used_for_second_factor"`
	SecondFactors       []string `json:"second_factors"`
	Verifications       []string `json:"verifications"`
	VerifyAtSignUp      bool     `json:"verify_at_sign_up"`
}

// attributes are everything a user can have, switched on or not: the
// published components look each of them up by its name.
func attributes(set auth.Settings) map[string]attribute {
	out := map[string]attribute{}
	add := func(name string, use auth.Use) *attribute {
		none := []string{}
		out[name] = attribute{
			Name: name, Enabled: use.On(), Required: use == auth.UseRequired,
			FirstFactors: none, SecondFactors: none, Verifications: none,
		}
		a := out[name]
		return &a
	}
	add("web3_wallet", auth.UseOff)
	add("ticket", auth.UseOptional)
	add("first_name", set.FirstName)
	add("last_name", set.LastName)
	add("password", auth.UseOf(true, set.PasswordRequired))
	for _, a := range []attribute{
		code(add("email_address", set.Email), auth.StrategyEmailCode, set.SecondFactors.EmailCode),
		code(add("phone_number", set.Phone), auth.StrategyPhoneCode, set.SecondFactors.PhoneCode),
		identifying(add("username", set.Username)),
		first(add("passkey", auth.UseOf(set.Passkeys.Enabled, false)), auth.StrategyPasskey),
		second(add("authenticator_app", auth.UseOf(set.SecondFactors.TOTP, false)), auth.StrategyTOTP),
		second(add("backup_code", auth.UseOf(set.SecondFactors.BackupCodes, false)), auth.StrategyBackupCode),
	} {
		out[a.Name] = a
	}
	if a := out["email_address"]; a.Enabled && set.EmailLink {
		a.FirstFactors, a.Verifications = respond.EmailProofs(set), respond.EmailProofs(set)
		out["email_address"] = a
	}
	return out
}

// code is an attribute that is proven by a one-time code.
func code(a *attribute, s auth.Strategy, secondFactor bool) attribute {
	if !a.Enabled {
		return *a
	}
	a.UsedForFirstFactor, a.VerifyAtSignUp = true, true
	a.FirstFactors, a.Verifications = []string{string(s)}, []string{string(s)}
	if secondFactor {
		a.UsedForSecondFactor, a.SecondFactors = true, []string{string(s)}
	}
	return *a
}

func identifying(a *attribute) attribute {
	a.UsedForFirstFactor = a.Enabled
	return *a
}

// first is an attribute that is proven by a strategy of its own.
func first(a *attribute, s auth.Strategy) attribute {
	if a.Enabled {
		a.UsedForFirstFactor, a.FirstFactors, a.Verifications = true, []string{string(s)}, []string{string(s)}
	}
	return *a
}

func second(a *attribute, s auth.Strategy) attribute {
	if a.Enabled {
		a.UsedForSecondFactor, a.SecondFactors = true, []string{string(s)}
	}
	return *a
}

func onOrOff(u auth.Use) string {
	switch u {
	case auth.UseRequired:
		return "required"
	case auth.UseOptional:
		return "on"
	default:
		return "off"
	}
}

// identifications are what a sign-up needs, each with its alternatives, and
// what identifies at sign-in.
func identifications(set auth.Settings) (requirements []any, identifiers []string) {
	required := []string{}
	for _, i := range []struct {
		name string
		use  auth.Use
	}{{"email_address", set.Email}, {"phone_number", set.Phone}, {"username", set.Username}} {
		if i.use.On() {
			identifiers = append(identifiers, i.name)
		}
		if i.use == auth.UseRequired {
			required = append(required, i.name)
		}
	}
	for _, s := range set.SocialStrategies() {
		identifiers = append(identifiers, string(s))
	}
	return []any{required, []string{}}, identifiers
}

func firstFactors(set auth.Settings) []string {
	out := []string{"password"}
	if set.Email.On() {
		out = append(append(out, respond.EmailProofs(set)...), "reset_password_email_code")
	}
	if set.Phone.On() {
		out = append(out, "phone_code", "reset_password_phone_code")
	}
	if set.Passkeys.Enabled {
		out = append(out, "passkey")
	}
	for _, s := range set.SocialStrategies() {
		out = append(out, string(s))
	}
	return append(out, "ticket")
}

func secondFactors(set auth.Settings) []string {
	out := []string{}
	for _, f := range []struct {
		on bool
		s  auth.Strategy
	}{
		{set.SecondFactors.TOTP, auth.StrategyTOTP},
		{set.SecondFactors.PhoneCode, auth.StrategyPhoneCode},
		{set.SecondFactors.EmailCode, auth.StrategyEmailCode},
		{set.SecondFactors.BackupCodes, auth.StrategyBackupCode},
	} {
		if f.on {
			out = append(out, string(f.s))
		}
	}
	return out
}
