package hosted_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/respond"
)

// TestRefusalsAreCodes: what the pages say about a code is about one that there
// is.
func TestRefusalsAreCodes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../locale/messages/error.en.json")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]json.RawMessage
	if err := json.Unmarshal(text, &messages); err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{"trouble": true, "wait_seconds": true, "wait_minutes": true, "refused": true}
	for key := range messages {
		code := strings.TrimPrefix(key, "error.")
		if unknown := "The request was refused: " + code + "."; !own[code] && respond.ErrorOf(auth.Code(code)).LongMessage == unknown {
			t.Errorf("%s is about no code", key)
		}
	}
}

// TestTooManyForms: who sends too many is told for how long to wait, in words
// and in the header.
func TestTooManyForms(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Addresses = ratelimit.Config{Burst: 2, Every: 40 * time.Second} })
	b := visit(t, s)
	for range 3 {
		b.post("/sign-in", "do", "identify", "identifier", "nobody@example.com")
	}
	b.must(http.StatusTooManyRequests, `role="alert"`, "Try again in 4")
	if left := b.last.Header.Get("Retry-After"); left == "" || left == "0" {
		t.Errorf("Retry-After: %q", left)
	}
	b.get("/sign-in") // looking is not limited
	b.must(http.StatusOK)
}

// TestMissingPage: an address below a page that leads nowhere says so to a
// person, and where to go.
func TestMissingPage(t *testing.T) {
	t.Parallel()
	b := visit(t, apitest.Start(t))
	for _, page := range []string{"/sign-in/factor-one", "/user/no/such/page", "/organization/a/b/c", "/verify/x", "/sign-out/x"} {
		b.get(page)
		b.must(http.StatusNotFound, `role="alert"`, `href="/user"`)
	}
}
