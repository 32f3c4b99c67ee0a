package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// holder is somebody who is signed in on the browser's client.
type holder struct {
	Session    auth.SessionID
	Name       string // what they are called
	Identifier string // how they sign in, if they are called otherwise
	Initial    string
	Current    bool
}

// accounts are who is signed in on the browser's client, the current one first.
func (p *Pages) accounts(v *visit) (out []holder) {
	client, now := v.caller.Client, p.Now()
	current := client.LastActive(now)
	for _, s := range client.SignedInSessions(now) {
		user, ok := client.Users[s.User]
		if !ok {
			continue
		}
		h := holder{Session: s.ID, Name: fullName(user), Identifier: user.Identifier(), Current: s.ID == current}
		if h.Initial = initial(h.Name); h.Name == h.Identifier {
			h.Identifier = ""
		}
		if h.Current {
			out = append([]holder{h}, out...)
		} else {
			out = append(out, h)
		}
	}
	return out
}

// accountsPage asks whom of those who are signed in to go on as.
func (p *Pages) accountsPage(v *visit) (page, error) {
	next := page{Step: "accounts", Accounts: p.accounts(v), Away: signOutPath + v.query()}
	if !p.Settings().SingleSession {
		next.Add = v.at + v.query(addParam, "1")
	}
	return next, nil
}

// goOn makes the session that the form names the current one.
func (p *Pages) goOn(v *visit) error {
	id := v.r.PostForm.Get("session")
	if !auth.ValidID("sess", id) || !v.web() {
		return auth.Refuse(auth.CodeResourceNotFound)
	}
	used, err := p.Sessions.Touch(v.r.Context(), v.caller, auth.SessionID(id), nil, respond.Activity(v.r))
	v.created = used.ID
	return err
}
