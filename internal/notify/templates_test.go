package notify_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/livevalue"
	"github.com/perennialauth/perennial/internal/notify"
)

// values is a [livevalue.Store] in memory; the real one is held to the
// same contract by the store's suite.
type values struct {
	mu    sync.Mutex
	value []byte
	fail  error
}

func (v *values) InstanceValue(context.Context, string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.value == nil && v.fail == nil {
		return nil, auth.ErrNotFound
	}
	return v.value, v.fail
}

func (v *values) SwapInstanceValue(_ context.Context, _ string, old, value []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !bytes.Equal(old, v.value) {
		return auth.ErrConflict
	}
	v.value = value
	return v.fail
}

func mustTemplates(t testing.TB, store livevalue.Store) *notify.Templates {
	t.Helper()
	templates, err := notify.OpenTemplates(t.Context(), store, "Acme", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

var (
	codeMail = notify.TemplateID{Channel: notify.Email, Slug: "verification_code"}
	codeText = notify.TemplateID{Channel: notify.SMS, Slug: "verification_code"}
	orgMail  = notify.TemplateID{Channel: notify.Email, Slug: "organization_invitation"}
)

func mustUpdate(t *testing.T, templates *notify.Templates, id notify.TemplateID, e notify.TemplateEdit) {
	t.Helper()
	if _, err := templates.Update(t.Context(), id, e); err != nil {
		t.Fatal(err)
	}
}

// worded is a message as the inbox shows it.
func worded(t *testing.T, templates *notify.Templates, n auth.Notice) []notify.Entry {
	t.Helper()
	o, master := &outbox{}, mustMaster(t)
	o.add(mustCompose(t, master, n, time.Now()))
	return listed(t, notify.NewInbox(o, master, templates), "")
}

// Every message the server has can be made from its own template, which is one
// that could be set: a wording must not break a rule that holds for others.
func TestWordingsAreTemplates(t *testing.T) {
	t.Parallel()
	templates := mustTemplates(t, &values{})
	for _, channel := range []notify.Channel{notify.Email, notify.SMS} {
		all := templates.List(channel)
		if len(all) < 3 {
			t.Errorf("%s: %d templates", channel, len(all))
		}
		for _, x := range all {
			e := notify.TemplateEdit{Body: &x.Body}
			if channel == notify.Email {
				e.Subject = &x.Subject
			}
			m, err := templates.Preview(x.TemplateID, e)
			if err != nil || strings.ContainsAny(m.Subject+m.Body, "{}") || m.Body == "" || (m.Subject == "") != (channel == notify.SMS) {
				t.Errorf("%v: %v %+v", x.TemplateID, err, m)
			}
		}
	}
}

// What somebody else named cannot become HTML, a header or a variable.
func TestValuesAreEscaped(t *testing.T) {
	t.Parallel()
	templates := mustTemplates(t, &values{})
	n := auth.Notice{
		Kind: auth.NoticeOrgInvitation, To: "a@x.test", Link: "https://x.test/a?ticket=1&b=2",
		About: "<script>x</script>\"'\r\nBcc: b@x.test {{recipient}} javascript:alert(1)",
	}
	mustUpdate(t, templates, orgMail, notify.TemplateEdit{
		Subject: new("Join {{ org.name }}"),
		Body:    new(`<p title="{{org.name}}">{{org.name}} <a href="{{action_url}}">go</a> <a href="{{org.name}}">no</a></p><style>a{b{c:d}}</style>`),
	})
	got := worded(t, templates, n)[0]
	if strings.ContainsAny(got.Subject, "\r\n") || !strings.Contains(got.Subject, "Bcc: b@x.test {{recipient}}") {
		t.Errorf("subject %q", got.Subject)
	}
	if strings.Contains(got.HTML, "<script") || !strings.Contains(got.HTML, "&lt;script&gt;") || strings.Contains(got.HTML, `href="javascript`) ||
		!strings.Contains(got.HTML, `href="https://x.test/a?ticket=1&amp;b=2"`) || strings.Contains(got.HTML, "a@x.test") {
		t.Errorf("html %s", got.HTML)
	}
	if !strings.Contains(got.Body, "https://x.test/a?ticket=1&b=2") {
		t.Errorf("the plain text beside it: %s", got.Body)
	}
	mustUpdate(t, templates, orgMail, notify.TemplateEdit{Body: new("{{org.name}}: {{action_url}}")})
	if got := worded(t, templates, n)[0]; got.HTML != "" || !strings.HasPrefix(got.Body, "<script>x</script>") || strings.Count(got.Body, "\n") != 0 {
		t.Errorf("plain text is text: %+v", got)
	}
}

func TestTemplatesRefuse(t *testing.T) {
	t.Parallel()
	store := &values{}
	templates := mustTemplates(t, store)
	tests := map[string]struct {
		id    notify.TemplateID
		edit  notify.TemplateEdit
		code  auth.Code
		param string
	}{
		"unknown variable":         {codeMail, notify.TemplateEdit{Body: new("{{otp_code}} {{user.password}}")}, auth.CodeParamInvalid, "body"},
		"unknown in the subject":   {codeMail, notify.TemplateEdit{Subject: new("{{magic_link}}")}, auth.CodeParamInvalid, "subject"},
		"an action":                {codeMail, notify.TemplateEdit{Body: new(`{{otp_code}} {{printf "x"}}`)}, auth.CodeParamFormatInvalid, "body"},
		"an action in HTML":        {codeMail, notify.TemplateEdit{Body: new(`<p>{{otp_code}}{{range .}}{{end}}`)}, auth.CodeParamFormatInvalid, "body"},
		"braces around":            {codeMail, notify.TemplateEdit{Body: new(`<p>{{{otp_code}}}</p>`)}, auth.CodeParamFormatInvalid, "body"},
		"left open":                {codeMail, notify.TemplateEdit{Body: new("{{otp_code")}, auth.CodeParamFormatInvalid, "body"},
		"no code":                  {codeMail, notify.TemplateEdit{Body: new("hello")}, auth.CodeParamInvalid, "body"},
		"no variable but its text": {codeMail, notify.TemplateEdit{Body: new("424242")}, auth.CodeParamInvalid, "body"},
		"code in a comment":        {codeMail, notify.TemplateEdit{Body: new("<p><!-- {{otp_code}} --></p>")}, auth.CodeParamInvalid, "body"},
		"torn HTML":                {codeMail, notify.TemplateEdit{Body: new(`<a href="{{otp_code}}`)}, auth.CodeParamFormatInvalid, "body"},
		"NUL":                      {codeMail, notify.TemplateEdit{Body: new("{{otp_code}}\x00")}, auth.CodeParamFormatInvalid, "body"},
		"blank":                    {codeMail, notify.TemplateEdit{Body: new(" \n")}, auth.CodeParamFormatInvalid, "body"},
		"a second header":          {codeMail, notify.TemplateEdit{Subject: new("x\r\nBcc: b@x.test")}, auth.CodeParamFormatInvalid, "subject"},
		"a long subject":           {codeMail, notify.TemplateEdit{Subject: new(strings.Repeat("ä", 256))}, auth.CodeParamTooLong, "subject"},
		"a long body":              {codeMail, notify.TemplateEdit{Body: new("{{otp_code}}" + strings.Repeat("x", 64<<10))}, auth.CodeParamTooLong, "body"},
		"a long text":              {codeText, notify.TemplateEdit{Body: new("{{otp_code}}" + strings.Repeat("x", 640))}, auth.CodeParamTooLong, "body"},
		"too many variables":       {codeMail, notify.TemplateEdit{Body: new(strings.Repeat("{{otp_code}}", 65))}, auth.CodeParamTooLong, "body"},
		"subject of a text":        {codeText, notify.TemplateEdit{Subject: new("x")}, auth.CodeParamInvalid, "subject"},
		"sender of a text":         {codeText, notify.TemplateEdit{FromName: new("x")}, auth.CodeParamInvalid, "from_email_name"},
		"a whole sender":           {codeMail, notify.TemplateEdit{FromName: new("a@b.test")}, auth.CodeParamInvalid, "from_email_name"},
		"a header in an address":   {codeMail, notify.TemplateEdit{ReplyToName: new("a\r\nBcc:b")}, auth.CodeParamInvalid, "reply_to_email_name"},
		"long markup":              {codeMail, notify.TemplateEdit{Markup: new(strings.Repeat("x", 64<<10+1))}, auth.CodeParamTooLong, "markup"},
		"NUL in markup":            {codeMail, notify.TemplateEdit{Markup: new("\x00")}, auth.CodeParamFormatInvalid, "markup"},
		"a name of two lines":      {codeMail, notify.TemplateEdit{Name: new("a\nb")}, auth.CodeParamFormatInvalid, "name"},
	}
	for name, tt := range tests {
		_, err := templates.Update(t.Context(), tt.id, tt.edit)
		var refused *auth.Error
		if !errors.As(err, &refused) || refused.Code != tt.code || refused.Param != tt.param {
			t.Errorf("%s: %v", name, err)
		}
		if tt.edit.Name == nil && tt.edit.Markup == nil {
			if _, err := templates.Preview(tt.id, tt.edit); !errors.As(err, &refused) {
				t.Errorf("preview of %s: %v", name, err)
			}
		}
	}
	if _, err := templates.Update(t.Context(), notify.TemplateID{Channel: "pigeon", Slug: "x"}, notify.TemplateEdit{}); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("no such template: %v", err)
	}
	if store.value != nil {
		t.Errorf("stored %s", store.value)
	}
}

// What is set is there after a restart, and what fails to be stored is not
// used either.
func TestTemplatesAreDurable(t *testing.T) {
	t.Parallel()
	warning := notify.TemplateID{Channel: notify.Email, Slug: "password_changed"}
	store := &values{}
	templates := mustTemplates(t, store)
	mustUpdate(t, templates, codeText, notify.TemplateEdit{Body: new("Acme: {{otp_code}}")})
	mustUpdate(t, templates, warning, notify.TemplateEdit{Delivered: new(false)})
	n := auth.Notice{Kind: auth.NoticeVerifyCode, To: "+49301234567", Code: "123456"}
	again := mustTemplates(t, store)
	if got := worded(t, again, n); len(got) != 1 || got[0].Body != "Acme: 123456" || got[0].Code != "123456" {
		t.Errorf("after a restart: %+v", got)
	}
	n.Kind, n.To = auth.NoticePasswordChanged, "a@x.test"
	if got := worded(t, again, n); len(got) != 0 {
		t.Errorf("delivery is off: %+v", got)
	}
	store.fail = errors.New("disk")
	if _, err := again.Revert(t.Context(), warning); err == nil {
		t.Error("a change that is not stored succeeded")
	}
	if got, _ := again.Get(warning); got.Delivered {
		t.Error("a change that is not stored is seen")
	}
	store.fail = nil
	if got, err := again.Revert(t.Context(), warning); err != nil || !got.Delivered || got.Own {
		t.Errorf("reverted: %+v %v", got, err)
	}
}

// Changes at once lose nothing.
func TestTemplatesTogether(t *testing.T) {
	t.Parallel()
	store := &values{}
	templates := mustTemplates(t, store)
	var all sync.WaitGroup
	for _, x := range templates.List(notify.Email) {
		all.Go(func() {
			if _, err := templates.Update(t.Context(), x.TemplateID, notify.TemplateEdit{Name: new("changed")}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, from := range []*notify.Templates{templates, mustTemplates(t, store)} {
		for _, x := range from.List(notify.Email) {
			if x.Name != "changed" {
				t.Errorf("%s is lost", x.Slug)
			}
		}
	}
}
