package hosted

import (
	"strings"

	"github.com/perennialauth/perennial/internal/respond"
)

// overviewPage is where the pages about an account begin.
type overviewPage struct {
	userFrame
	Name       string
	Identifier string
	Picture    string
	Rows       []overviewRow
}

// overviewRow leads to one page.
type overviewRow struct {
	Path  string
	Title string
	Value string // how things stand there, in words; or empty
}

var userOverview = userPage{name: "user", wide: true, show: func(a *account) (userFramed, error) {
	page := &overviewPage{Name: nameOf(a.me), Identifier: a.me.Identifier(), Picture: respond.PersonURL("", a.me)}
	page.Rows = append(a.contactRows(), a.securityRows()...)
	return page, nil
}}

// contactRows lead to who somebody is and how to reach them.
func (a *account) contactRows() []overviewRow {
	set, me := a.p.Settings(), a.me
	rows := []overviewRow{{userPath + "/profile", a.T("user.profile"), nameOf(me)}}
	if set.Email.On() || len(me.Emails) > 0 {
		rows = append(rows, overviewRow{userPath + "/emails", a.T("user.emails"), a.words().N("user.emails_count", len(me.Emails))})
	}
	if set.Phone.On() || len(me.Phones) > 0 {
		rows = append(rows, overviewRow{userPath + "/phones", a.T("user.phones"), a.words().N("user.phones_count", len(me.Phones))})
	}
	if names := a.connectedNames(); len(set.SocialStrategies()) > 0 || len(names) > 0 {
		rows = append(rows, overviewRow{userPath + "/accounts", a.T("user.accounts"), strings.Join(names, ", ")})
	}
	return rows
}

// securityRows lead to how somebody signs in, and where they have.
func (a *account) securityRows() []overviewRow {
	set, me := a.p.Settings(), a.me
	state := func(on bool) string {
		if on {
			return a.T("user.on")
		}
		return a.T("user.off")
	}
	password := a.T("user.password_unset")
	if !me.Password.Empty() {
		password = a.T("user.password_is_set")
	}
	rows := []overviewRow{{userPath + "/password", a.T("user.password"), password}}
	if set.SecondFactors.Any() || me.TwoFactorEnabled() {
		rows = append(rows, overviewRow{userPath + "/second-factors", a.T("user.second_factors"), state(me.TwoFactorEnabled())})
	}
	if count := len(me.VerifiedPasskeys()); a.p.hasPasskeys(a.visit) || count > 0 {
		rows = append(rows, overviewRow{userPath + "/passkeys", a.T("user.passkeys"), a.words().N("user.passkeys_count", count)})
	}
	rows = append(rows, overviewRow{userPath + "/devices", a.T("user.devices"), a.T("user.devices_about")})
	if set.MayDeleteSelf(me) {
		rows = append(rows, overviewRow{userPath + "/delete", a.T("user.delete"), ""})
	}
	return rows
}
