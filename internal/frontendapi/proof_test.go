package frontendapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/frontendapi"
	"github.com/perennialauth/perennial/internal/proof"
)

// phone is an app whose requests prove a device key.
type phone struct {
	*app
	key *apitest.DeviceKey
}

func newPhone(t *testing.T, s *apitest.Server) phone {
	t.Helper()
	return phone{nativeApp(s), apitest.NewDeviceKey(t)}
}

// with is the same phone with another credential.
func (p phone) with(token string) phone {
	return phone{&app{Caller: p.s.NativeWith(token), s: p.s}, p.key}
}

type says = map[string]any

// ask sends a request with a proof.
func (p phone) ask(t *testing.T, method, path string, body string, claims says) answer {
	t.Helper()
	p.s.Advance(10 * time.Millisecond)
	return answer{p.Send(t, p.key.Prove(p.Caller, apitest.Request{Method: method, Path: path, Body: body}, claims))}
}

func (p phone) getClient(t *testing.T, claims says) answer {
	t.Helper()
	return p.ask(t, "GET", "/v1/client", "", claims)
}

// signedUp makes an account on the phone and returns its session.
func (p phone) signedUp(t *testing.T, email string) string {
	t.Helper()
	up := p.ask(t, "POST", "/v1/client/sign_ups", form("email_address", email, "password", password).Encode(), nil)
	id := up.text("response.id")
	p.ask(t, "POST", "/v1/client/sign_ups/"+id+"/prepare_verification", "strategy=email_code", nil).OK(t)
	done := p.ask(t, "POST", "/v1/client/sign_ups/"+id+"/attempt_verification", "strategy=email_code&code="+p.s.Code(t, email), nil)
	sid := done.text("response.created_session_id")
	if sid == "" {
		t.Fatalf("no session: %v", done)
	}
	return sid
}

const (
	rotate        = "rotate"
	boundHeader   = "Perennial-Key"
	arrivedHeader = "Perennial-Credential"
)

// challenged holds an answer to a request without a valid proof: it proves
// nothing, gives nothing, and says how to do better.
func challenged(t *testing.T, got answer, reason string) {
	t.Helper()
	if got.Status != http.StatusUnauthorized || got.Code() != "device_proof_required" {
		t.Errorf("%s: %v", got.Request.Path, got)
	}
	if how := got.Header.Get("Www-Authenticate"); !strings.HasPrefix(how, "DPoP ") || !strings.Contains(how, reason) || got.Header.Get("Dpop-Nonce") == "" {
		t.Errorf("%s: %q with nonce %q", got.Request.Path, how, got.Header.Get("Dpop-Nonce"))
	}
	if got.Header.Get("Authorization") != "" || got.Header.Get(boundHeader) != "" || got.Has("client") || got.Has("response") {
		t.Errorf("%s: gives something away: %v", got.Request.Path, got)
	}
}

func TestCredentialIsBoundFromBirth(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	p := newPhone(t, s)
	sid := p.signedUp(t, "a@example.com")
	token := p.Token()
	if !strings.HasPrefix(token, "pcb_") {
		t.Fatalf("credential %.8s…", token)
	}
	if got := p.getClient(t, nil); !slices.Contains(sessionIDs(got.at("response.sessions")), sid) || got.Header.Get("Authorization") != "" {
		t.Errorf("%v, handed out %q", got, got.Header.Get("Authorization"))
	}
	p.ask(t, "POST", "/v1/client/sessions/"+sid+"/tokens", "", nil).OK(t)
	born := newPhone(t, s)
	if got := born.getClient(t, nil); got.Header.Get(boundHeader) != born.key.Thumbprint() || got.Header.Get("Authorization") != born.Token() {
		t.Errorf("key %q of %q", got.Header.Get(boundHeader), born.key.Thumbprint())
	}
	// What is not bound says so, and the difference is visible before.
	plain := nativeApp(s).must(t, "GET", "/v1/client", nil)
	if plain.Header.Get(boundHeader) != "" || !strings.HasPrefix(plain.Header.Get("Authorization"), "pct_") || plain.Header.Get("Dpop-Nonce") == "" {
		t.Errorf("an app without a key: %v", plain.Header)
	}
}

// Whoever has the credential and not the key gets nothing, at any operation,
// and cannot tell a genuine credential from a made-up one.
func TestWithoutProofNothing(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	p := newPhone(t, s)
	sid := p.signedUp(t, "a@example.com")
	documents := []string{"/v1/environment", "/.well-known/", "/v1/dev_browser", "/npm/"}
	asked := 0
	for _, operation := range frontendapi.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		if slices.ContainsFunc(documents, func(d string) bool { return strings.HasPrefix(path, d) }) {
			continue
		}
		path = strings.NewReplacer("{session_id}", sid).Replace(path)
		if strings.Contains(path, "{") || !strings.HasPrefix(path, "/v1/client") && !strings.HasPrefix(path, "/v1/me") {
			continue
		}
		asked++
		for _, token := range []string{p.Token(), "pcb_AAAA"} {
			thief := &app{Caller: s.NativeWith(token), s: s}
			challenged(t, answer{thief.Do(t, method, path, "")}, "invalid_dpop_proof")
		}
	}
	if asked < 10 {
		t.Errorf("only %d operations were asked", asked)
	}
	if got := p.getClient(t, nil); len(sessionIDs(got.at("response.sessions"))) != 1 {
		t.Errorf("the thief cost the session: %v", got)
	}
}

func TestProofsThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	p := newPhone(t, s)
	p.signedUp(t, "a@example.com")
	for name, claims := range map[string]says{
		"another method":     {"htm": "POST"},
		"another path":       {"htu": "https://" + s.Host + "/v1/me"},
		"another host":       {"htu": "https://evil.example.com/v1/client"},
		"another credential": {"ath": strings.Repeat("A", 43)},
		"no name":            {"jti": ""},
	} {
		t.Log(name)
		challenged(t, p.getClient(t, claims), "invalid_dpop_proof")
	}
	text := p.key.Proof(s, "GET", "/v1/client", p.Token(), nil)
	twice := apitest.Request{Method: "GET", Path: "/v1/client", Header: http.Header{"Dpop": {text, text}}}
	challenged(t, answer{p.Send(t, twice)}, "invalid_dpop_proof")
	once := apitest.Request{Method: "GET", Path: "/v1/client", Header: http.Header{"Dpop": {text}}}
	p.Send(t, once).OK(t)
	challenged(t, answer{p.Send(t, once)}, "use_dpop_nonce")
}

// A device whose clock is wrong by years is asked for a nonce, once.
func TestWrongClockNeedsTheNonce(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	for _, clock := range []int64{0, 4102444800} {
		p := newPhone(t, s)
		got := p.getClient(t, says{"iat": clock})
		challenged(t, got, "use_dpop_nonce") // before there is a credential
		nonce := got.Header.Get("Dpop-Nonce")
		p.getClient(t, says{"iat": clock, "nonce": nonce}).OK(t)
		if !strings.HasPrefix(p.Token(), "pcb_") {
			t.Errorf("credential %.8s…", p.Token())
		}
		challenged(t, p.getClient(t, says{"iat": clock}), "use_dpop_nonce")
		p.getClient(t, says{"iat": clock, "nonce": nonce}).OK(t)
		s.Advance(11 * time.Minute)
		challenged(t, p.getClient(t, says{"iat": clock, "nonce": nonce}), "use_dpop_nonce")
	}
}

func TestRotationOverHTTP(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	p := newPhone(t, s)
	sid := p.signedUp(t, "a@example.com")
	one := p.Token()
	s.Advance(auth.RotationInterval)
	first := p.getClient(t, says{rotate: true})
	two := first.Header.Get("Authorization")
	if two == "" || two == one || first.Header.Get(boundHeader) != p.key.Thumbprint() || len(sessionIDs(first.at("response.sessions"))) != 1 {
		t.Fatalf("%v, handed out %q", first, two)
	}
	// The answer was lost; the device asks again, on whatever day it wakes.
	for _, later := range []time.Duration{time.Second, time.Hour, 7 * 24 * time.Hour} {
		s.Advance(later)
		if got := p.with(one).getClient(t, says{rotate: true}).Header.Get("Authorization"); got != two {
			t.Errorf("after %v: another successor", later)
		}
	}
	if got := p.with(one).getClient(t, nil).Header.Get("Authorization"); got != "" {
		t.Error("a successor that nobody asked for")
	}
	// It is presented with a request of another kind.
	got := p.with(two).ask(t, "POST", "/v1/client/sessions/"+sid+"/tokens", "", nil)
	if got.OK(t); got.Header.Get("Authorization") != "" {
		t.Errorf("handed out %q", got.Header.Get("Authorization"))
	}
	behind := p.with(one).ask(t, "POST", "/v1/client/sessions/"+sid+"/tokens", "", nil)
	if behind.OK(t); behind.Header.Get("Authorization") != two || behind.Header.Get(boundHeader) != p.key.Thumbprint() {
		t.Error("the predecessor is not answered with the current one")
	}
	// Unbound, foreign and unproven are no ways to rotate.
	thief := newPhone(t, s).with(two)
	thief.key = apitest.NewDeviceKey(t)
	if got := thief.getClient(t, says{rotate: true}); len(sessionIDs(got.at("response.sessions"))) != 0 ||
		got.Header.Get("Authorization") == "" || got.Header.Get(boundHeader) != thief.key.Thumbprint() {
		t.Errorf("whoever shows a foreign key is anybody: %v", got)
	}
	p = p.with(two)
	p.ask(t, "POST", "/v1/client/sessions/"+sid+"/tokens", "", nil).Is(t, http.StatusUnauthorized, "authentication_invalid")
}

