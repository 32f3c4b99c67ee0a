package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/user"
)

// passwordPage sets, changes or removes a password.
type passwordPage struct {
	userFrame
	Has       bool
	Removable bool
	// Identifier is for password managers, which file a password under it.
	Identifier string
}

var userPassword = userPage{
	name: "user_password", wide: true, fields: []string{"current_password", "new_password", "present_password"},
	show: func(a *account) (userFramed, error) {
		has := !a.me.Password.Empty()
		return &passwordPage{
			Has: has, Removable: has && !a.p.Settings().PasswordRequired && user.RemovablePassword(a.me), Identifier: a.me.Identifier(),
		}, nil
	},
	acts: map[string]userAct{"change": {do: changePassword}, "remove": {sensitive: true, do: removePassword}},
}

// changePassword asks for the present password and for no other proof, as the
// Frontend API does; but only of the person.
func changePassword(a *account) (outcome, error) {
	if a.session.Actor != "" {
		return outcome{}, auth.Refuse(auth.CodeActorForbidden)
	}
	form := a.r.PostForm
	if form.Get("new_password") == "" {
		return outcome{}, auth.RefuseParam(auth.CodeParamMissing, "new_password")
	}
	_, err := a.p.Self.ChangePassword(a.r.Context(), a.session, user.ChangePassword{
		Current: form.Get("current_password"), New: form.Get("new_password"), SignOutOthers: form.Get("sign_out_others") == "true",
	})
	return outcome{said: "password"}, err
}

func removePassword(a *account) (outcome, error) {
	_, err := a.p.Self.RemovePassword(a.r.Context(), a.session, a.r.PostForm.Get("present_password"))
	return outcome{said: "password-removed"}, aboutField(err, "current_password", "present_password")
}
