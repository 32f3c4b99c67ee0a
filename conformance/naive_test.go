package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device/vault"
)

// naive is a client as it is written in an afternoon: one value in the store,
// one request at the start, and whatever goes wrong means that nobody is signed
// in. It is a second subject of the suite, and shows that the suite can fail.
type naive struct{}

func (naive) Name() string { return "a client of an afternoon" }

type naiveRecord struct{ Credential, Session, User string }

func (naive) Plant(env conformance.Environment, given conformance.Given, credential, _, session string) bool {
	if env.Storage != conformance.Memory {
		return false
	}
	switch given {
	case conformance.Empty:
		return true
	case conformance.Session:
		body, err := json.Marshal(naiveRecord{credential, session, conformance.UserID})
		return err == nil && env.Put(vault.Version{Lineage: "naive", Generation: 1}, body) == nil
	default:
		return false
	}
}

type naiveClient struct {
	env   conformance.Environment
	store vault.Vault
	ready chan struct{} // closed when the first verdict is there

	mu      sync.Mutex
	record  naiveRecord
	shown   conformance.Observation
	changed chan struct{}
}

func (naive) Open(env conformance.Environment) (conformance.Client, error) {
	store, err := env.Vault()
	if err != nil {
		return nil, err
	}
	c := &naiveClient{env: env, store: store, ready: make(chan struct{}), changed: make(chan struct{})}
	c.shown = conformance.Observation{Kind: "undetermined", Cause: "starting", Sequence: 1}
	go func() {
		defer close(c.ready)
		if loaded := store.Load(context.Background()); loaded.Answer == vault.Found {
			_ = json.Unmarshal(loaded.Body, &c.record)
		}
		c.confirm(context.Background())
	}()
	return c, nil
}

// confirm asks the server who this is. Anything but a session is a sign-out.
func (c *naiveClient) confirm(ctx context.Context) {
	status, body := c.ask(ctx, http.MethodGet, "/v1/client", nil)
	if status != http.StatusOK || !strings.Contains(body, `"`+c.record.Session+`"`) || c.record.Session == "" {
		c.forget()
		return
	}
	c.show("active", "confirmed")
}

func (c *naiveClient) forget() {
	c.record = naiveRecord{}
	c.save()
	c.show("signed-out", "user")
}

func (c *naiveClient) save() {
	loaded := c.store.Load(context.Background())
	next := vault.Version{Lineage: "naive", Generation: loaded.Version.Generation + 1}
	body, _ := json.Marshal(c.record)
	c.store.Save(context.Background(), vault.Change{Previous: loaded.Version, Next: next, Body: body, Beside: true})
}

