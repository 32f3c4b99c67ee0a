package wire_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

// TestReplay asks what published SDKs asked in the recordings, in the same
// order, and holds the answers against what those SDKs were given then and
// worked with. A difference is either a mistake, or a change that has to be
// tried with the SDKs again: make record.
func TestReplay(t *testing.T) {
	t.Parallel()
	recordings, err := readRecordings()
	if err != nil {
		t.Fatal(err)
	}
	if len(recordings) == 0 {
		t.Fatal("testdata holds no recording")
	}
	for _, name := range slices.Sorted(maps.Keys(recordings)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replay(t, recordings[name])
		})
	}
}

func replay(t *testing.T, r recording) {
	t.Helper()
	server := apitest.Start(t, likeDevelopment)
	known := &bindings{
		values: map[string]string{
			"{host}":            server.Host,
			"{origin}":          "http://127.0.0.1:3000",
			"{publishable_key}": server.PublishableKey,
			"{secret_key}":      apitest.SecretKey,
			"{ins_1}":           "ins_test",
		},
		code: func() (string, error) { return newestCode(server.Messages(t, "")) },
	}
	for i, e := range r.Exchanges {
		// What came later must not look simultaneous: the newest session is the
		// one that counts.
		server.Advance(time.Second)
		request, err := known.request(e.Request)
		if err != nil {
			t.Fatalf("exchange %d: %v", i, err)
		}
		recorder := httptest.NewRecorder()
		server.Handler.ServeHTTP(recorder, request)
		for _, difference := range compare(known, e.Response, recorder) {
			t.Errorf("exchange %d, %s %s: %s", i, e.Request.Method, request.URL.Path, difference)
		}
		if recorder.Code != e.Response.Status {
			t.Fatalf("what %s did after this depends on it", r.SDK)
		}
	}
}

// likeDevelopment configures what "perennial dev" shows of itself.
func likeDevelopment(o *apitest.Options) {
	o.Settings.ApplicationName = "Perennial"
	o.Settings.HomeURL = "http://" + o.Host
}

func newestCode(messages []apitest.Message) (string, error) {
	for _, message := range messages {
		if message.Code != "" {
			return message.Code, nil
		}
	}
	return "", fmt.Errorf("no code was sent")
}

func compare(known *bindings, want *recordedResponse, got *httptest.ResponseRecorder) []string {
	if want.Status != got.Code {
		return []string{fmt.Sprintf("status is %d, recorded was %d: %s", got.Code, want.Status, got.Body)}
	}
	c := &comparison{bindings: known}
	var body any
	if got.Body.Len() > 0 && got.Header().Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
			return []string{fmt.Sprintf("body is not JSON: %v: %s", err, got.Body)}
		}
	}
	// Headers first: a body may repeat the credential that a header hands out.
	for _, header := range []string{
		"Authorization", "Content-Type", "Location", "Retry-After", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
	} {
		c.value(header, want.Headers[strings.ToLower(header)], headerValue(got.Header(), header))
	}
	c.cookies(want.Headers["set-cookie"], got.Header()["Set-Cookie"])
	c.value("body", want.Body, body)
	return c.found
}

func headerValue(h http.Header, name string) any {
	if values, ok := h[name]; ok {
		return values[0]
	}
	return nil
}

// cookies compares everything but the values, which are names in the recording.
func (c *comparison) cookies(recorded any, got []string) {
	want, _ := recorded.([]any)
	if len(want) != len(got) {
		c.differ("Set-Cookie", "is %q, recorded was %q", got, want)
		return
	}
	for i := range want {
		wantName, wantRest := splitCookie(want[i].(string))
		gotName, gotRest := splitCookie(got[i])
		if wantRest.attributes != gotRest.attributes || wantName != gotName {
			c.differ("Set-Cookie", "is %q, recorded was %q", got[i], want[i])
		}
		c.text("Set-Cookie "+gotName, wantRest.value, gotRest.value)
	}
}

type cookieParts struct{ value, attributes string }

func splitCookie(text string) (name string, rest cookieParts) {
	pair, attributes, _ := strings.Cut(text, ";")
	name, value, _ := strings.Cut(pair, "=")
	return name, cookieParts{value, attributes}
}
