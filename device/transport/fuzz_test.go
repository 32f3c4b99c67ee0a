package transport_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/transport"
)

// canned is a network that always gives one answer.
type canned struct {
	status      int
	contentType string
	body        []byte
}

func (c canned) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {c.contentType}}, Body: io.NopCloser(bytes.NewReader(c.body)),
	}, nil
}

// FuzzClassify feeds arbitrary answers to every kind of request. Nothing may
// panic; an accepted answer is complete, a refused one has a code, and an
// ambiguous one carries nothing.
func FuzzClassify(f *testing.F) {
	for _, body := range []string{
		`{"response":` + clientJSON + `,"client":null}`, `{"response":` + signInJSON + `,"client":` + clientJSON + `}`,
		`{"response":` + signUpJSON + `}`, tokenJSON("sess_1"), `{"errors":[{"code":"session_revoked","meta":{"param_name":"x"}}]}`,
		"<html>", "", "null",
		`{"response":{"object":"hosted_auth","url":"https://clerk.example.com/sign-in"},"client":null}`, `{"response":{"object":"session","id":"sess_1","status":"removed","expire_at":1}}`,
	} {
		f.Add(uint16(200), "application/json", []byte(body))
		f.Add(uint16(401), "application/json", []byte(body))
		f.Add(uint16(200), "text/html", []byte(body))
	}
	kinds := []core.RequestKind{
		core.ReadClient, core.MintToken, core.RemoveSession, core.RemoveSessions, core.CreateSignIn, core.PrepareFirstFactor,
		core.AttemptFirstFactor, core.PrepareSecondFactor, core.AttemptSecondFactor, core.ResetPassword,
		core.CreateSignUp, core.PrepareVerification, core.AttemptVerification, core.StartFlow, core.RedeemFlow,
	}
	f.Fuzz(func(t *testing.T, status uint16, contentType string, body []byte) {
		round := canned{int(status), contentType, body}
		tr, err := transport.New(transport.Config{PublishableKey: key, RoundTripper: round})
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range kinds {
			got := tr.Do(t.Context(), core.SendRequest{Kind: kind, SessionID: "sess_1", AttemptID: "sia_1"})
			carries := got.Client != nil || got.Session != nil || got.Attempt != nil || got.Token != (core.TokenDoc{}) || !got.URL.IsZero()
			switch got.Class {
			case core.Accepted:
				if !carries || status < 200 || status > 299 || (kind == core.ReadClient && (got.Client == nil || status != 200)) {
					t.Fatalf("%s accepted %+v", kind, got)
				}
			case core.Refused:
				if carries || got.Code == "" || status < 400 || status > 499 || kind == core.ReadClient {
					t.Fatalf("%s refused %+v", kind, got)
				}
			case core.Ambiguous:
				if carries || got.Trouble == core.TroubleNone {
					t.Fatalf("%s ambiguous %+v", kind, got)
				}
			default:
				t.Fatalf("%s has no class: %+v", kind, got)
			}
		}
	})
}
