package hosted

import (
	"html/template"
	"net/url"
	"strings"
)

// secondFactorsPage is what somebody proves themselves with besides the first
// factor.
type secondFactorsPage struct {
	userFrame
	On           bool
	App          bool // an authenticator app is set up
	MayApp       bool // the instance has them
	MayRemoveApp bool
	Numbers      []contact
	MayPhone     bool // the instance has them
	Codes        bool // there are backup codes
	Left         int
	MayCodes     bool
}

var userSecondFactors = userPage{
	name: "user_second_factors", wide: true,
	show: func(a *account) (userFramed, error) {
		set, me := a.p.Settings().SecondFactors, a.me
		page := &secondFactorsPage{
			On: me.TwoFactorEnabled(), App: me.TOTPEnabled(), MayApp: set.TOTP, MayPhone: set.PhoneCode,
			MayRemoveApp: me.TOTPEnabled() && (!set.Required || len(me.SecondFactorPhones()) > 0),
			Codes:        me.BackupCodeEnabled(), Left: len(me.BackupCodes.Hashes), MayCodes: set.BackupCodes && me.TwoFactorEnabled(),
		}
		for _, c := range phoneContacts.of(me) {
			if c.SecondFactor && c.Verified {
				page.Numbers = append(page.Numbers, c)
			}
		}
		return page, nil
	},
	acts: map[string]userAct{"remove-app": {sensitive: true, do: removeApp}, "codes": {sensitive: true, do: makeCodes}},
}

// removeApp removes the authenticator app. One that is gone already, by a form
// sent twice, is.
func removeApp(a *account) (outcome, error) {
	if a.me.TOTP.ID == "" {
		return outcome{said: "second-off"}, nil
	}
	_, err := a.p.Self.DeleteTOTP(a.r.Context(), a.me.ID)
	return outcome{said: "second-off"}, err
}

// makeCodes makes new backup codes. A form that is sent twice makes them twice:
// the page that is seen has those that count.
func makeCodes(a *account) (outcome, error) {
	_, codes, err := a.p.Self.CreateBackupCodes(a.r.Context(), a.me.ID)
	if err != nil {
		return outcome{}, err
	}
	return a.showCodes(codes), nil
}

// codesPage shows backup codes, once.
type codesPage struct {
	userFrame
	Codes []string
	Text  string       // the same, to be copied
	File  template.URL // the codes as a file to keep, in the address itself
}

// showCodes shows backup codes in answer to the form that made them: nobody can
// ask for them again.
func (a *account) showCodes(codes []string) outcome {
	text := a.p.Settings().ApplicationName + "\n" + a.me.Identifier() + "\n\n" + strings.Join(codes, "\n") + "\n"
	file := template.URL("data:text/plain;charset=utf-8," + url.PathEscape(text)) //nolint:gosec // escaped, and of a type that runs nothing
	return outcome{name: "user_codes", once: &codesPage{userFrame: userFrame{frame: frame{Wide: true}}, Codes: codes, Text: strings.Join(codes, "\n"), File: file}}
}
