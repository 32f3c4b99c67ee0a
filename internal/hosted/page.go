package hosted

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"sync"

	"github.com/perennialauth/perennial/internal/respond"
)

//go:embed pages
var pageFiles embed.FS

// pageSet parses a page when it is shown first: most processes show none.
type pageSet struct {
	frame  func() *template.Template // what all pages have in common
	parsed sync.Map                  // name to *template.Template
}

var pages = pageSet{frame: sync.OnceValue(func() *template.Template {
	return template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"field": newField, "sendsCode": sendsCode,
		// An address that was checked when the flow began may have a scheme of an app.
		"opened": func(address string) template.URL { return template.URL(address) }, //nolint:gosec // see above
	}).ParseFS(pageFiles, "pages/layout.html", "pages/parts/*.html"))
})}

// named is a page with its frame.
func (s *pageSet) named(name string) (*template.Template, error) {
	if found, ok := s.parsed.Load(name); ok {
		return found.(*template.Template), nil
	}
	page, err := s.frame().Clone()
	if err == nil {
		page, err = page.ParseFS(pageFiles, "pages/"+name+".html")
	}
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	found, _ := s.parsed.LoadOrStore(name, page)
	return found.(*template.Template), nil
}

// render writes the page pages/<name>.html, which defines the templates title
// and main. It sets the frame that the data embed.
func (p *Pages) render(v *visit, status int, name string, data framed) {
	p.enframe(v, data.around())
	var b bytes.Buffer
	page, err := pages.named(name)
	if err == nil {
		err = page.Execute(&b, data)
	}
	if err != nil {
		slog.ErrorContext(v.r.Context(), "render page", "trace_id", data.around().Trace, "error", err)
		respond.Unavailable(v.w, v.r, err)
		return
	}
	p.headers(v)
	p.handOut(v)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", data.around().Lang)
	v.w.Header().Add("Vary", "Accept-Language, Cookie")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes())
}

// headers keep a page to itself: no script but the instance's own files, no
// frame, nothing from elsewhere, and a form may lead here or back to the app.
// With no referrer at all a browser would call its own forms foreign.
func (p *Pages) headers(v *visit) {
	h := v.w.Header()
	action := "'self'"
	if to := formTarget(cmp.Or(v.flow.RedirectURL, v.back)); to != "" {
		action += " " + to
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src "+p.pictures()+"; form-action "+action+
		"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Del("Access-Control-Allow-Origin")
	h.Del("Access-Control-Allow-Credentials")
}

// pictures are where pictures come from: here, QR codes from the page itself, and
// the logo.
func (p *Pages) pictures() string {
	sources := "'self' data:"
	if origin := p.Settings().Appearance.LogoOrigin(); origin != "" {
		sources += " " + origin
	}
	return sources
}

// formTarget is a return address as a source of a Content-Security-Policy,
// which browsers apply to where a form is redirected, too. The policy has no
// form for an IPv6 address.
func formTarget(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return ""
	}
	if (u.Scheme == "http" || u.Scheme == "https") && !strings.Contains(u.Host, "[") {
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + ":"
}

// field is one thing that a form asks for.
type field struct {
	Name, Label, Type, Autocomplete, Value string
	Hint                                   string // what to enter, in words; or empty
	Problem                                string // what is wrong about Value; or empty
	Mode                                   string // the keyboard of a phone, as in inputmode
	Digits                                 int    // of a code, which is sent once it has as many; or zero
	Required, Readonly, Focus              bool
}

// newField is a field from pairs of member and value, for templates.
func newField(pairs ...any) (field, error) {
	f := field{Type: "text"}
	members := reflect.ValueOf(&f).Elem()
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		member, value := members.FieldByName(name), reflect.ValueOf(pairs[i+1])
		if !member.IsValid() || !value.IsValid() || !value.CanConvert(member.Type()) {
			return f, fmt.Errorf("field: %v cannot be %v", pairs[i], pairs[i+1])
		}
		member.Set(value.Convert(member.Type()))
	}
	return f, nil
}
