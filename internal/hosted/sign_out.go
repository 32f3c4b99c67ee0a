package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
)

// signOutPage asks who of those who are signed in is to be signed out.
func (p *Pages) signOutPage(v *visit) (page, error) {
	return page{Step: "sign-out", Accounts: p.accounts(v), Stay: userPath}, nil
}

// signOut signs out of one session of the browser's client, which the form may
// name, or of all of them. Whoever else is signed in stays so.
func (p *Pages) signOut(v *visit, who person) error {
	ctx, form := v.r.Context(), v.r.PostForm
	var err error
	switch id := form.Get("session"); {
	case form.Get("do") == "all":
		err = p.Sessions.EndAll(ctx, v.caller)
	case id == "":
		_, err = p.Sessions.End(ctx, v.caller, who.Session.ID, auth.SessionRemoved)
	case !auth.ValidID("sess", id):
		err = auth.Refuse(auth.CodeResourceNotFound)
	default:
		_, err = p.Sessions.End(ctx, v.caller, auth.SessionID(id), auth.SessionRemoved)
	}
	if err == nil {
		err = p.reload(v)
	}
	if err != nil {
		return err
	}
	after := signInPath + v.query(saidParam, "signed_out")
	if v.back != "" && !p.signedIn(v) && !ownPage(v.back) {
		after = p.next(v)
	}
	p.redirect(v, after)
	return nil
}
