package hosted

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// account is a visit of somebody to a page about their own account.
type account struct {
	*visit
	p       *Pages
	session auth.Session // which the visit is in
	me      auth.User
}

// userPage is one page about an account.
type userPage struct {
	name string // of the template
	// wide: it is a page of lists and not of one form.
	wide bool
	// fields are those at which the page says what is wrong about them.
	fields []string
	// elsewhere is where to go when there is nothing to do on this page any more;
	// the zero value when there is. It may be nil.
	elsewhere func(a *account) outcome
	// show is what the page shows now.
	show func(a *account) (userFramed, error)
	// acts are what its forms ask for, by their member "do".
	acts map[string]userAct
}

// userAct does what a form asks for.
type userAct struct {
	// sensitive: only the person does this, with a recent proof where the
	// instance wants one; see [auth.Session.MayChange].
	sensitive bool
	do        func(a *account) (outcome, error)
}

// outcome is what the browser gets after a form: another page, which it asks
// for, or one that is shown in answer to the form because it can be shown once.
type outcome struct {
	to   string // path; empty for the page that the form was on
	said string // what has been done: a key of userNotices
	once userFramed
	name string // of the template of once
}

// userFrame is what every page about an account has.
type userFrame struct {
	frame
	// Confirm is where to prove oneself again first, when changes need that.
	Confirm string
	// Acting: somebody else is here in the place of the person.
	Acting bool
	// Query is what the addresses of these pages carry: where the visit ends.
	Query string
	// Onward is the way there; empty when the visit has no end but these pages.
	Onward string
}

type userFramed interface {
	framed
	gate() *userFrame
}

func (f *userFrame) gate() *userFrame { return f }

// Open says whether the page offers what only a person who has proven themselves
// may do.
func (f *userFrame) Open() bool { return f.Confirm == "" && !f.Acting }

// withScript is the frame of a page that loads these files.
func withScript(names ...string) userFrame { return userFrame{frame: frame{Scripts: names}} }

// Focus says whether the field with this name is the one to correct.
func (f *userFrame) Focus(name string) bool { return f.Wrong(name) != "" }

// At is a field with what is wrong about it.
func (f *userFrame) At(of field) field {
	of.Problem = f.Wrong(of.Name)
	of.Focus = of.Problem != ""
	return of
}

// userNotices are the messages that a page may show because its address says so.
var userNotices = map[string]string{
	"saved":            "user.said_saved",
	"picture":          "user.said_picture",
	"picture-removed":  "user.said_picture_removed",
	"email-verified":   "user.said_email_verified",
	"email-primary":    "user.said_email_primary",
	"email-removed":    "user.said_email_removed",
	"phone-verified":   "user.said_phone_verified",
	"phone-primary":    "user.said_phone_primary",
	"phone-removed":    "user.said_phone_removed",
	"code-sent":        "user.said_code_sent",
	"disconnected":     "user.said_disconnected",
	"password":         "user.said_password",
	"password-removed": "user.said_password_removed",
	"second-on":        "user.said_second_on",
	"second-off":       "user.said_second_off",
	"passkey-added":    "user.said_passkey_added",
	"passkey-renamed":  "user.said_passkey_renamed",
	"passkey-removed":  "user.said_passkey_removed",
	"signed-out":       "user.said_signed_out",
	"others":           "user.said_others",
	"confirmed":        "user.said_confirmed",
}

// userPages are the pages about an account by their paths.
func (p *Pages) userPages() map[string]userPage {
	return map[string]userPage{
		userPath:                     userOverview,
		userPath + "/profile":        userProfile,
		userPath + "/emails":         emailContacts.list(),
		userPath + "/emails/{id}":    emailContacts.one(),
		userPath + "/phones":         phoneContacts.list(),
		userPath + "/phones/{id}":    phoneContacts.one(),
		userPath + "/accounts":       userAccounts,
		userPath + "/password":       userPassword,
		userPath + "/second-factors": userSecondFactors,
		appPath:                      userApp,
		userPath + "/passkeys":       userPasskeys,
		userPath + "/passkeys/new":   userNewPasskey,
		userPath + "/devices":        userDevices,
		userPath + "/delete":         userDelete,
		confirmPath:                  userConfirm,
	}
}

// userRoutes are the pages and what their forms are sent to.
func (p *Pages) userRoutes() {
	for path, page := range p.userPages() {
		p.mux.HandleFunc("GET "+path, p.own(p.user(page)))
		p.mux.HandleFunc("POST "+path, p.own(p.user(page)))
	}
	p.mux.HandleFunc("POST "+picturePath, p.own(p.setPicture))
	p.mux.HandleFunc("GET "+picturePath, p.own(func(v *visit, _ person) error {
		p.redirect(v, userPath+"/profile") // somebody reloads what the file was sent to
		return nil
	}))
	p.mux.HandleFunc("GET "+deletedPath, p.deleted)
}

