package transport_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/transport"
)

// Whatever stands between device and server may answer; none of it may look
// like the server's word.
func TestEverythingElseIsAmbiguous(t *testing.T) {
	t.Parallel()
	const isJSON = "application/json"
	ok := `{"response":` + clientJSON + `,"client":null}`
	deep := strings.Repeat(`{"response":`, 200) + "null" + strings.Repeat("}", 200)
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		want    core.Trouble
	}{
		{"a portal's page", answer(200, "text/html", "<html>welcome</html>"), core.TroubleNotJSON},
		{"a page that claims to be JSON", answer(200, isJSON, "<html>"), core.TroubleMalformed},
		{"JSON that claims to be a page", answer(200, "text/html", ok), core.TroubleNotJSON},
		{"JSON without a type", answer(200, "", ok), core.TroubleNotJSON},
		{"nothing", answer(200, isJSON, ""), core.TroubleEmpty},
		{"white space", answer(200, isJSON, " \n "), core.TroubleEmpty},
		{"no content", answer(204, "", ""), core.TroubleEmpty},
		{"null", answer(200, isJSON, "null"), core.TroubleMalformed},
		{"an array", answer(200, isJSON, "[]"), core.TroubleMalformed},
		{"an empty object", answer(200, isJSON, "{}"), core.TroubleMalformed},
		{"a null client", answer(200, isJSON, `{"response":null,"client":null}`), core.TroubleMalformed},
		{"trailing bytes", answer(200, isJSON, ok+"x"), core.TroubleMalformed},
		{"two documents", answer(200, isJSON, ok+ok), core.TroubleMalformed},
		{"half a document", answer(200, isJSON, ok[:len(ok)/2]), core.TroubleMalformed},
		{"broken text encoding", answer(200, isJSON, strings.Replace(ok, "Ada", "A\xff", 1)), core.TroubleMalformed},
		{"another object", answer(200, isJSON, strings.Replace(ok, `"object":"client"`, `"object":"cluster"`, 1)), core.TroubleMalformed},
		{"no sessions member", answer(200, isJSON, strings.Replace(ok, `"sessions"`, `"sesions"`, 1)), core.TroubleMalformed},
		{"null sessions", answer(200, isJSON, `{"response":{"object":"client","id":"c","updated_at":1,"sessions":null}}`), core.TroubleMalformed},
		{"an unknown session status", answer(200, isJSON, strings.Replace(ok, `"active"`, `"hibernating"`, 1)), core.TroubleMalformed},
		{"a live session of nobody", answer(200, isJSON, strings.Replace(ok, `"id":"user_1"`, `"id":""`, 1)), core.TroubleMalformed},
		{"an identifier that is a path", answer(200, isJSON, strings.Replace(ok, "sess_1\",\"status", "../x\",\"status", 1)), core.TroubleMalformed},
		{"a number for a string", answer(200, isJSON, strings.Replace(ok, `"client_1"`, `7`, 1)), core.TroubleMalformed},
		{"a string for a number", answer(200, isJSON, strings.Replace(ok, `1700000000000`, `"x"`, 1)), core.TroubleMalformed},
		{"a broken piggyback", answer(200, isJSON, `{"response":`+clientJSON+`,"client":{"object":"client"}}`), core.TroubleMalformed},
		{"an error with success", answer(200, isJSON, `{"errors":[{"code":"session_revoked"}]}`), core.TroubleMalformed},
		{"created", answer(201, isJSON, ok), core.TroubleUnexplained},
		{"great depth", answer(200, isJSON, deep), core.TroubleTooLarge},
		{"great size", answer(200, isJSON, `{"x":"`+strings.Repeat("x", 5<<20)+`"}`), core.TroubleTooLarge},
		{"a refusal as a page", answer(401, "text/html", "<html>"), core.TroubleNotJSON},
		{"an empty refusal", answer(403, "", ""), core.TroubleEmpty},
		{"a refusal without a code", answer(401, isJSON, `{"error":"invalid_grant"}`), core.TroubleMalformed},
		{"a refusal with no errors", answer(401, isJSON, `{"errors":[]}`), core.TroubleMalformed},
		{"a refusal of reading the client", answer(401, isJSON, `{"errors":[{"code":"authentication_invalid"}]}`), core.TroubleUnexplained},
		{"a proxy", answer(407, "", ""), core.TroubleProxy},
		{"too many requests", answer(429, isJSON, `{"errors":[{"code":"too_many_requests"}]}`), core.TroubleRateLimited},
		{"an outage", answer(503, isJSON, `{"errors":[{"code":"session_revoked"}]}`), core.TroubleServer},
		{"an outage at the edge", answer(523, "text/html", "<html>"), core.TroubleServer},
		{"a broken connection", hijack("HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: application/json\r\n\r\n{"), core.TroubleReset},
		{"a connection that just closes", hijack(""), core.TroubleReset},
		{"what is not HTTP", hijack("SSH-2.0-OpenSSH_9.2\r\n\r\n"), core.TroubleUnknown},
		{"endless headers", hijack("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 1<<20)), core.TroubleTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := serve(t, test.handler).Do(t.Context(), core.SendRequest{Kind: core.ReadClient, Credential: core.NewSecret("x")})
			if got.Class != core.Ambiguous || got.Trouble != test.want {
				t.Errorf("got %s %q, want ambiguous %q", got.Class, got.Trouble, test.want)
			}
			if got.Client != nil || got.Session != nil || got.Attempt != nil || got.Token != (core.TokenDoc{}) {
				t.Errorf("part of an ambiguous answer leaked out: %+v", got)
			}
		})
	}
}

// hijack answers raw bytes and closes the connection.
func hijack(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}

