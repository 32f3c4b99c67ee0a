package hosted_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

var handedOver = regexp.MustCompile(`<textarea[^>]*>([^<]*)</textarea>`)

// A terminal on another device gets what it needs by a line that a person
// copies. The line is on the page only, and worth something to that terminal
// only.
func TestHandOverToATerminal(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	email := person(t, s)
	f := beginAt(t, s, "sign-in", auth.PasteReturn)
	f.send("GET", nil)
	f.must(200, "a terminal on another device")
	f.post("do", "identify", "identifier", email)
	f.post("do", "prove", "strategy", "password", "password", apitest.Password)
	f.must(200, "One last step", "Give it to nobody", "readonly", "data-copy=")
	if to := f.last.Header.Get("Location") + f.last.Header.Get("Refresh"); to != "" {
		t.Errorf("the browser is sent to %s", to)
	}
	if control := f.last.Header.Get("Cache-Control"); !strings.Contains(control, "no-store") {
		t.Errorf("Cache-Control %q", control)
	}
	nonce := f.handedOver()
	stranger := beginAt(t, s, "sign-in", auth.PasteReturn)
	f.redeem(stranger.app, nonce, verifier).Is(t, 422, string(auth.CodeParamInvalid))
	f.redeem(f.app, nonce, strings.Repeat("v", 43)).Is(t, 422, string(auth.CodePKCEFailed))

	// Shown again, by a reload, it is another line; the first is worth nothing.
	f.send("GET", nil)
	f.must(200, "One last step")
	again := f.handedOver()
	if again == nonce {
		t.Error("the same line twice")
	}
	f.redeem(f.app, nonce, verifier).Is(t, 422, string(auth.CodeParamInvalid))
	f.redeem(f.app, again, verifier).OK(t)
	f.send("GET", nil)
	f.must(410)
}

// handedOver is the nonce in the line that the page shows.
func (f *flow) handedOver() string {
	f.t.Helper()
	found := handedOver.FindStringSubmatch(f.body)
	if found == nil {
		f.t.Fatalf("no line in\n%s", f.body)
	}
	line, err := url.Parse(html.UnescapeString(found[1]))
	if err != nil || !strings.HasPrefix(line.String(), auth.PasteReturn+"?") || line.Query().Get("state") != "st-1" || line.Query().Get("created_session_id") == "" {
		f.t.Fatalf("the line is %q, %v", found[1], err)
	}
	return line.Query().Get("rotating_token_nonce")
}

// In production the page has to be listed: somebody could be talked into passing
// the line on.
func TestHandOverIsListedInProduction(t *testing.T) {
	t.Parallel()
	var settings auth.Settings
	settings.Production = true
	if settings.MayReturnTo(auth.PasteReturn) {
		t.Error("allowed without being listed")
	}
	settings.NativeRedirects = []string{auth.PasteReturn}
	if !settings.MayReturnTo(auth.PasteReturn) {
		t.Error("listed and not allowed")
	}
}
