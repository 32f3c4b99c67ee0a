package demo

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func ask(t *testing.T, p *faultProxy, credential string) (int, string, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url()+"/v1/client", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", credential)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body), response.Header.Get("Authorization")
}

func TestFaultProxy(t *testing.T) {
	t.Parallel()
	// The server says which credential it saw.
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Authorization"))
	}))
	t.Cleanup(backend.Close)
	p, err := startProxy(t.Context(), backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)

	if status, body, _ := ask(t, p, "own"); status != 200 || body != "own" {
		t.Errorf("up: got %d %q", status, body)
	}
	for mode, want := range map[mode]int{modeDown: 0, modeRateLimited: 429, modePage: 200} {
		p.set(mode)
		if status, body, _ := ask(t, p, "own"); status != want || body == "own" {
			t.Errorf("mode %d: got %d %q, want %d", mode, status, body, want)
		}
	}
	p.set(modeServerError)
	if status, _, _ := ask(t, p, "own"); status < 500 {
		t.Errorf("5xx: got %d", status)
	}
	p.set(modeRotate)
	_, _, first := ask(t, p, "own")
	_, body, second := ask(t, p, first)
	if first == "" || second == "" || first == second || body != "own" {
		t.Errorf("rotation: handed out %q then %q, server saw %q", first, second, body)
	}
	p.set(modeUp)
	if _, body, _ := ask(t, p, first); body != "own" {
		t.Errorf("a predecessor no longer works: server saw %q", body)
	}
}