func TestMintAnswersAboutOthersAreForeign(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want core.Trouble
	}{
		"another session's token": {tokenJSON("sess_2"), core.TroubleForeign},
		"no claims":               {`{"object":"token","jwt":"` + jwt(`{}`) + `"}`, core.TroubleMalformed},
		"expired at birth":        {`{"object":"token","jwt":"` + jwt(`{"sid":"sess_1","sub":"user_1","iat":9,"exp":9}`) + `"}`, core.TroubleMalformed},
		"a far future":            {`{"object":"token","jwt":"` + jwt(`{"sid":"sess_1","sub":"user_1","iat":9,"exp":99999999999999}`) + `"}`, core.TroubleMalformed},
		"not a token":             {`{"object":"token","jwt":"x"}`, core.TroubleMalformed},
		"null":                    {`{"object":"token","jwt":null}`, core.TroubleMalformed},
		"a wrapped token":         {`{"response":` + tokenJSON("sess_1") + `}`, core.TroubleMalformed},
	} {
		got := serve(t, answer(200, "application/json", test.body)).Do(t.Context(), core.SendRequest{Kind: core.MintToken, SessionID: "sess_1"})
		if got.Class != core.Ambiguous || got.Trouble != test.want {
			t.Errorf("%s: got %s %q, want ambiguous %q", name, got.Class, got.Trouble, test.want)
		}
	}
	other := strings.Replace(signInJSON, "sia_1", "sia_2", 1)
	got := serve(t, answer(200, "application/json", `{"response":`+other+`}`)).Do(t.Context(), core.SendRequest{Kind: core.AttemptFirstFactor, AttemptID: "sia_1"})
	if got.Trouble != core.TroubleForeign || got.Attempt != nil {
		t.Errorf("another attempt: got %+v, want foreign", got)
	}
}

// A redirect must not carry the credential anywhere.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308, 300, 304} {
		tr := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL+"/v1/client")
			w.WriteHeader(status)
		})
		got := tr.Do(t.Context(), core.SendRequest{Kind: core.ReadClient, Credential: core.NewSecret("x")})
		if got.Class != core.Ambiguous || got.Trouble != core.TroubleRedirect {
			t.Errorf("%d: got %+v", status, got)
		}
	}
}

func TestSlowAndEndlessAnswersEndInTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    core.Trouble
		limit   time.Duration
	}{
		"never answers": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, core.TroubleTimeout, 300 * time.Millisecond},
		"drips": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"response":`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, core.TroubleTimeout, 300 * time.Millisecond},
		"never stops": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
					return
				}
			}
		}, core.TroubleTooLarge, time.Minute}, // the size ends it, not the time
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			tr := mustNew(t, transport.Config{PublishableKey: key, Server: server.URL, Timeout: test.limit})
			start := time.Now()
			got := tr.Do(t.Context(), core.SendRequest{Kind: core.ReadClient})
			if got.Class != core.Ambiguous || got.Trouble != test.want {
				t.Errorf("got %s %q, want ambiguous %q", got.Class, got.Trouble, test.want)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			server.CloseClientConnections()
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	secure := httptest.NewTLSServer(answer(200, "application/json", "{}"))
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(answer(200, "application/json", "{}"))
	t.Cleanup(plain.Close)
	for server, want := range map[string]core.Trouble{
		"http://" + address: core.TroubleNoRoute,
		secure.URL:          core.TroubleTLS,
		strings.Replace(plain.URL, "http://", "https://", 1): core.TroubleTLS,
		"https://does-not-exist.invalid":                     core.TroubleDNS,
	} {
		tr := mustNew(t, transport.Config{PublishableKey: key, Server: server, Timeout: 20 * time.Second})
		got := tr.Do(t.Context(), core.SendRequest{Kind: core.ReadClient})
		if got.Class != core.Ambiguous || got.Trouble != want || got.Status != 0 {
			// A resolver that is itself out of reach is no route, not DNS.
			if want == core.TroubleDNS && (got.Trouble == core.TroubleNoRoute || got.Trouble == core.TroubleTimeout) {
				continue
			}
			t.Errorf("%s: got %s %q, want ambiguous %q", server, got.Class, got.Trouble, want)
		}
	}
}

func TestIdentifiersCannotChangeThePath(t *testing.T) {
	t.Parallel()
	tr := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a request left: %s", r.URL) })
	for _, id := range []string{"", ".", "..", "a/b", "a?b", "a\x00", strings.Repeat("x", 200)} {
		for _, request := range []core.SendRequest{
			{Kind: core.MintToken, SessionID: id}, {Kind: core.RemoveSession, SessionID: id}, {Kind: core.AttemptFirstFactor, AttemptID: id},
		} {
			if got := tr.Do(t.Context(), request); got.Class != core.Ambiguous {
				t.Errorf("%s %q: got %+v", request.Kind, id, got)
			}
		}
	}
	if got := tr.Do(t.Context(), core.SendRequest{Kind: "no-such-kind"}); got.Class != core.Ambiguous {
		t.Errorf("unknown kind: got %+v", got)
	}
}

// The answer is printed by explanations; its secrets are not.
func TestAnswersPrintNoSecret(t *testing.T) {
	t.Parallel()
	tr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Authorization", "hush-credential")
		answer(200, "application/json", tokenJSON("sess_1"))(w, r)
	})
	got := tr.Do(t.Context(), core.SendRequest{Kind: core.MintToken, SessionID: "sess_1"})
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		out := fmt.Sprintf(verb, got)
		if strings.Contains(out, "hush") || strings.Contains(out, jwt(claims("sess_1"))) {
			t.Errorf("%s prints a secret: %s", verb, out)
		}
	}
}
