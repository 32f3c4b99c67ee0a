package hosted

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/session"
)

// person is who is signed in in the browser that visits.
type person struct {
	Session auth.Session
	User    auth.User
}

// own is a page of whoever is signed in, on the browser's own client. Who is not
// is sent to sign in first, and comes back. What do returns is shown as a page
// that says what went wrong.
func (p *Pages) own(do func(v *visit, who person) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, at: r.URL.Path}
		err := p.open(v)
		if err == nil && !p.signedIn(v) && v.caller.Standing != session.Lost {
			p.redirect(v, toSignIn(r.URL.Path))
			return
		}
		var who person
		if err == nil {
			who, err = p.person(v)
		}
		if err == nil && p.mustFirst(v, who.Session) {
			p.redirect(v, taskPath+"?"+url.Values{redirectParam: {cmp.Or(v.back, ownOrEmpty(r.URL.Path))}}.Encode())
			return
		}
		if err == nil {
			err = do(v, who)
		}
		if err != nil {
			p.fail(v, err)
		}
	}
}

// person is who acts: the user of the current session of the browser's client.
// It refuses as [session.Sessions.Find] does.
func (p *Pages) person(v *visit) (who person, err error) {
	if who.Session, err = p.Sessions.Find(v.caller, ""); err != nil {
		return who, err
	}
	user, ok := v.caller.Client.Users[who.Session.User]
	if !ok {
		return who, fmt.Errorf("user of a signed-in session is not there: %w", auth.ErrUnavailable)
	}
	who.User = user
	return who, nil
}

// mustFirst says whether the session waits for something else than this page.
// Who is to set up a second factor does so on the pages of the account.
func (p *Pages) mustFirst(v *visit, s auth.Session) bool {
	tasks := p.Sessions.Acting(v.caller.Client, s).Tasks.List()
	switch {
	case len(tasks) == 0 || v.at == taskPath || v.at == signOutPath:
		return false
	case tasks[0] == auth.TaskSetupMFA:
		return !strings.HasPrefix(v.at, userPath+"/")
	default:
		return true
	}
}

// toSignIn is where somebody signs in first who is to see the page at here.
func toSignIn(here string) string {
	if ownOrEmpty(here) == "" {
		return signInPath
	}
	return signInPath + "?" + url.Values{redirectParam: {here}}.Encode()
}

// ownOrEmpty is the path of a page that a visit may end at, or empty.
func ownOrEmpty(here string) string {
	if !ownPage(here) {
		return ""
	}
	return here
}
