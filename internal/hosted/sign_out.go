package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
)

// signOut signs out of one session of the browser's client, which the form may
// name, or of all of them.
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
	if err == nil {
		p.redirect(v, signInPath+v.query())
	}
	return err
}
