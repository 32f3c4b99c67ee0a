package hosted

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"

	"github.com/perennialauth/perennial/internal/factor"
)

// appPage sets up an authenticator app.
type appPage struct {
	userFrame
	Secret string       // empty until one was drawn
	Spaced string       // the same in groups, to be read and typed
	URI    template.URL // what an app on this device opens
	QR     template.URL // the picture that an app on another device reads
}

// appPath is the page on which an authenticator app is set up.
const appPath = userPath + "/app"

var userApp = userPage{
	name: "user_app", fields: []string{"code"},
	elsewhere: func(a *account) outcome {
		if a.me.TOTPEnabled() {
			return outcome{to: userPath + "/second-factors"}
		}
		return outcome{}
	},
	// A secret is told once. It comes back with the form in which a code was
	// wrong, so that nobody has to begin again for a typing error.
	show: func(a *account) (userFramed, error) {
		given := a.r.PostFormValue("secret")
		if a.me.TOTP.ID == "" || !isSecretText(given) {
			return &appPage{}, nil
		}
		return a.appPage(given)
	},
	acts: map[string]userAct{"begin": {sensitive: true, do: beginApp}, "prove": {do: proveApp}},
}

// isSecretText reports whether text can be a secret in base 32. It is no regular
// expression: every command of the program would wait for that to be compiled.
func isSecretText(text string) bool {
	return len(text) >= 16 && len(text) <= 64 &&
		!strings.ContainsFunc(text, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '2' || r > '7') })
}

// appPage shows a secret in all forms in which apps take it.
func (a *account) appPage(secret string) (*appPage, error) {
	uri := factor.URI(a.p.Settings().ApplicationName, a.me.Identifier(), secret)
	code, err := qr.Encode(uri, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw authenticator secret: %w", err)
	}
	code.Scale = 6
	page := &appPage{Secret: secret, URI: template.URL(uri)}                                         //nolint:gosec // escaped by [factor.URI]
	page.QR = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())) //nolint:gosec // a picture
	for i := 0; i < len(secret); i += 4 {
		page.Spaced += secret[i:min(i+4, len(secret))] + " "
	}
	return page, nil
}

// beginApp draws a secret and shows it in answer to the form.
func beginApp(a *account) (outcome, error) {
	t, err := a.p.Self.CreateTOTP(a.r.Context(), a.me.ID)
	if err != nil {
		return outcome{}, err
	}
	page, err := a.appPage(t.Secret)
	return outcome{name: "user_app", once: page}, err
}

// proveApp proves a code of the app. Backup codes that come with the first
// second factor are shown now or never.
func proveApp(a *account) (outcome, error) {
	done := outcome{to: userPath + "/second-factors", said: "second-on"}
	if a.me.TOTPEnabled() { // the form was sent twice
		return done, nil
	}
	_, codes, err := a.p.Self.AttemptTOTP(a.r.Context(), a.me.ID, a.code())
	if err == nil && len(codes) > 0 {
		done = a.showCodes(codes)
	}
	return done, err
}
