//go:build unix

package processes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var built = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "perennial-processes-") })

func removeBuilt() {
	if dir, err := built(); err == nil {
		_ = os.RemoveAll(dir)
	}
}

var building sync.Mutex

// build builds a binary of this repository, once for each name.
func build(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, name)
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	output, err := exec.Command("go", append([]string{arguments[0], "-o", binary}, arguments[1:]...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, output)
	}
	return binary
}

// server is the real one, as a process over SQLite, with a witness in front
// that writes down which tokens were asked for.
type server struct {
	URL, Key string
	secret   string
	direct   string

	mu    sync.Mutex
	mints []mint
	// gate, while there is one, holds the answers to requests for tokens back.
	gate chan struct{}
	// asking is told of each request for a token when it arrives.
	asking chan string
}

// mint is one request for a token that the server answered with one.
type mint struct {
	at            time.Time
	session, user string
}

type readyFile struct {
	URL            string `json:"url"`
	PublishableKey string `json:"publishable_key"`
	SecretKey      string `json:"secret_key"`
}

func startServer(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	readyPath := filepath.Join(dir, "ready.json")
	command := exec.Command(build(t, "perennial", "build", "../../cmd/perennial"), "dev", "--listen", "127.0.0.1:0",
		"--data", filepath.Join(dir, "data"), "--ready-file", readyPath, "--quiet")
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		if t.Failed() {
			t.Logf("server: %s", log.String())
		}
	})
	var ready readyFile
	await(t, "the server is ready", 30*time.Second, func() bool {
		data, err := os.ReadFile(readyPath)
		return err == nil && json.Unmarshal(data, &ready) == nil
	})
	s := &server{Key: ready.PublishableKey, secret: ready.SecretKey, direct: ready.URL, asking: make(chan string, 1024)}
	upstream, err := url.Parse(ready.URL)
	if err != nil {
		t.Fatal(err)
	}
	witness := httptest.NewServer(s.witness(httputil.NewSingleHostReverseProxy(upstream)))
	t.Cleanup(witness.Close)
	s.URL = witness.URL
	return s
}

// witness passes requests on. It takes the token out of client answers, which a
// server need not put there, so that every token is one that was asked for.
func (s *server) witness(proxy *httputil.ReverseProxy) http.Handler {
	proxy.FlushInterval = -1
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {} // of a process that was killed
	proxy.ModifyResponse = func(response *http.Response) error {
		r := response.Request
		if session, ok := mintOf(r); ok && response.StatusCode == http.StatusOK {
			s.mu.Lock()
			s.mints = append(s.mints, mint{time.Now(), session, r.UserAgent()})
			gate := s.gate
			s.mu.Unlock()
			if gate != nil {
				select {
				case <-gate:
				case <-r.Context().Done():
				}
			}
			return nil
		}
		return withoutToken(response)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := mintOf(r); ok {
			select {
			case s.asking <- r.UserAgent():
			default:
			}
		}
		proxy.ServeHTTP(w, r)
	})
}

func mintOf(r *http.Request) (session string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/client/sessions/")
	if !ok || r.Method != http.MethodPost {
		return "", false
	}
	return strings.CutSuffix(rest, "/tokens")
}

func withoutToken(response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	var document any
	if json.Unmarshal(body, &document) == nil {
		strip(document)
		if body, err = json.Marshal(document); err != nil {
			return err
		}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Set("Content-Length", fmt.Sprint(len(body)))
	return nil
}

func strip(document any) {
	switch d := document.(type) {
	case map[string]any:
		if _, ok := d["last_active_token"]; ok {
			d["last_active_token"] = nil
		}
		for _, value := range d {
			strip(value)
		}
	case []any:
		for _, value := range d {
			strip(value)
		}
	}
}

// holdTokens holds answers to requests for tokens back. What it returns lets
// later ones pass, and what that returns lets the held ones go.
func (s *server) holdTokens() (pass func() (release func())) {
	gate := make(chan struct{})
	set := func(gate chan struct{}) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.gate = gate
	}
	set(gate)
	return func() func() {
		set(nil)
		return func() { close(gate) }
	}
}

func (s *server) minted() []mint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mint(nil), s.mints...)
}

const password = "correct horse battery staple"

// createUser makes a user through the Backend API.
func (s *server) createUser(t *testing.T, email string) {
	t.Helper()
	body := fmt.Sprintf(`{"email_address":[%q],"password":%q}`, email, password)
	s.backend(t, http.MethodPost, "/v1/users", body, nil)
}

// status asks the Backend API what has become of a session.
func (s *server) status(t *testing.T, session string) string {
	t.Helper()
	var document struct {
		Status string `json:"status"`
	}
	s.backend(t, http.MethodGet, "/v1/sessions/"+session, "", &document)
	return document.Status
}

func (s *server) backend(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.direct+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.secret)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: status %d, %v\n%s", method, path, response.StatusCode, err, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
}

// await polls until done, for want of an event.
func await(t *testing.T, what string, limit time.Duration, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}
