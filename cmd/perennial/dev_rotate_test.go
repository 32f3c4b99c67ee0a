package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// A test hands in a client token and gets a successor of the same client; the
// one before stays valid.
func TestRotationOfDevelopment(t *testing.T) {
	t.Parallel()
	dev := startDev(t, t.TempDir())
	first, client := clientOf(t, dev.ready.URL, "")
	second := rotate(t, dev.ready.URL, first)
	if second == "" || second == first {
		t.Fatalf("the successor is %q", second)
	}
	for name, token := range map[string]string{"predecessor": first, "successor": second} {
		if _, got := clientOf(t, dev.ready.URL, token); got != client {
			t.Errorf("the %s is of client %q, want %q", name, got, client)
		}
	}
	if got := rotate(t, dev.ready.URL, "of nobody"); got != "" {
		t.Errorf("a token of nobody has the successor %q", got)
	}
	if got := rotate(t, dev.ready.URL, first, "Origin", "https://evil.example"); got != "" {
		t.Error("a page of another site can rotate")
	}
}

// clientOf asks for the client of a token, or for a new one.
func clientOf(t *testing.T, base, token string) (newToken, client string) {
	t.Helper()
	header, body := ask(t, http.MethodGet, base+"/v1/client?_is_native=1", "Authorization", token)
	var answer struct{ Response struct{ ID string } }
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return header.Get("Authorization"), answer.Response.ID
}

// rotate returns the successor, empty when it was refused.
func rotate(t *testing.T, base, token string, headers ...string) string {
	t.Helper()
	_, body := ask(t, http.MethodPost, base+"/dev/rotate", append(headers, "Authorization", token)...)
	var answer struct{ Token string }
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return answer.Token
}

func ask(t *testing.T, method, url string, headers ...string) (http.Header, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Header, body
}
