package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/inbox"
	"github.com/perennialauth/perennial/internal/notify"
)

var now = time.UnixMilli(1_790_000_000_000)

// shelf is an inbox in memory.
type shelf struct{ entries []notify.Entry }

func (s *shelf) List(_ context.Context, to string) (out []notify.Entry, _ error) {
	for _, e := range s.entries {
		if to == "" || e.To == to {
			out = append(out, e)
		}
	}
	return out, nil
}

func (s *shelf) Find(_ context.Context, id string) (notify.Entry, bool, error) {
	i := slices.IndexFunc(s.entries, func(e notify.Entry) bool { return e.ID == id })
	if i < 0 {
		return notify.Entry{}, false, nil
	}
	return s.entries[i], true, nil
}

func (s *shelf) Clear(_ context.Context, to string) error {
	s.entries = slices.DeleteFunc(s.entries, func(e notify.Entry) bool { return to == "" || e.To == to })
	return nil
}

func newShelf() *shelf {
	return &shelf{entries: []notify.Entry{
		{ID: "msg_3", To: "ada+1@example.com", Channel: notify.Email, Subject: "424242 is your code", Body: "Your code is 424242.",
			HTML: "<html><head></head><body><script>alert(1)</script></body></html>", Code: "424242", CreatedAt: now.UnixMilli()},
		{ID: "msg_2", To: "+15555550100", Channel: notify.SMS, Body: "137731 is your code\nfor Test", Code: "137731",
			CreatedAt: now.Add(-3 * time.Minute).UnixMilli()},
		{ID: "msg_1", To: "eve@example.com", Channel: notify.Email, Subject: `<img src=x onerror=alert(1)>`, Body: "</pre><script>alert(2)</script>",
			Link: "javascript:alert(3)", CreatedAt: now.Add(-time.Hour).UnixMilli()},
	}}
}

// ask asks as a browser does.
func ask(t *testing.T, s *shelf, method, target, form string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form))
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	inbox.New(s, func() time.Time { return now }).ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, target string
		status       int
		want, not    []string
	}{
		{"the list", "/dev/inbox", 200,
			[]string{"ada+1@example.com", "424242 is your code", "just now", "+15555550100", "137731 is your code", "3 min ago",
				"&lt;img src=x", `data-copy="137731"`, `data-newest="msg_3"`, "Delete all"},
			[]string{"<img", "alert(2)"}},
		{"one address", "/dev/inbox?to=" + url.QueryEscape("ada+1@example.com"), 200,
			[]string{"424242 is your code", "Delete these"}, []string{"137731", "eve@"}},
		{"an address whose plus sign was not escaped", "/dev/inbox?to=ada+1@example.com", 200,
			[]string{"424242 is your code"}, []string{"137731"}},
		{"an address without messages", "/dev/inbox?to=nobody@example.com", 200,
			[]string{"Nothing was sent to", "nobody@example.com"}, []string{"Delete", "<ul>"}},
		{"a mail", "/dev/inbox/msg_3", 200,
			[]string{"424242 is your code", `src="/dev/inbox/msg_3/html"`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`, "Your code is 424242."},
			[]string{"alert(1)"}},
		{"a text", "/dev/inbox/msg_2", 200, []string{"Text message", "for Test"}, []string{"<iframe"}},
		{"a mail that would run script", "/dev/inbox/msg_1", 200,
			[]string{"&lt;/pre&gt;", "#ZgotmplZ"}, []string{"<script>alert", "<img", `href="javascript:`}},
		{"a mail that is gone", "/dev/inbox/msg_9", 404, []string{"No such message"}, nil},
		{"pages beyond the last", "/dev/inbox?from=999", 200, []string{"No messages yet"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, newShelf(), http.MethodGet, tt.target, "")
			if w.Code != tt.status || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				t.Fatalf("%d %s", w.Code, w.Header().Get("Content-Type"))
			}
			body := strings.ReplaceAll(w.Body.String(), "&#43;", "+")
			for _, s := range tt.want {
				if !strings.Contains(body, s) {
					t.Errorf("no %q in\n%s", s, body)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(body, s) {
					t.Errorf("%q in\n%s", s, body)
				}
			}
			if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") {
				t.Errorf("policy %q", policy)
			}
		})
	}
}

