package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

type authConfigJSON struct {
	Object                string `json:"object"`
	ID                    string `json:"id"`
	RestrictedToAllowList bool   `json:"restricted_to_allowlist"`
	ProgressiveSignUp     bool   `json:"progressive_sign_up"`
}

// updateAuthConfig takes the settings that are published among the beta
// features. Every sign-up here is progressive and codes for tests depend on how
// the instance is run: both can be confirmed and not changed. The sender of
// mails is set with the mail server.
func (a *API) updateAuthConfig(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	restricted := f.OptionalBool("restricted_to_allowlist")
	if p := f.OptionalBool("progressive_sign_up"); p != nil && !*p {
		f.Fail(auth.CodeParamInvalid, "progressive_sign_up")
	}
	if m := f.OptionalBool("test_mode"); m != nil && *m != a.Settings().TestCodes {
		f.Fail(auth.CodeParamInvalid, "test_mode")
	}
	if f.Given("from_email_address") {
		f.Fail(auth.CodeParamUnknown, "from_email_address")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	set := a.Settings()
	if restricted != nil {
		set, err = a.Live.Update(r.Context(), func(s *auth.Settings) error {
			s.Restrictions.AllowList = *restricted
			return nil
		})
	}
	return authConfigJSON{"instance_settings", a.InstanceID, set.Restrictions.AllowList, true}, err
}
