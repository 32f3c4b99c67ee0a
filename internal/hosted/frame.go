package hosted

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
	"github.com/perennialauth/perennial/internal/respond"
)

// frame is what every page has around its own content. The data of a page embed
// it and set the first members; the others are set by [Pages.render].
type frame struct {
	Problem string // what was wrong about the last step, worded
	About   string // name of the field that Problem is about; or empty
	Notice  string // what has been done, worded

	Wide bool  // a page of lists and not of one form
	Menu *menu // of somebody who is signed in; or nil

	Application string
	Logo        string // address of a picture; or empty
	Scheme      string // of colors, as in the element meta
	Home        string // where the application is; or empty
	Lang, Dir   string
	Languages   []locale.Language
	Here        string // path and query of this page
	Style       string // path of the style sheet
	Icon        string // of tabs, when there is no logo
	Scripts     []string
	Trace       string

	texts *locale.Texts
}

// framed are the data of a page: a pointer to a struct that embeds frame.
type framed interface{ around() *frame }

func (f *frame) around() *frame { return f }

// Wrong is what is wrong about the field with this name, in words; or empty.
func (f *frame) Wrong(name string) string {
	if f.About != name {
		return ""
	}
	return f.Problem
}

// T is the message with this key, see [locale.Texts.T].
func (f *frame) T(key string, pairs ...any) string { return f.texts.T(key, pairs...) }

// N is the message with this key and its plural forms, see [locale.Texts.N].
func (f *frame) N(key string, count int, pairs ...any) string {
	return f.texts.N(key, count, pairs...)
}

// Rich is the message with this key whose values stand out, see [locale.Texts.Rich].
func (f *frame) Rich(key string, pairs ...any) template.HTML { return f.texts.Rich(key, pairs...) }

// words are the messages in the language of the visitor.
func (v *visit) words() *locale.Texts {
	if v.texts == nil {
		v.texts = locale.In(spoken(v.r))
	}
	return v.texts
}

// T is a message in the language of the visitor, see [locale.Texts.T].
func (v *visit) T(key string, pairs ...any) string { return v.words().T(key, pairs...) }

// languageCookie holds the language that somebody has chosen on a page.
const languageCookie = "__perennial_lang"

// languageAge is for how long the choice is kept, in seconds.
const languageAge = 365 * 24 * 60 * 60

// spoken is the language of a request: the one that was chosen, or else the one
// that the browser asks for.
func spoken(r *http.Request) locale.Language {
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if chosen, ok := locale.Find(cookie.Value); ok {
			return chosen
		}
	}
	return locale.Match(r.Header.Get("Accept-Language"))
}

// chooseLanguage keeps the language that somebody has chosen, and shows the page
// again on which they did.
func (p *Pages) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	v := &visit{w: w, r: r}
	if err := p.accept(v); err != nil {
		p.fail(v, err)
		return
	}
	if chosen, ok := locale.Find(v.r.PostForm.Get("language")); ok {
		p.setCookie(v, languageCookie, chosen.Code, languageAge)
	}
	p.headers(v)
	w.Header().Set("Location", p.shown(v.r.PostForm.Get("back")))
	w.WriteHeader(http.StatusSeeOther)
}

// shown is an address if it is that of a page here, and else that of the sign-in.
func (p *Pages) shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Fragment != "" || !strings.HasPrefix(u.Path, "/") {
		return signInPath
	}
	// What is sent is written from what was understood, not what was given.
	clean := &url.URL{Path: u.Path, RawQuery: u.Query().Encode()}
	probe := &http.Request{Method: http.MethodGet, URL: clean}
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) || !p.mux.Match(probe) {
		return signInPath
	}
	return clean.String()
}

// metaScheme tells a browser how to show what it draws before the style is there.
func metaScheme(s auth.ColorScheme) string {
	if s == auth.ColorSchemeLight || s == auth.ColorSchemeDark {
		return string(s)
	}
	return "light dark"
}

// enframe sets what every page has.
func (p *Pages) enframe(v *visit, f *frame) {
	set := p.Settings()
	f.texts = v.words()
	f.Lang, f.Dir, f.Languages = f.texts.Language.Code, f.texts.Language.Direction, locale.Languages()
	f.Application, f.Home, f.Trace = set.ApplicationName, set.HomeURL, v.w.Header().Get(respond.TraceHeader)
	f.Here = v.r.URL.RequestURI()
	f.Logo, f.Scheme = set.Appearance.LogoURL, metaScheme(set.Appearance.ColorScheme)
	f.Style, f.Icon = p.assetPath(styleName), p.assetPath("icon.svg")
	f.Scripts = append([]string{"page.js"}, f.Scripts...)
	for i, name := range f.Scripts {
		f.Scripts[i] = p.assetPath(name)
	}
}