// The HTML of a mail is whatever an operator's template and a person's name
// make of it.
func TestTheFrameOfAMailRunsNothing(t *testing.T) {
	t.Parallel()
	w := ask(t, newShelf(), http.MethodGet, "/dev/inbox/msg_3/html", "")
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.HasPrefix(policy, "sandbox ") || strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "script-src") {
		t.Errorf("%d %q", w.Code, policy)
	}
	if w.Header().Get("X-Frame-Options") != "SAMEORIGIN" || !strings.Contains(w.Body.String(), `<base target="_blank">`) {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := ask(t, newShelf(), http.MethodGet, "/dev/inbox/msg_2/html", ""); w.Code != 404 {
		t.Errorf("a text has HTML: %d", w.Code)
	}
}

func TestWhoeverDoesNotAskForAPageGetsData(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"", "*/*", "application/json"} {
		w := ask(t, newShelf(), http.MethodGet, "/dev/inbox?to=ada%2B1@example.com", "", "Accept", accept)
		var list []struct {
			ID, To, Channel, Subject, Body, Code string
			CreatedAt                            int64 `json:"created_at"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 1 || list[0].Code != "424242" ||
			list[0].Channel != "email" || list[0].CreatedAt != now.UnixMilli() {
			t.Errorf("accept %q: %v %s", accept, err, w.Body)
		}
		if w.Header().Get("Vary") != "Accept" {
			t.Errorf("vary %q", w.Header().Get("Vary"))
		}
	}
	if w := ask(t, newShelf(), http.MethodGet, "/dev/inbox/msg_2", "", "Accept", "*/*"); w.Code != 200 || !strings.Contains(w.Body.String(), `"channel":"sms"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(t, newShelf(), http.MethodGet, "/dev/inbox/msg_9", "", "Accept", "*/*"); w.Code != 404 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, form string
		header     []string
		status     int
		left       int
	}{
		{"everything", "do=clear&to=", nil, 303, 0},
		{"one address", "do=clear&to=ada%2B1%40example.com", nil, 303, 2},
		{"from another site", "do=clear&to=", []string{"Sec-Fetch-Site", "cross-site"}, 403, 3},
		{"something else", "do=send&to=", nil, 400, 3},
		{"too much", "do=clear&to=" + strings.Repeat("a", 5000), nil, 400, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			w := ask(t, s, http.MethodPost, "/dev/inbox", tt.form, tt.header...)
			if w.Code/100 != tt.status/100 || len(s.entries) != tt.left {
				t.Errorf("%d, %d left: %s", w.Code, len(s.entries), w.Body)
			}
		})
	}
}

func TestALongListHasPages(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for n := range 120 {
		s.entries = append(s.entries, notify.Entry{ID: fmt.Sprintf("msg_%03d", n), To: "a@b.test", Subject: "Hello"})
	}
	seen := map[string]int{}
	for target := "/dev/inbox?to=a@b.test"; target != ""; {
		body := ask(t, s, http.MethodGet, target, "").Body.String()
		for _, e := range s.entries {
			seen[e.ID] += strings.Count(body, `href="/dev/inbox/`+e.ID+`"`)
		}
		target = older(body)
	}
	for _, e := range s.entries {
		if seen[e.ID] != 1 {
			t.Errorf("%s is shown %d times", e.ID, seen[e.ID])
		}
	}
}

// older is where the link to older messages leads.
func older(body string) string {
	before, _, found := strings.Cut(body, `">Older</a>`)
	if !found {
		return ""
	}
	return strings.ReplaceAll(before[strings.LastIndex(before, `href="`)+len(`href="`):], "&amp;", "&")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"inbox.css": "text/css", "inbox.js": "text/javascript"} {
		if w := ask(t, newShelf(), http.MethodGet, "/dev/inbox/"+name, ""); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}
