package notify

import (
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
)

// Variables that messages are made with.
const (
	varAction       = "action_url" // of an invitation
	varApp          = "app.name"
	varDevice       = "device"
	varCode         = "otp_code"
	varLink         = "magic_link"
	varMinutes      = "ttl_minutes"
	varOrganization = "org.name"
	varPasskey      = "passkey_name"
	varRecipient    = "recipient" // the address or number the message goes to
)

// samples stand for the values in a preview and in the check of a template.
// Nothing in them needs to be escaped, so that they are found again.
func samples(application string) map[string]string {
	return map[string]string{
		varAction: "https://example.com/invitation", varApp: oneLine(application), varCode: "424242",
		varDevice: "Firefox · Windows · 203.0.113.7", varLink: "https://example.com/verify", varMinutes: codeMinutes, varOrganization: "Example Organization", varPasskey: "Example Authenticator",
		varRecipient: "person@example.com",
	}
}

// valuesOf are the values of one message. Organizations are named by their
// members, passkeys by their owners: a name must not be able to begin a new line.
func valuesOf(n auth.Notice, application string) map[string]string {
	return map[string]string{
		varAction: oneLine(n.Link), varApp: oneLine(application), varCode: oneLine(n.Code), varDevice: oneLine(n.About), varLink: oneLine(n.Link),
		varMinutes: codeMinutes, varOrganization: oneLine(n.About), varPasskey: oneLine(n.About), varRecipient: oneLine(n.To),
	}
}

// oneLine makes spaces of control characters and of what else ends a line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

var placeholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{\{[ \t]*([a-z_.]+)[ \t]*\}\}`)
})

// variablesIn lists the variables in a text, each as often as it is there. The
// second result is false when braces open something that is none.
func variablesIn(text string) (names []string, ok bool) {
	rest := 0
	for _, at := range placeholder().FindAllStringSubmatchIndex(text, -1) {
		if strings.Contains(text[rest:at[0]], "{{") {
			return nil, false
		}
		names, rest = append(names, text[at[2]:at[3]]), at[1]
	}
	return names, !strings.Contains(text[rest:], "{{")
}

// fill puts values into plain text, in one pass: a value with braces in it
// stays what it is.
func fill(text string, values map[string]string) string {
	return placeholder().ReplaceAllStringFunc(text, func(found string) string {
		return values[placeholder().FindStringSubmatch(found)[1]]
	})
}

// isHTML tells a body of HTML from one of plain text.
func isHTML(body string) bool { return strings.HasPrefix(strings.TrimSpace(body), "<") }

// fillHTML puts values into HTML, each escaped for the place where it stands.
// It fails for HTML in which that cannot be told.
func fillHTML(body string, values map[string]string) (string, error) {
	// What is given cannot be an action of the language below: [variablesIn]
	// refuses all braces but those that are replaced here.
	source := placeholder().ReplaceAllString(body, `{{index . "$1"}}`)
	parsed, err := template.New("").Parse(source)
	if err != nil {
		return "", fmt.Errorf("parse template: %w", err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, values); err != nil {
		return "", fmt.Errorf("fill template: %w", err)
	}
	return out.String(), nil
}

// word renders a notice. The second result is false for a notice that nobody
// is to receive, or that this instance is not to deliver.
func (t *Templates) word(n auth.Notice) (Mail, bool) {
	channel := channelOf(n.To)
	list := wordingsOf(channel)
	i := slices.IndexFunc(list, func(w wording) bool { return w.kind == n.Kind })
	if i < 0 || n.To == "" {
		return Mail{}, false
	}
	w := list[i]
	own := t.own(TemplateID{channel, w.slug})
	if own.Undelivered && !w.opens() {
		return Mail{}, false
	}
	reader, _ := locale.Find(n.Language)
	m := t.render(channel, w, own, reader, valuesOf(n, t.application))
	m.To, m.Code, m.Link = n.To, n.Code, n.Link
	return m, true
}

// render fills what an instance says instead of a wording, or the wording in the
// language of the reader. An instance speaks one language: beside its own words
// go those that its template was made over.
func (t *Templates) render(channel Channel, w wording, own override, reader locale.Language, values map[string]string) Mail {
	if own.Subject != "" || own.Body != "" {
		reader = english
	}
	says := w.in(channel, reader)
	if own.Subject != "" {
		says.subject = own.Subject
	}
	m := Mail{Channel: channel, Subject: oneLine(fill(says.subject, values)), FromName: own.FromName, ReplyToName: own.ReplyToName}
	if own.Body != "" && !isHTML(own.Body) {
		says.body = own.Body
	}
	// Beside HTML the wording stays, for those who are shown plain text only.
	m.Body = fill(says.body, values)
	switch {
	case channel != Email:
	case own.Body == "":
		m.HTML = t.page(says, reader, values)
	case isHTML(own.Body):
		// It was filled once when it was set; a failure leaves the wording.
		m.HTML, _ = fillHTML(own.Body, values)
	}
	return m
}
