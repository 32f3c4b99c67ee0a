package notify_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
	"github.com/perennialauth/perennial/internal/notify"
)

// TestEveryWordingInEveryLanguage: each message has words in each language, with
// everything that has to be in it, as text and as HTML without pictures.
func TestEveryWordingInEveryLanguage(t *testing.T) {
	t.Parallel()
	templates := mustTemplates(t, &values{})
	kinds := []auth.NoticeKind{
		auth.NoticeVerifyCode, auth.NoticeVerifyLink, auth.NoticeResetCode, auth.NoticeAccountExists, auth.NoticeNoAccount, auth.NoticeInvitation,
		auth.NoticePasswordChanged, auth.NoticePrimaryChanged, auth.NoticeOrgInvitation, auth.NoticePasskeyAdded, auth.NoticePasskeyRemoved, auth.NoticeNewDevice,
	}
	subjects := map[string]bool{}
	for _, l := range locale.Languages() {
		for _, kind := range kinds {
			n := auth.Notice{Kind: kind, To: "a@x.test", Language: l.Code, About: "Ümläut & Co"}
			if kind == auth.NoticeVerifyCode || kind == auth.NoticeResetCode {
				n.Code = "424242"
			}
			if slices.Contains([]auth.NoticeKind{auth.NoticeVerifyLink, auth.NoticeInvitation, auth.NoticeOrgInvitation}, kind) {
				n.Link = "https://x.test/a?b=1&c=2"
			}
			checkWorded(t, l, n, worded(t, templates, n))
			subjects[worded(t, templates, n)[0].Subject] = true
			n.To = "+49301234567"
			for _, m := range worded(t, templates, n) {
				if m.HTML != "" || strings.Contains(m.Body, "{{") || !strings.Contains(m.Body, n.Code) {
					t.Errorf("%s %s: %+v", l.Code, kind, m)
				}
			}
		}
	}
	if want := len(kinds) * len(locale.Languages()); len(subjects) != want {
		t.Errorf("%d different subjects, want %d", len(subjects), want)
	}
}

var needsElsewhere = regexp.MustCompile(`<img|<link|<script|src=|url\(|@import`)

// unworded is a key that stands where its words should.
var unworded = regexp.MustCompile(`\b(mail|text)\.[a-z_]+(\.|\b$)|mail\.by_hand`)

func checkWorded(t *testing.T, l locale.Language, n auth.Notice, got []notify.Entry) {
	t.Helper()
	if len(got) != 1 {
		t.Fatalf("%s %s: %d messages", l.Code, n.Kind, len(got))
	}
	m := got[0]
	for what, text := range map[string]string{"subject": m.Subject, "text": m.Body, "HTML": m.HTML} {
		if text == "" || strings.Contains(text, "{{") || unworded.MatchString(text) || strings.ContainsAny(text, "\u2068\u2069") {
			t.Errorf("%s %s: %s %q", l.Code, n.Kind, what, text)
		}
	}
	if !strings.Contains(m.Body, n.Code) || !strings.Contains(m.Body, n.Link) || !strings.Contains(m.HTML, ">"+n.Code) {
		t.Errorf("%s %s lacks what it is for: %s", l.Code, n.Kind, m.Body)
	}
	if n.Link != "" && strings.Count(m.HTML, `href="https://x.test/a?b=1&amp;c=2"`) != 2 {
		t.Errorf("%s %s: the link is not in\n%s", l.Code, n.Kind, m.HTML)
	}
	if !strings.Contains(m.HTML, `<html lang="`+l.Code+`" dir="`+l.Direction+`">`) || needsElsewhere.MatchString(m.HTML) {
		t.Errorf("%s %s: %s", l.Code, n.Kind, m.HTML)
	}
}

// TestNoWordingIsLeftOver: every message of the catalogue belongs to a template.
func TestNoWordingIsLeftOver(t *testing.T) {
	t.Parallel()
	templates := mustTemplates(t, &values{})
	for area, channel := range map[string]notify.Channel{"mail": notify.Email, "text": notify.SMS} {
		known := map[string]bool{"mail.by_hand": true}
		for _, x := range templates.List(channel) {
			for _, suffix := range []string{"", ".subject", ".body", ".button"} {
				known[area+"."+x.Slug+suffix] = true
			}
		}
		text, err := os.ReadFile("../locale/messages/" + area + ".en.json")
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]string
		if err := json.Unmarshal(text, &messages); err != nil {
			t.Fatal(err)
		}
		for key := range messages {
			if !known[key] {
				t.Errorf("no template says %s", key)
			}
		}
	}
}

// TestLanguageOfReader: the language of who asked comes before the one that is
// kept with the account, and an instance that words a mail itself speaks for
// everybody.
func TestLanguageOfReader(t *testing.T) {
	t.Parallel()
	templates, master := mustTemplates(t, &values{}), mustMaster(t)
	de, _ := locale.Find("de")
	subject := func(n auth.Notice, ask locale.Language) string {
		ctx := t.Context()
		if ask.Code != "" {
			ctx = locale.With(ctx, ask)
		}
		m, err := notify.NewComposer(master, zeros{}).Compose(ctx, n, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		o := &outbox{}
		o.add(m)
		return listed(t, notify.NewInbox(o, master, templates), "")[0].Subject
	}
	n := auth.Notice{Kind: auth.NoticeVerifyCode, To: "a@x.test", Code: "123456"}
	for _, test := range []struct {
		stored string
		asked  locale.Language
		want   string
	}{
		{"", locale.Language{}, "verification code"},
		{"fr-CA", locale.Language{}, "vérification"},
		{"tlh", locale.Language{}, "verification code"},
		{"fr-CA", de, "Bestätigungscode"},
	} {
		n.Language = test.stored
		if got := subject(n, test.asked); !strings.Contains(got, test.want) {
			t.Errorf("%q, asked in %q: %s", test.stored, test.asked.Code, got)
		}
	}
	mustUpdate(t, templates, codeMail, notify.TemplateEdit{Body: new("Acme: {{otp_code}}")})
	if got := subject(n, de); !strings.Contains(got, "verification code") {
		t.Errorf("half of a mail in another language: %s", got)
	}
}

// zeros is entropy that needs none to be gathered.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestMailLooksLikeTheInstance: its colors, where they can be read, and nothing
// that somebody named is markup.
func TestMailLooksLikeTheInstance(t *testing.T) {
	t.Parallel()
	templates := mustTemplates(t, &values{})
	templates.Appearance = func() auth.Appearance {
		return auth.Appearance{AccentColor: "#ffee00", CornerRadius: 3}
	}
	n := auth.Notice{Kind: auth.NoticeOrgInvitation, To: "a@x.test", Link: "javascript:alert(1)", About: "<b>{{otp_code}}\n\n    {{action_url}}"}
	m := worded(t, templates, n)[0]
	for _, want := range []string{"background:#ffee00;color:#000000", "border-radius:3px", "&lt;b&gt;{{otp_code}}"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("no %s in\n%s", want, m.HTML)
		}
	}
	if strings.Contains(m.HTML, `href="javascript`) || strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, `style="color:#ffee00"`) {
		t.Errorf("%s", m.HTML)
	}
}