func (c *naiveClient) show(kind, cause string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = conformance.Observation{
		Kind: kind, Cause: cause, Confirmed: kind == "active", UserID: c.record.User, SessionID: c.record.Session, Sequence: c.shown.Sequence + 1,
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *naiveClient) ask(ctx context.Context, method, path string, form url.Values) (int, string) {
	request, err := http.NewRequestWithContext(ctx, method, c.env.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", c.record.Credential)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	if credential := response.Header.Get("Authorization"); credential != "" {
		c.record.Credential = credential
	}
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (c *naiveClient) State() conformance.Observation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown
}

func (c *naiveClient) Restore(ctx context.Context) (conformance.Observation, error) {
	select {
	case <-c.ready:
		return c.State(), nil
	case <-ctx.Done():
		return c.State(), ctx.Err()
	}
}

func (c *naiveClient) Watch(ctx context.Context, seen func(conformance.Observation)) {
	for {
		c.mu.Lock()
		now, changed := c.shown, c.changed
		c.mu.Unlock()
		seen(now)
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (c *naiveClient) Token(ctx context.Context, _ bool) (token, failure string) {
	if c.State().Kind != "active" {
		return "", "signed-out"
	}
	status, body := c.ask(ctx, http.MethodPost, "/v1/client/sessions/"+c.record.Session+"/tokens", nil)
	var answer struct {
		JWT string `json:"jwt"`
	}
	if status != http.StatusOK || json.Unmarshal([]byte(body), &answer) != nil {
		c.forget()
		return "", "signed-out"
	}
	return answer.JWT, ""
}

func (c *naiveClient) SignIn(ctx context.Context, user, password string) string {
	status, body := c.ask(ctx, http.MethodPost, "/v1/client/sign_ins", url.Values{"identifier": {user}, "password": {password}})
	var answer struct {
		Response struct {
			Session string `json:"created_session_id"`
		} `json:"response"`
	}
	if status != http.StatusOK || json.Unmarshal([]byte(body), &answer) != nil {
		return "refused"
	}
	c.record.Session = answer.Response.Session
	c.record.User = map[string]string{conformance.Email: conformance.UserID, conformance.SecondEmail: conformance.SecondUserID}[user]
	c.save()
	c.show("active", "confirmed")
	return ""
}

func (c *naiveClient) SignOut(ctx context.Context) string {
	session, credential := c.record.Session, c.record.Credential
	c.forget()
	c.record.Credential = credential
	c.ask(ctx, http.MethodPost, "/v1/client/sessions/"+session+"/remove", nil)
	c.record = naiveRecord{}
	return ""
}

func (c *naiveClient) BeginCode(context.Context, string) string { return "unsupported" }
func (c *naiveClient) EnterCode(context.Context, string) string { return "unsupported" }
func (c *naiveClient) Adopt(context.Context, string) string     { return "unsupported" }
func (c *naiveClient) Nudge()                                   {}
func (c *naiveClient) Reload()                                  {}
func (c *naiveClient) Drain(context.Context) bool               { return true }
func (c *naiveClient) Explain() string                          { return "" }
func (c *naiveClient) Close()                                   {}

// TestSuiteFailsANaiveClient: the suite runs against another client than ours,
// and tells what becomes of a session there.
func TestSuiteFailsANaiveClient(t *testing.T) {
	t.Parallel()
	type marks struct{ skipped, ever, lost bool }
	want := map[string]marks{
		// Late.
		"slow-response-past-window/100ms":           {ever: true},
		"cached-user-after-revocation/online start": {},
		// Lost for nothing.
		"unreachable-taken-as-signed-out/reset":                         {lost: true},
		"html-200-parsed-as-verdict/200 HTML":                           {lost: true},
		"5xx-as-signed-out/503, token expired":                          {lost: true},
		"429-as-signed-out/without Retry-After":                         {lost: true},
		"locked-read-as-absent":                                         {lost: true},
		"unreadable-then-deleted/once failed":                           {lost: true},
		"feature-401-as-signed-out/the auth server accepts the session": {ever: true},
		// It has no such record, and no such storage.
		"schema-skew/newer and readable":  {skipped: true},
		"torn-write/after 3 calls, way 1": {skipped: true},
	}
	var mu sync.Mutex
	var results []conformance.Result
	var all sync.WaitGroup
	for _, scenario := range conformance.Catalogue() {
		if _, chosen := want[scenario.Name()]; chosen {
			all.Go(func() {
				result := conformance.Run(naive{}, scenario)
				mu.Lock()
				defer mu.Unlock()
				results = append(results, result)
			})
		}
	}
	all.Wait()
	got := map[string]marks{}
	for _, r := range results {
		got[r.Scenario.Name()] = marks{r.Skipped, r.Ever, r.Lost}
		if (r.Err == nil) != r.Skipped {
			t.Errorf("%s: skipped %v, and the result is %v", r.Scenario.Name(), r.Skipped, r.Err)
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(marks{})); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	var table strings.Builder
	if err := conformance.Table(&table, naive{}.Name(), results); err != nil {
		t.Fatal(err)
	}
	if last := fmt.Sprintf("%d scenarios, 0 passed, 2 skipped, %d failed", len(want), len(want)-2); !strings.Contains(table.String(), last) {
		t.Errorf("the table does not end with %q", last)
	}
	t.Log("\n" + table.String())
}
