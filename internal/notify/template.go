package notify

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
)

// TemplateID names the template of a kind of messages.
type TemplateID struct {
	Channel Channel
	Slug    string
}

// Template is what the messages of a kind say, before values are put in.
type Template struct {
	TemplateID
	Name        string
	Position    int  // in the list of its channel, from 0
	Own         bool // the instance says something different from the start
	Subject     string
	Body        string // HTML if it begins with "<", and plain text otherwise
	Markup      string // kept for an editor and read by nobody else
	Variables   []string
	Required    []string // of Variables; the body must use them
	FromName    string   // local part; empty for the configured address
	ReplyToName string   // local part; empty for none
	Delivered   bool     // messages are sent
	CreatedAt   time.Time
	UpdatedAt   time.Time // zero, like CreatedAt, unless Own
}

// TemplateEdit is what to change. Nil leaves what is, and an empty text goes
// back to what the server says by itself.
type TemplateEdit struct {
	Name, Subject, Body, Markup, FromName, ReplyToName *string

	Delivered *bool
}

// Limits of a template.
const (
	MaxTemplateBody    = 64 << 10 // bytes, of the body of a mail and of markup
	MaxTemplateText    = 640      // characters of a text to a phone before values are put in
	MaxTemplateSubject = 255      // characters
	MaxTemplateName    = 128      // characters
	// maxPlaceholders bounds how long a message becomes when values are put in.
	maxPlaceholders = 64
)

// override is what an instance says differently, as stored. Empty members are
// as in the wording.
type override struct {
	Name        string    `json:"name,omitempty"`
	Subject     string    `json:"subject,omitempty"`
	Body        string    `json:"body,omitempty"`
	Markup      string    `json:"markup,omitempty"`
	FromName    string    `json:"from_name,omitempty"`
	ReplyToName string    `json:"reply_to_name,omitempty"`
	Undelivered bool      `json:"undelivered,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

// empty says whether nothing is different.
func (o override) empty() bool {
	o.CreatedAt, o.UpdatedAt = time.Time{}, time.Time{}
	return o == override{}
}

// with lays an edit over what was said so far.
func (o override) with(e TemplateEdit) override {
	for at, text := range map[*string]*string{
		&o.Name: e.Name, &o.Subject: e.Subject, &o.Body: e.Body, &o.Markup: e.Markup,
		&o.FromName: e.FromName, &o.ReplyToName: e.ReplyToName,
	} {
		if text != nil {
			*at = *text
		}
	}
	if e.Delivered != nil {
		o.Undelivered = !*e.Delivered
	}
	return o
}

// english is the language of what a template says to its editor.
var english, _ = locale.Find(locale.Default)

func wordingsOf(c Channel) []wording {
	switch c {
	case Email:
		return mailWordings
	case SMS:
		return textWordings
	default:
		return nil
	}
}

// wordingOf finds the wording of a template and its place.
func wordingOf(id TemplateID) (w wording, position int, err error) {
	list := wordingsOf(id.Channel)
	i := slices.IndexFunc(list, func(w wording) bool { return w.slug == id.Slug })
	if i < 0 {
		return wording{}, 0, auth.ErrNotFound
	}
	return list[i], i, nil
}

// localPart is the part of RFC 5321's that needs no quotes.
var localPart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*$`)
})

// check says why messages cannot be made with what an instance says.
func (o override) check(w wording, channel Channel) error {
	if err := checkLine(o.Name, "name", MaxTemplateName); err != nil {
		return err
	}
	for param, name := range map[string]string{"from_email_name": o.FromName, "reply_to_email_name": o.ReplyToName} {
		if name != "" && (channel != Email || len(name) > 64 || !localPart().MatchString(name)) {
			return auth.RefuseParam(auth.CodeParamInvalid, param)
		}
	}
	switch {
	case o.Undelivered && w.opens():
		return auth.RefuseParam(auth.CodeNotImplemented, "delivered_by_clerk")
	case o.Subject != "" && channel != Email:
		return auth.RefuseParam(auth.CodeParamInvalid, "subject")
	case len(o.Markup) > MaxTemplateBody:
		return auth.RefuseParam(auth.CodeParamTooLong, "markup")
	case !isText(o.Markup):
		return auth.RefuseParam(auth.CodeParamFormatInvalid, "markup")
	}
	if err := checkLine(o.Subject, "subject", MaxTemplateSubject); err != nil {
		return err
	}
	if err := checkVariables(w, o.Subject, "subject"); err != nil {
		return err
	}
	return o.checkBody(w, channel)
}

func (o override) checkBody(w wording, channel Channel) error {
	switch {
	case o.Body == "":
		return nil
	case len(o.Body) > MaxTemplateBody, channel == SMS && utf8.RuneCountInString(o.Body) > MaxTemplateText:
		return auth.RefuseParam(auth.CodeParamTooLong, "body")
	case !isText(o.Body), strings.TrimSpace(o.Body) == "":
		return auth.RefuseParam(auth.CodeParamFormatInvalid, "body")
	}
	if err := checkVariables(w, o.Body, "body"); err != nil {
		return err
	}
	values := samples("Application")
	filled := fill(o.Body, values)
	if channel == Email && isHTML(o.Body) {
		var err error
		if filled, err = fillHTML(o.Body, values); err != nil {
			return auth.RefuseParam(auth.CodeParamFormatInvalid, "body")
		}
	}
	for _, name := range w.required {
		// Looked for in what is sent: a comment of HTML is not.
		if !strings.Contains(filled, values[name]) || !placeholderOf(o.Body, name) {
			return auth.RefuseParam(auth.CodeParamInvalid, "body")
		}
	}
	return nil
}

func placeholderOf(text, name string) bool {
	names, _ := variablesIn(text)
	return slices.Contains(names, name)
}

func checkVariables(w wording, text, param string) error {
	names, ok := variablesIn(text)
	if !ok {
		return auth.RefuseParam(auth.CodeParamFormatInvalid, param)
	}
	if len(names) > maxPlaceholders {
		return auth.RefuseParam(auth.CodeParamTooLong, param)
	}
	for _, name := range names {
		if !slices.Contains(w.variables, name) {
			return auth.RefuseParam(auth.CodeParamInvalid, param)
		}
	}
	return nil
}

// checkLine refuses what does not fit into one line, such as a header's.
func checkLine(s, param string, most int) error {
	switch {
	case utf8.RuneCountInString(s) > most:
		return auth.RefuseParam(auth.CodeParamTooLong, param)
	case !utf8.ValidString(s), oneLine(s) != s:
		return auth.RefuseParam(auth.CodeParamFormatInvalid, param)
	}
	return nil
}

// isText refuses control characters, NUL among them, except those that lay out
// text.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	})
}
