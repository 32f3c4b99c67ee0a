package locale_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/internal/locale"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for wanted, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.5": "de", "fr-CA": "fr", "es-419": "es", "ja-JP": "ja", "ar-EG": "ar",
		"pl, de;q=0.3": "de", "en-GB, de;q=0.9": "en", "de_CH": "de", "*": "en", "tlh": "en", "zh-Hans": "en",
		"de;q=0, fr;q=0.1": "fr", "no such header;;;": "en", "<script>": "en", strings.Repeat("de,", 1000): "en",
	} {
		if got := locale.Match(wanted); got.Code != want {
			t.Errorf("%.40q: %s, want %s", wanted, got.Code, want)
		}
	}
}

func TestWanted(t *testing.T) {
	t.Parallel()
	for wanted, want := range map[string]bool{"": false, "*": false, "zh-Hans": false, "en": true, "pl,ar;q=0.1": true} {
		if _, ok := locale.Wanted(wanted); ok != want {
			t.Errorf("%q: %v", wanted, ok)
		}
	}
	if _, ok := locale.From(t.Context()); ok {
		t.Error("a language from nowhere")
	}
	ja, _ := locale.Find("ja")
	if got, ok := locale.From(locale.With(t.Context(), ja)); !ok || got != ja {
		t.Errorf("%+v", got)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, l := range locale.Languages() {
		if got, ok := locale.Find(l.Code); !ok || got != l {
			t.Errorf("%s: %+v", l.Code, got)
		}
	}
	for _, code := range []string{"", "DE", "xx", "../en"} {
		if got, ok := locale.Find(code); ok || got.Code != locale.Default {
			t.Errorf("%q: %+v, %v", code, got, ok)
		}
	}
}

func in(t *testing.T, code string) *locale.Texts {
	t.Helper()
	l, ok := locale.Find(code)
	if !ok {
		t.Fatalf("no language %s", code)
	}
	return locale.In(l)
}

// TestPlurals: the forms are those of the language, by the rules of CLDR.
func TestPlurals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code  string
		count int
		want  string
	}{
		{"en", 1, "1 second."},
		{"en", 0, "0 seconds."},
		{"fr", 0, "0 seconde."}, // as for one
		{"ar", 2, "ثانيتين"},
		{"ar", 3, "3 ثوانٍ"},
		{"ar", 11, "11 ثانية"},
		{"ja", 1, "1 秒"},
	} {
		if got := in(t, test.code).N("error.wait_seconds", test.count); !strings.Contains(got, test.want) {
			t.Errorf("%s %d: %s", test.code, test.count, got)
		}
	}
}

// TestValues: nothing that somebody else wrote is markup, a template, or moves
// the words around it.
func TestValues(t *testing.T) {
	t.Parallel()
	en, ar := in(t, "en"), in(t, "ar")
	if got := en.T("auth.sign_in_to", "Application", "<b>{{.Trace}}"); got != "Sign in to <b>{{.Trace}}" {
		t.Errorf("%q", got)
	}
	if got := en.T("auth.sign_in_to", "Application", "شركة"); got != "Sign in to \u2068شركة\u2069" {
		t.Errorf("%q", got)
	}
	if got := ar.T("auth.sign_in_to", "Application", "Test"); !strings.HasSuffix(got, "\u2068Test\u2069") {
		t.Errorf("%q", got)
	}
	want := "<strong><bdi>&lt;i&gt;\ue000\ue100\ue001</bdi></strong> has an account here already."
	if got := string(en.Rich("auth.known", "Identifier", "<i>\ue000\ue100\ue001")); got != want {
		t.Errorf("%q", got)
	}
	if got := en.T("auth.no_such_key"); got != "auth.no_such_key" || en.Has("auth.no_such_key") || !en.Has("auth.code") {
		t.Errorf("%q", got)
	}
}

// TestTogether: pages are rendered at the same time.
func TestTogether(t *testing.T) {
	t.Parallel()
	var readers sync.WaitGroup
	for range 8 {
		for _, l := range locale.Languages() {
			readers.Go(func() {
				if got := locale.In(l).T("auth.sign_in_to", "Application", "X"); got == "auth.sign_in_to" {
					t.Errorf("%s has no text", l.Code)
				}
			})
		}
	}
	readers.Wait()
}
