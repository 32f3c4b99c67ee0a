package hosted

import (
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// passkeysPage lists the passkeys of an account.
type passkeysPage struct {
	userFrame
	Passkeys []passkeyRow
	May      bool           // another one can be added here
	Renaming auth.PasskeyID // that got no new name; or empty
}

// passkeyRow is one passkey.
type passkeyRow struct {
	ID    auth.PasskeyID
	Name  string
	Added instant
	Used  *instant // nil for never
}

// newPasskeyPage asks the browser for a passkey. It needs script.
type newPasskeyPage struct {
	userFrame
	ID      auth.PasskeyID
	Options string // for the authenticator, as JSON
}

const passkeysPath = userPath + "/passkeys"

var userPasskeys = userPage{
	name: "user_passkeys", wide: true, fields: []string{"name"},
	show: func(a *account) (userFramed, error) {
		page := &passkeysPage{userFrame: withScript("passkey.js"), May: a.p.hasPasskeys(a.visit) && len(a.me.VerifiedPasskeys()) < auth.MaxPasskeys}
		if a.r.PostFormValue("do") == "rename" {
			page.Renaming = chosen(a)
		}
		for _, k := range a.me.VerifiedPasskeys() {
			row := passkeyRow{ID: k.ID, Name: k.Name, Added: a.ago(k.CreatedAt)}
			if !k.LastUsedAt.IsZero() {
				used := a.ago(k.LastUsedAt)
				row.Used = &used
			}
			page.Passkeys = append(page.Passkeys, row)
		}
		return page, nil
	},
	acts: map[string]userAct{
		"begin":  {sensitive: true, do: beginPasskey},
		"rename": {do: renamePasskey},
		"remove": {sensitive: true, do: removePasskey},
	},
}

var userNewPasskey = userPage{
	name: "user_new_passkey",
	elsewhere: func(a *account) outcome {
		if _, ok := a.newPasskey(); !ok {
			return outcome{to: passkeysPath}
		}
		return outcome{}
	},
	show: func(a *account) (userFramed, error) {
		page := &newPasskeyPage{userFrame: withScript("passkey.js")}
		if k, ok := a.newPasskey(); ok {
			page.ID, page.Options = k.ID, k.Verification.Nonce
		}
		return page, nil
	},
	acts: map[string]userAct{"add": {do: addPasskey}, "begin": {sensitive: true, do: beginPasskey}},
}

// newPasskey is the passkey whose registration has begun and can be answered.
func (a *account) newPasskey() (auth.Passkey, bool) {
	for _, k := range a.me.Passkeys {
		if !k.Verified() && k.Verification.AwaitsPasskey(a.p.Now()) == nil {
			return k, true
		}
	}
	return auth.Passkey{}, false
}

func beginPasskey(a *account) (outcome, error) {
	_, err := a.p.Self.CreatePasskey(a.r.Context(), a.me.ID, a.p.relyingParty(a.visit))
	return outcome{to: passkeysPath + "/new"}, err
}

func addPasskey(a *account) (outcome, error) {
	id := auth.PasskeyID(a.r.PostForm.Get("id"))
	_, err := a.p.Self.AttemptPasskey(a.r.Context(), a.me.ID, id, a.p.relyingParty(a.visit), a.r.PostForm.Get("public_key_credential"))
	return outcome{to: passkeysPath, said: "passkey-added"}, err
}

func renamePasskey(a *account) (outcome, error) {
	_, err := a.p.Self.RenamePasskey(a.r.Context(), a.me.ID, chosen(a), a.r.PostForm.Get("name"))
	return outcome{said: "passkey-renamed"}, err
}

// removePasskey removes one. One that is gone already, by a form sent twice, is.
func removePasskey(a *account) (outcome, error) {
	if _, ok := a.me.Passkey(chosen(a)); !ok {
		return outcome{said: "passkey-removed"}, nil
	}
	return outcome{said: "passkey-removed"}, a.p.Self.DeletePasskey(a.r.Context(), a.me.ID, chosen(a))
}

// instant is when something was, as it is said and as programs read it.
type instant struct{ Words, Exact string }

// ago says how long ago something was: a server does not know what the clock on
// the wall of a visitor shows.
func (a *account) ago(t time.Time) instant {
	out := instant{Exact: t.UTC().Format(time.RFC3339)}
	switch age := a.p.Now().Sub(t); {
	case age < time.Minute:
		out.Words = a.T("user.just_now")
	case age < time.Hour:
		out.Words = a.words().N("user.minutes_ago", int(age/time.Minute))
	case age < 24*time.Hour:
		out.Words = a.words().N("user.hours_ago", int(age/time.Hour))
	default:
		out.Words = a.words().N("user.days_ago", int(age/(24*time.Hour)))
	}
	return out
}
