package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/server"
)

// noMail is an outbox with nothing in it.
type noMail struct{}

func (noMail) RecentMessages(context.Context, int) ([]auth.Message, error) { return nil, nil }
func (noMail) DeleteMessages(context.Context, []auth.MessageID) error      { return nil }

func TestInboxIsForThisMachine(t *testing.T) {
	t.Parallel()
	master, err := secret.NewMasterKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := server.Handler(server.Config{}, withInbox(notify.NewInbox(noMail{}, master, nil), "https://clerk.local.test:4343",
		http.HandlerFunc(respond.NotFound)))
	for _, tt := range []struct {
		name, host, origin string
		status             int
	}{
		{"curl", "127.0.0.1:4343", "", 200},
		{"curl by name", "localhost:4343", "", 200},
		{"another machine by address", "192.168.1.7:4343", "", 200},
		{"IPv6", "[::1]:4343", "", 200},
		{"the name in the key", "clerk.local.test:4343", "", 200},
		{"a page under development", "127.0.0.1:4343", "http://localhost:3000", 200},
		{"a foreign page", "127.0.0.1:4343", "https://evil.test", 403},
		{"a foreign page without a name", "127.0.0.1:4343", "http://203.0.113.9", 403},
		{"a page on the local network", "192.168.1.7:4343", "http://192.168.1.7:3000", 200},
		{"a sandboxed page", "127.0.0.1:4343", "null", 403},
		{"a rebound name", "evil.test:4343", "", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/dev/inbox?to=a@b.test", nil)
			r.Host = tt.host
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if w.Code == 403 && (w.Header().Get("Access-Control-Allow-Origin") != "" || strings.HasPrefix(w.Body.String(), "[")) {
				t.Errorf("readable by the page: %v %s", w.Header(), w.Body)
			}
		})
	}
}
