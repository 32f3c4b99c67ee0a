package transport_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device/core"
)

func TestBrowserFlowRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		request core.SendRequest
		path    string
		form    map[string]string
	}{
		{
			core.SendRequest{Kind: core.StartFlow, Redirect: "myapp://callback", State: "s", Challenge: "c", SignUp: true},
			"/v1/client/hosted_auth", map[string]string{
				"redirect_url": "myapp://callback", "state": "s", "code_challenge": "c", "code_challenge_method": "S256", "mode": "sign-up",
			},
		},
		{
			core.SendRequest{
				Kind: core.RedeemFlow, Credential: core.NewSecret("flow"), SessionID: "sess_1",
				Nonce: core.NewSecret("n"), Verifier: core.NewSecret("v"),
			},
			"/v1/client", map[string]string{"_method": "GET", "rotating_token_nonce": "n", "code_verifier": "v"},
		},
	} {
		got := map[string]string{}
		tr := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || r.URL.Path != test.path || r.URL.Query().Get("rotating_token_nonce") != "" ||
				r.Header.Get("Authorization") != test.request.Credential.Reveal() {
				t.Errorf("%s: %s %s, %q", test.request.Kind, r.Method, r.URL, r.Header.Get("Authorization"))
			}
			_ = r.ParseForm()
			for name := range r.PostForm {
				got[name] = r.PostForm.Get(name)
			}
			answer(200, "application/json", "{}")(w, r)
		})
		tr.Do(t.Context(), test.request)
		if diff := cmp.Diff(test.form, got); diff != "" {
			t.Errorf("%s: mismatch (-want +got)\n%s", test.request.Kind, diff)
		}
	}
}

// TestOnlyWebPagesAreOpened: the address goes to the system, which would start
// whatever program its scheme belongs to.
func TestOnlyWebPagesAreOpened(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://clerk.example.com/sign-in?flow=x": true,
		"http://127.0.0.1:4343/sign-in?flow=x":     true,
		"http://localhost:4343/sign-in":            true,
		"http://clerk.example.com/sign-in":         false,
		"file:///etc/passwd":                       false,
		"javascript:alert(1)":                      false,
		"/sign-in":                                 false,
		"https://user:pass@clerk.example.com/":     false,
		"https://":                                 false,
		"https://clerk.example.com/ --flag":        false,
		"-oProxyCommand=x":                         false,
		"":                                         false,
	} {
		tr := serve(t, answer(200, "application/json", `{"response":{"object":"hosted_auth","url":"`+address+`"}}`))
		got := tr.Do(t.Context(), core.SendRequest{Kind: core.StartFlow})
		if (got.Class == core.Accepted) != want || got.URL.IsZero() == want {
			t.Errorf("%q: %s %s", address, got.Class, got.Trouble)
		}
	}
}

func TestRedeemedClient(t *testing.T) {
	t.Parallel()
	tr := serve(t, answer(200, "application/json", `{"response":`+clientJSON+`,"client":null}`))
	if got := tr.Do(t.Context(), core.SendRequest{Kind: core.RedeemFlow}); got.Class != core.Accepted || got.Client == nil {
		t.Errorf("got %+v", got)
	}
	tr = serve(t, answer(422, "application/json", `{"errors":[{"code":"verification_expired","message":"m"}]}`))
	if got := tr.Do(t.Context(), core.SendRequest{Kind: core.RedeemFlow}); got.Class != core.Refused || got.Code != "verification_expired" {
		t.Errorf("got %+v", got)
	}
	tr = serve(t, answer(201, "application/json", `{"response":`+clientJSON+`}`))
	if got := tr.Do(t.Context(), core.SendRequest{Kind: core.RedeemFlow}); got.Class != core.Ambiguous {
		t.Errorf("got %+v", got)
	}
}