// user serves one page about the account of whoever is signed in.
func (p *Pages) user(page userPage) func(v *visit, who person) error {
	return func(v *visit, who person) error {
		a := &account{visit: v, p: p, session: who.Session, me: who.User}
		if v.r.Method != http.MethodPost {
			if over := page.over(a); over.to != "" {
				p.redirect(v, a.address(over))
				return nil
			}
			return p.showUser(a, page, nil)
		}
		done, err := page.act(a)
		switch {
		case errors.Is(err, auth.Refuse(auth.CodeReverificationRequired)):
			p.redirect(v, a.confirmAddress(v.r.URL.Path))
		case err != nil:
			return p.showUser(a, page, err)
		case done.once != nil:
			p.renderUser(a, http.StatusOK, done.name, done.once)
		default:
			p.redirect(v, a.address(done))
		}
		return nil
	}
}

// over is where to go when there is nothing to do on a page.
func (u userPage) over(a *account) outcome {
	if u.elsewhere == nil {
		return outcome{}
	}
	return u.elsewhere(a)
}

// act does what the form of a request asks for.
func (u userPage) act(a *account) (outcome, error) {
	act, ok := u.acts[a.r.PostFormValue("do")]
	if !ok {
		return outcome{}, auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	if act.sensitive {
		if err := a.mayChange(); err != nil {
			return outcome{}, err
		}
	}
	return act.do(a)
}

func (a *account) mayChange() error {
	return a.session.MayChange(a.me, a.p.Settings(), a.p.Now())
}

// address is where the browser goes after a form. A path that has a query of its
// own gets no other.
func (a *account) address(o outcome) string {
	if o.to == "" {
		o.to = a.r.URL.Path
	}
	if strings.Contains(o.to, "?") {
		return o.to
	}
	return o.to + a.query(saidParam, o.said)
}

// showUser writes a page as things are now, with what was wrong about the last
// form.
func (p *Pages) showUser(a *account, page userPage, problem error) error {
	if problem != nil { // something may have been counted or stored meanwhile
		if me, err := p.Self.Find(a.r.Context(), a.me.ID); err == nil {
			a.me = me
		}
	}
	data, err := page.show(a)
	if err != nil {
		return err
	}
	status, around := http.StatusOK, data.around()
	var mistake *typingError
	if errors.As(problem, &mistake) {
		status, around.Problem, around.About = http.StatusUnprocessableEntity, a.T(mistake.key), mistake.field
	} else if problem != nil {
		status, around.Problem = p.explain(a.visit, problem)
		if param := paramOf(problem); slices.Contains(page.fields, param) {
			around.About = param
		}
	} else if key, ok := userNotices[a.r.URL.Query().Get(saidParam)]; ok {
		around.Notice = a.T(key)
	}
	around.Wide = page.wide
	p.renderUser(a, status, page.name, data)
	return nil
}

// renderUser writes a page about an account.
func (p *Pages) renderUser(a *account, status int, name string, data userFramed) {
	gate := data.gate()
	gate.Menu = p.menu(true)
	if gate.Query = a.query(); a.back != "" {
		gate.Onward = taskPath + gate.Query
	}
	switch err := a.mayChange(); {
	case errors.Is(err, auth.Refuse(auth.CodeActorForbidden)):
		gate.Acting = true
	case err != nil:
		gate.Confirm = a.confirmAddress(a.r.URL.Path)
	}
	p.render(a.visit, status, name, data)
}

// typingError is a mistake in a form that no use case sees.
type typingError struct{ field, key string } // key of the message that says so

func (e *typingError) Error() string { return "form: " + e.field + " is not what was asked for" }

// paramOf is the name of the field that an error is about, if it says so.
func paramOf(err error) string {
	var refused *auth.Error
	if errors.As(err, &refused) {
		return refused.Param
	}
	return ""
}

// aboutField is a refusal about a parameter as one about the field that it was
// entered into, on a page with two that mean the same.
func aboutField(err error, param, field string) error {
	var refused *auth.Error
	if !errors.As(err, &refused) || refused.Param != param {
		return err
	}
	renamed := *refused
	renamed.Param = field
	return &renamed
}

// typed is what was entered into a field of a form that is shown again, and else
// what is stored.
func (a *account) typed(name, stored string) string {
	if a.r.Method == http.MethodPost && a.r.PostForm.Has(name) {
		return a.r.PostForm.Get(name)
	}
	return stored
}
