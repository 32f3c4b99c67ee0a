package frontendapi

import "github.com/perennialauth/perennial/internal/user"

// changeMyPassword is limited per address: a borrowed session must not become
// a place to guess the password.
func (a *API) changeMyPassword(c *call) error {
	if err := a.limit(c); err != nil {
		return err
	}
	acting, _, err := a.itself(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	in := user.ChangePassword{
		Current: f.String("current_password"), New: f.Required("new_password"),
		SignOutOthers: f.Bool("sign_out_of_other_sessions"),
	}
	if err := f.Err(); err != nil {
		return err
	}
	changed, err := a.Self.ChangePassword(c.r.Context(), acting, in)
	return a.answerMe(c, changed, err)
}

func (a *API) removeMyPassword(c *call) error {
	if err := a.limit(c); err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	current := f.String("current_password")
	if err := f.Err(); err != nil {
		return err
	}
	changed, err := a.Self.RemovePassword(c.r.Context(), acting, current)
	return a.answerMe(c, changed, err)
}
