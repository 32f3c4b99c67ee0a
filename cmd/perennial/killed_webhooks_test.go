package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// heard is what a receiver of webhooks was told: the ids of the events about
// the creation of each user.
type heard struct {
	mu     sync.Mutex
	events map[string]map[string]int
	failed map[string]bool // events that were refused before
}

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Type string `json:"type"`
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	text, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(text, &body) != nil || body.Type != "user.created" {
		http.Error(w, "not an event about a new user", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if id := r.Header.Get("Webhook-Id"); !h.failed[id] && rand.IntN(4) == 0 {
		h.failed[id] = true // once: it comes again after seconds, and then after minutes
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if h.events[body.Data.ID] == nil {
		h.events[body.Data.ID] = map[string]int{}
	}
	h.events[body.Data.ID][r.Header.Get("Webhook-Id")]++
}

// missing are the users nobody was told about.
func (h *heard) missing(users []string) (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range users {
		if len(h.events[id]) == 0 {
			out = append(out, id)
		}
	}
	return out
}

// TestKilledServerTellsEverything kills the real server while users are made
// and a receiver that fails now and then is told about them. Whoever was made is
// told of at least once, and as one event however often.
func TestKilledServerTellsEverything(t *testing.T) {
	t.Parallel()
	const kills, workers = 4, 4
	h := &heard{events: map[string]map[string]int{}, failed: map[string]bool{}}
	receiver := httptest.NewServer(h)
	t.Cleanup(receiver.Close)
	data := filepath.Join(t.TempDir(), "data")
	p := startDev(t, data, "--quiet")
	c := &backendClient{url: p.ready.URL, secretKey: p.ready.SecretKey}
	in := map[string]any{"url": receiver.URL, "events": []string{"user.created"}}
	if err := c.call(t.Context(), http.MethodPost, webhookEndpoints, in, nil); err != nil {
		t.Fatal(err)
	}
	var made []string
	for round := range kills {
		made = append(made, makeUsersUntilKilled(t, p, round, workers)...)
		p = startDev(t, data, "--quiet")
	}
	if len(made) < kills {
		t.Fatalf("nothing was tested: %d users made", len(made))
	}
	// What a killed process had claimed comes back when its claim runs out.
	deadline := time.Now().Add(2 * time.Minute)
	for len(h.missing(made)) > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	if missing := h.missing(made); len(missing) > 0 {
		t.Errorf("nobody was told of %d of %d users: %v", len(missing), len(made), missing[:min(3, len(missing))])
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, events := range h.events {
		if len(events) != 1 {
			t.Errorf("%s was made %d times: %v", id, len(events), events)
		}
	}
	t.Logf("%d kills; all of %d users told of", kills, len(made))
}

// makeUsersUntilKilled returns the users whose making was acknowledged.
func makeUsersUntilKilled(t *testing.T, p *devProcess, round, workers int) (made []string) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for worker := range workers {
		wg.Go(func() {
			c := &backendClient{url: p.ready.URL, secretKey: p.ready.SecretKey}
			for n := 0; ctx.Err() == nil; n++ {
				var out struct {
					ID string `json:"id"`
				}
				in := map[string]any{"email_address": []string{fmt.Sprintf("u%d-%d-%d@example.com", round, worker, n)}, "skip_password_requirement": true}
				if err := c.call(ctx, http.MethodPost, "/v1/users", in, &out); err != nil {
					return
				}
				mu.Lock()
				made = append(made, out.ID)
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Duration(50+rand.IntN(250)) * time.Millisecond) // the kill comes at a random instant
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.done
	wg.Wait()
	return made
}

// TestWebhookCommand manages an endpoint as an operator does.
func TestWebhookCommand(t *testing.T) {
	t.Parallel()
	told := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		told <- r.Header.Get("Svix-Signature")
	}))
	t.Cleanup(receiver.Close)
	p := startDev(t, filepath.Join(t.TempDir(), "data"), "--quiet")
	run := func(args ...string) string {
		t.Helper()
		out := runCommand(t, "", append([]string{"webhook", "--url", p.ready.URL, "--secret-key", p.ready.SecretKey}, args...)...)
		if out.status != 0 {
			t.Fatalf("%v: %+v", args, out)
		}
		return out.stdout
	}
	var endpoint webhookAnswer
	if err := json.Unmarshal([]byte(run("add", receiver.URL, "--event", "user.*", "--json")), &endpoint); err != nil || endpoint.Secret == "" {
		t.Fatal(err, endpoint)
	}
	c := &backendClient{url: p.ready.URL, secretKey: p.ready.SecretKey}
	if err := c.call(t.Context(), http.MethodPost, "/v1/users", map[string]any{"email_address": []string{"a@example.com"}}, nil); err != nil {
		t.Fatal(err)
	}
	<-told
	var deliveries []deliveryAnswer
	for len(deliveries) == 0 || deliveries[0].Status != "delivered" {
		if err := json.Unmarshal([]byte(run("deliveries", endpoint.ID, "--json")), &deliveries); err != nil {
			t.Fatal(err)
		}
	}
	run("replay", deliveries[0].ID)
	<-told
	if before, after := run("secret", endpoint.ID), run("secret", endpoint.ID, "--rotate"); before == after {
		t.Errorf("not rotated: %s", after)
	}
	run("remove", endpoint.ID)
	if out := run("list"); out != "" {
		t.Errorf("still there: %s", out)
	}
	for _, args := range [][]string{
		{"webhook", "list", "--url", p.ready.URL, "--secret-key", "sk_test_wrong"},
		{"webhook", "list", "--url", "http://" + closedAddress(t), "--secret-key", p.ready.SecretKey},
		{"webhook", "remove", "ep_nothing", "--url", p.ready.URL, "--secret-key", p.ready.SecretKey},
		{"webhook", "add", "not a url", "--url", p.ready.URL, "--secret-key", p.ready.SecretKey},
	} {
		if out := runCommand(t, "", args...); out.status == 0 || out.stderr == "" {
			t.Errorf("%v: %+v", args, out)
		}
	}
}

// closedAddress is one where nobody listens.
func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
