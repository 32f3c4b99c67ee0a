package hosted_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

func TestHome(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for _, tt := range []struct{ name, target, accept, to string }{
		{"a browser", "/", "text/html,*/*", "/user"},
		{"an invitation of somebody new", "/?__clerk_status=sign_up&__clerk_ticket=a+b", "text/html", "/sign-up?__clerk_ticket=a+b"},
		{"an invitation of somebody known", "/?__clerk_status=sign_in&__clerk_ticket=x", "text/html", "/sign-in?__clerk_ticket=x"},
		{"an invitation that was accepted", "/?__clerk_status=complete&__clerk_ticket=x", "text/html", "/organization"},
		{"a status that there is not", "/?__clerk_status=%2F%2Fevil.test", "text/html", "/user"},
		{"no browser", "/", "*/*", ""},
		{"nothing said", "/", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.target, nil)
			r.Header.Set("Accept", tt.accept)
			w := httptest.NewRecorder()
			s.Handler.ServeHTTP(w, r)
			if tt.to == "" {
				if w.Code != http.StatusNotFound || !strings.HasPrefix(w.Body.String(), "{") {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				return
			}
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != tt.to || w.Header().Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
		})
	}
}

// TestInvitationLink: whoever opens the link of an invitation ends up a member,
// without an application that would take the ticket.
func TestInvitationLink(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	ada, bob := signedInAs(t, s, "ada@example.com"), signedInAs(t, s, "bob@example.com")
	path := ada.founds("Acme")
	ada.post(path+"/invitations", "do", "invite", "email_address", "bob@example.com new@example.com", "role", "org:member")
	follow := func(b *browser, address string) {
		t.Helper()
		link, err := url.Parse(s.Messages(t, address)[0].Link)
		if err != nil {
			t.Fatal(err)
		}
		b.get(link.RequestURI())
		b.must(http.StatusSeeOther)
		home, err := url.Parse(b.last.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?"+home.RawQuery, nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		b.get(w.Header().Get("Location"))
		b.must(http.StatusOK)
	}
	follow(bob, "bob@example.com")
	bob.must(http.StatusOK, "Acme", "Member")
	stranger := visit(t, s)
	follow(stranger, "new@example.com")
	stranger.must(http.StatusOK, "You are invited.")
	stranger.post("/sign-up", "do", "create", "ticket", stranger.first(`pst_[\w-]+`), "password", apitest.Password)
	stranger.sentTo("/user")
	stranger.get("/organization")
	stranger.must(http.StatusOK, "Acme", "Member")
}
