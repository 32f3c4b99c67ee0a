package device

import (
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/core"
)

const goodQuery = "?state=s-1&rotating_token_nonce=n.1&created_session_id=sess_1"

func TestParseCallback(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"myapp://callback" + goodQuery:                           "myapp://callback",
		"MYAPP://Callback" + goodQuery:                           "myapp://callback",
		"com.example.app:/oauth" + goodQuery:                     "com.example.app:/oauth",
		"http://127.0.0.1:49152/done" + goodQuery:                "http://127.0.0.1:49152/done",
		"http://127.0.0.1:49152" + goodQuery:                     "http://127.0.0.1:49152/",
		"http://[::1]:49152/done" + goodQuery:                    "http://[::1]:49152/done",
		"https://app.example.com/return" + goodQuery:             "https://app.example.com/return",
		"myapp://callback" + goodQuery + "&utm_source=mail":      "myapp://callback",
		"myapp://callback" + goodQuery + "&utm_source=a&utm=%21": "myapp://callback",
	} {
		got, ok := parseCallback(raw)
		if !ok || got.Target != want || got.State != "s-1" || got.Nonce.Reveal() != "n.1" || got.SessionID != "sess_1" {
			t.Errorf("%s: %v %+v", raw, ok, got)
		}
	}
	for _, raw := range []string{
		"",
		"myapp://callback",
		goodQuery,
		"//callback" + goodQuery,
		"myapp:callback" + goodQuery,
		"myapp://callback" + goodQuery + "&state=s-1",
		"myapp://callback" + goodQuery + "&rotating_token_nonce=n.2",
		"myapp://callback" + goodQuery + "&created_session_id=",
		"myapp://callback" + goodQuery + "#x",
		"myapp://callback#x" + goodQuery,
		"myapp://user@callback" + goodQuery,
		"myapp://callback?state=&rotating_token_nonce=n.1&created_session_id=sess_1",
		"myapp://callback?state=s-1&rotating_token_nonce=n.1",
		"myapp://callback?state=s-1&created_session_id=sess_1",
		"myapp://callback?rotating_token_nonce=n.1&created_session_id=sess_1",
		"myapp://callback?state=s-1;rotating_token_nonce=n.1&created_session_id=sess_1",
		"myapp://callback?state=s-1&rotating_token_nonce=n.1&created_session_id=../sess",
		"myapp://callback?state=s-1&rotating_token_nonce=n%0a1&created_session_id=sess_1",
		"myapp://callback?state=s-1&rotating_token_nonce=%zz&created_session_id=sess_1",
		"myapp://callback?state=" + strings.Repeat("s", maxParameter+1) + "&rotating_token_nonce=n&created_session_id=sess_1",
		"myapp://callback?x=" + strings.Repeat("s", maxCallback) + goodQuery[1:],
		"http://example.com/done" + goodQuery,
		"http://localhost:49152/done" + goodQuery,
		"http:///done" + goodQuery,
		"https:///done" + goodQuery,
		" myapp://callback" + goodQuery,
		"myapp://call back" + goodQuery,
		"myapp://callback\x00" + goodQuery,
		"myapp://cällback" + goodQuery,
	} {
		if got, ok := parseCallback(raw); ok {
			t.Errorf("%q was taken for a callback: %+v", raw, got)
		}
	}
}

// FuzzCallback: whatever a program makes the operating system deliver, it is a
// callback in the published form or none at all.
func FuzzCallback(f *testing.F) {
	for _, seed := range []string{
		"myapp://callback" + goodQuery, "com.example.app:/oauth" + goodQuery, "http://127.0.0.1:49152" + goodQuery,
		"http://[::1]:1/%2e%2e" + goodQuery, "https://app.example.com/return" + goodQuery + "&state=2",
		"myapp:///" + goodQuery, "myapp://callback?state=%73&rotating_token_nonce=%26&created_session_id=sess_1",
		"javascript://%0aalert(1)" + goodQuery, "a:" + goodQuery, "://" + goodQuery, "myapp://[" + goodQuery,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := parseCallback(raw)
		if !ok {
			if got != (core.CallbackArrived{}) {
				t.Fatalf("%q is refused, and something of it leaks: %+v", raw, got)
			}
			return
		}
		if again, ok := canonicalReturn(got.Target); !ok || again != got.Target {
			t.Fatalf("%q: the target %q is not canonical, but %q", raw, got.Target, again)
		}
		for _, text := range []string{got.State, got.Nonce.Reveal(), got.SessionID} {
			if text == "" || len(text) > maxParameter || strings.ContainsFunc(text, oddByte) {
				t.Fatalf("%q: parameter %q", raw, text)
			}
		}
		rebuilt := got.Target + "?" + url.Values{
			paramState: {got.State}, paramNonce: {got.Nonce.Reveal()}, paramSession: {got.SessionID},
		}.Encode()
		if again, ok := parseCallback(rebuilt); !ok || again != got {
			t.Fatalf("%q is read as %+v and read again as %+v", raw, got, again)
		}
	})
}
