package notify

import (
	_ "embed"
	"html/template"
	"log/slog"
	"strings"
	"sync"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
)

//go:embed mail.html
var mailText string

var mailTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("mail").Parse(mailText))
})

// mailPage is a mail as HTML is made of it. It needs no pictures, and looks the
// same in programs that know little CSS.
type mailPage struct {
	Lang, Dir   string
	Subject     string
	Application string
	Parts       []mailPart

	Accent, OnAccent, Link string // colors
	Radius                 int
}

// mailPart is a paragraph, or what stands alone in one: the code or the link.
type mailPart struct{ Text, Code, Link, Button, ByHand string }

// page is what a wording says, as HTML.
func (t *Templates) page(says said, reader locale.Language, values map[string]string) string {
	look := auth.DefaultAppearance()
	if t.Appearance != nil {
		look = t.Appearance()
	}
	accent, _ := look.Accents()
	data := mailPage{
		Lang: reader.Code, Dir: reader.Direction, Subject: oneLine(fill(says.subject, values)), Application: values[varApp],
		Accent: accent.String(), OnAccent: accent.Text().String(), Link: accent.ReadableOn(auth.White).String(), Radius: look.CornerRadius,
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(says.body), "\n\n") {
		data.Parts = append(data.Parts, says.part(strings.TrimSpace(paragraph), reader, values))
	}
	var out strings.Builder
	if err := mailTemplate().Execute(&out, data); err != nil {
		slog.Error("a mail has no HTML", "error", err) // the text beside it says the same
		return ""
	}
	return out.String()
}

// part tells what a paragraph is: by what it is before values are put in, so that
// no value can make it something else.
func (s said) part(paragraph string, reader locale.Language, values map[string]string) mailPart {
	switch paragraph {
	case string(variable(varCode)):
		return mailPart{Code: values[varCode]}
	case string(variable(varLink)), string(variable(varAction)):
		return mailPart{Link: fill(paragraph, values), Button: s.button, ByHand: locale.In(reader).T("mail.by_hand")}
	default:
		return mailPart{Text: fill(paragraph, values)}
	}
}
