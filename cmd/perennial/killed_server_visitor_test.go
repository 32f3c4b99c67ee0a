package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// visit is how far a visitor has come.
type visit int

const (
	unknown      visit = iota // has no client yet
	arrived                   // has a client and an open sign-up
	signedUp                  // has the first session
	signedOut                 // has removed it
	signedBackIn              // has the second session
)

// visitor is a person with one native client.
type visitor struct {
	email    string
	token    string // client token as last handed out
	client   string // client id
	sessions [2]string

	told   visit // what the server acknowledged
	asked  visit // what the last request would lead to
	cutOff bool  // the last request got no answer
}

func newVisitor(round, worker, n int) *visitor {
	return &visitor{email: fmt.Sprintf("v%d.%d.%d+clerk_test@example.com", round, worker, n)}
}

// answer is the part of a Frontend API answer that a visitor looks at.
type answer struct {
	Response struct {
		ID             string `json:"id"`
		Status         string `json:"status"`
		CreatedSession string `json:"created_session_id"`
		Sessions       []struct {
			ID   string          `json:"id"`
			User json.RawMessage `json:"user"`
		} `json:"sessions"`
		Factors []struct {
			Strategy string `json:"strategy"`
			EmailID  string `json:"email_address_id"`
		} `json:"supported_first_factors"`
	} `json:"response"`
	Client struct {
		ID string `json:"id"`
	} `json:"client"`
}

// visit signs up, out and in. It returns an error when the server was killed or
// answered something else than expected; cutOff tells which.
func (v *visitor) visit(ctx context.Context, c *http.Client, base string) error {
	a, err := v.post(ctx, c, base+"/v1/client/sign_ups", arrived, url.Values{"email_address": {v.email}})
	if err != nil {
		return err
	}
	v.told, v.client = arrived, a.Client.ID
	if a, err = v.prove(ctx, c, base+"/v1/client/sign_ups/"+a.Response.ID, "verification", signedUp, url.Values{}); err != nil {
		return err
	}
	v.told, v.sessions[0] = signedUp, a.Response.CreatedSession

	if _, err = v.post(ctx, c, base+"/v1/client/sessions/"+v.sessions[0]+"/remove", signedOut, nil); err != nil {
		return err
	}
	v.told = signedOut

	if a, err = v.post(ctx, c, base+"/v1/client/sign_ins", signedOut, url.Values{"identifier": {v.email}}); err != nil {
		return err
	}
	emailID := ""
	for _, f := range a.Response.Factors {
		if f.Strategy == "email_code" {
			emailID = f.EmailID
		}
	}
	if a, err = v.prove(ctx, c, base+"/v1/client/sign_ins/"+a.Response.ID, "first_factor", signedBackIn, url.Values{"email_address_id": {emailID}}); err != nil {
		return err
	}
	v.told, v.sessions[1] = signedBackIn, a.Response.CreatedSession
	return nil
}

// prove asks for a code and submits it.
func (v *visitor) prove(ctx context.Context, c *http.Client, attempt, step string, leadsTo visit, prepare url.Values) (answer, error) {
	prepare.Set("strategy", "email_code")
	if _, err := v.post(ctx, c, attempt+"/prepare_"+step, v.told, prepare); err != nil {
		return answer{}, err
	}
	return v.post(ctx, c, attempt+"/attempt_"+step, leadsTo, url.Values{"strategy": {"email_code"}, "code": {"424242"}})
}

func (v *visitor) post(ctx context.Context, c *http.Client, address string, leadsTo visit, form url.Values) (answer, error) {
	v.asked = leadsTo
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"?_is_native=1", strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(c, r)
}

// send takes over the client token of the answer. An answer that did not arrive
// whole is none.
func (v *visitor) send(c *http.Client, r *http.Request) (out answer, _ error) {
	if v.token != "" {
		r.Header.Set("Authorization", v.token)
	}
	response, err := c.Do(r)
	if err != nil {
		v.cutOff = true
		return out, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		v.cutOff = true
		return out, err
	}
	if response.StatusCode != http.StatusOK {
		return out, fmt.Errorf("%s %s: %d %s", r.Method, r.URL.Path, response.StatusCode, raw)
	}
	if next := response.Header.Get("Authorization"); next != "" {
		v.token = next
	}
	return out, json.Unmarshal(raw, &out)
}

// check compares what the visitor was told with what the server says now.
func (v *visitor) check(ctx context.Context, base, secretKey string) error {
	if v.told == unknown {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/client?_is_native=1", nil)
	if err != nil {
		return err
	}
	a, err := v.send(http.DefaultClient, r)
	if err != nil {
		return err
	}
	if a.Response.ID != v.client {
		return fmt.Errorf("client is %q, want %q", a.Response.ID, v.client)
	}
	var live []string
	for _, s := range a.Response.Sessions {
		live = append(live, s.ID)
		if !strings.Contains(string(s.User), v.email) {
			return fmt.Errorf("session %s without its user", s.ID)
		}
	}
	if err := v.checkSessions(live); err != nil {
		return err
	}
	return v.checkUser(ctx, base, secretKey, len(live))
}

// checkSessions allows the state told, and the state asked for when the answer
// was cut off.
func (v *visitor) checkSessions(live []string) error {
	allowed := func(state visit) bool {
		switch state {
		case signedUp: // an unanswered sign-up has a session of unknown id
			return len(live) == 1 && (v.told < signedUp || live[0] == v.sessions[0])
		case signedBackIn:
			return len(live) == 1 && live[0] != v.sessions[0] && (v.told < signedBackIn || live[0] == v.sessions[1])
		default:
			return len(live) == 0
		}
	}
	if allowed(v.told) || v.cutOff && allowed(v.asked) {
		return nil
	}
	return fmt.Errorf("live sessions %v, and there were %v", live, v.sessions)
}

// checkUser asks the Backend API whether user and session came together.
func (v *visitor) checkUser(ctx context.Context, base, secretKey string, sessions int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/users?"+url.Values{"email_address": {v.email}}.Encode(), nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+secretKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var users []struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(response.Body).Decode(&users); err != nil {
		return err
	}
	want := 1
	if v.told == arrived {
		want = sessions
	}
	if len(users) != want {
		return errors.New("a user without the session that was made with it, or the reverse")
	}
	return nil
}