// Another SDK's unbound credential goes on as it was, whatever becomes of the
// line that a device branched off it.
func TestBranchOverHTTP(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	sdk := nativeApp(s)
	sid := sdk.signUp(t, "a@example.com")
	origin := sdk.Token()
	p := newPhone(t, s).with(origin)
	first := p.getClient(t, says{rotate: true})
	bound := first.Header.Get("Authorization")
	if !strings.HasPrefix(bound, "pcb_") || first.Header.Get(boundHeader) != p.key.Thumbprint() {
		t.Fatalf("%v: %q", first, bound)
	}
	if again := p.with(origin).getClient(t, says{rotate: true}).Header.Get("Authorization"); again != bound {
		t.Error("asked again: another one")
	}
	if got := p.with(bound).getClient(t, nil); !slices.Contains(sessionIDs(got.at("response.sessions")), sid) {
		t.Fatalf("the branch has no session: %v", got)
	}
	thief := newPhone(t, s).with(bound)
	thief.key = apitest.NewDeviceKey(t)
	thief.getClient(t, nil).OK(t)
	if got := p.with(bound).getClient(t, nil); len(sessionIDs(got.at("response.sessions"))) != 0 {
		t.Error("the stolen line lives")
	}
	if got := sdk.sessions(t); !slices.Contains(got, sid) || sdk.Token() != origin {
		t.Errorf("the SDK that the origin belongs to: sessions %v", got)
	}
	// A proof that does not fit costs an unbound credential nothing.
	for _, claims := range []says{{"htm": "POST", rotate: true}, {"iat": 0, rotate: true}} {
		got := p.with(origin).getClient(t, claims)
		if !slices.Contains(sessionIDs(got.at("response.sessions")), sid) || got.Header.Get("Authorization") != "" {
			t.Errorf("%v: %v", claims, got)
		}
	}
}

// A bound credential in a cookie is nobody's: a page cannot prove anything.
func TestBoundCredentialInACookie(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	p := newPhone(t, s)
	p.signedUp(t, "a@example.com")
	got := browserApp(s).Send(t, apitest.Request{
		Method: "GET", Path: "/v1/client", Header: http.Header{"Cookie": {"__client=" + p.Token()}},
	})
	if got.OK(t); len(sessionIDs(answer{got}.at("response.sessions"))) != 0 || got.Header.Get("Dpop-Nonce") != "" {
		t.Errorf("%s", got.Body)
	}
	// Nor is it something that a back end can be shown.
	body := `{"token":"` + p.Token() + `"}`
	if got := s.BackEnd().Do(t, "POST", "/v1/clients/verify", body); got.Status != http.StatusNotFound && got.Status != http.StatusBadRequest {
		t.Errorf("verify: %d %s", got.Status, got.Body)
	}
}

func TestProofsWithoutSuccessAreLimited(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Addresses.Burst, o.Addresses.Every = 3, time.Minute })
	thief := &app{Caller: s.NativeWith("pcb_AAAA"), s: s}
	for range 3 {
		challenged(t, answer{thief.Do(t, "GET", "/v1/client", "")}, "invalid_dpop_proof")
	}
	thief.Do(t, "GET", "/v1/client", "").Is(t, http.StatusTooManyRequests, "too_many_requests")
	if p := newPhone(t, s); p.getClient(t, nil).Status != http.StatusOK {
		t.Error("and who proves a key is limited with them")
	}
}

// A request that lost its credential on the way is told so, in every answer, and
// learns nothing that could be taken for the end of a session.
func TestAnswersSayWhichCredentialArrived(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	p := newPhone(t, s)
	sid := p.signedUp(t, "arrives@example.com")
	mine, tokens := p.Token(), "/v1/client/sessions/"+sid+"/tokens"
	bare := p.with("")
	about := says{"ath": proof.Hash(mine)}
	for _, at := range []string{"/v1/client", tokens} {
		method := "POST"
		if at == "/v1/client" {
			method = "GET"
		}
		if got := p.ask(t, method, at, "", nil).OK(t); got.Header.Get(arrivedHeader) != proof.Hash(mine) {
			t.Errorf("%s: the server got %q", at, got.Header.Get(arrivedHeader))
		}
		got := bare.ask(t, method, at, "", about)
		challenged(t, got, "invalid_dpop_proof")
		if got.Header.Get(arrivedHeader) != "none" {
			t.Errorf("%s: the server got %q", at, got.Header.Get(arrivedHeader))
		}
		got = p.with("pcb_of-nobody").ask(t, method, at, "", nil)
		challenged(t, got, "invalid_dpop_proof")
	}
	for _, action := range []string{"tokens", "remove", "end", "touch", "tokens/template"} {
		got := nativeApp(s).send(t, "POST", "/v1/client/sessions/"+sid+"/"+action, nil)
		if got.Status != http.StatusUnauthorized || got.Code() != "client_credential_missing" || got.Header.Get(arrivedHeader) != "none" {
			t.Errorf("%s without a credential: %v", action, got)
		}
	}
	if got := p.ask(t, "POST", tokens, "", nil); got.Status != http.StatusOK {
		t.Errorf("afterwards: %v", got)
	}
}
