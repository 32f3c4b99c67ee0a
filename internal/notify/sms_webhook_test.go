package notify_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/perennialauth/perennial/internal/notify"
)

var smsKey = bytes.Repeat([]byte("k"), 32)

func mustWebhook(t *testing.T, url string) *notify.SMSWebhook {
	t.Helper()
	w, err := notify.NewSMSWebhook(notify.SMSWebhookConfig{URL: url, Secret: "whsec_" + base64.StdEncoding.EncodeToString(smsKey)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestSMSWebhook reads a request as an endpoint does: signature first.
func TestSMSWebhook(t *testing.T) {
	t.Parallel()
	var status int
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mac := hmac.New(sha256.New, smsKey)
		mac.Write([]byte(r.Header.Get("Webhook-Id") + "." + r.Header.Get("Webhook-Timestamp") + "." + string(body)))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("Webhook-Signature") != want {
			t.Errorf("signature %q, want %q", r.Header.Get("Webhook-Signature"), want)
		}
		var got struct {
			Type string
			Data struct{ To, Body string }
		}
		if err := json.Unmarshal(body, &got); err != nil || got.Type != "sms.send" || got.Data.To != "+49301234567" || got.Data.Body != "hello" {
			t.Errorf("body %s, %v", body, err)
		}
		if r.Header.Get("Webhook-Id") != "msg_1" {
			t.Errorf("id %q", r.Header.Get("Webhook-Id"))
		}
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(status)
	}))
	t.Cleanup(endpoint.Close)
	sender := mustWebhook(t, endpoint.URL)
	m := notify.Mail{ID: "msg_1", To: "+49301234567", Channel: notify.SMS, Body: "hello"}
	for _, test := range []struct {
		status       int
		ok, rejected bool
	}{
		{200, true, false},
		{204, true, false},
		{302, false, false},
		{400, false, true},
		{401, false, true},
		{408, false, false},
		{429, false, false},
		{500, false, false},
	} {
		status = test.status
		err := sender.Send(t.Context(), m)
		if (err == nil) != test.ok || errors.Is(err, notify.ErrRejected) != test.rejected {
			t.Errorf("%d: %v", test.status, err)
		}
	}
	endpoint.Close()
	if err := sender.Send(t.Context(), m); err == nil || errors.Is(err, notify.ErrRejected) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestSMSWebhookRefusesConfigurations(t *testing.T) {
	t.Parallel()
	secret := "whsec_" + base64.StdEncoding.EncodeToString(smsKey)
	for name, c := range map[string]notify.SMSWebhookConfig{
		"plain http":   {URL: "http://sms.example.com/", Secret: secret},
		"no host":      {URL: "https://", Secret: secret},
		"another kind": {URL: "ftp://sms.example.com/", Secret: secret},
		"a password":   {URL: "https://a:b@sms.example.com/", Secret: secret},
		"no secret":    {URL: "https://sms.example.com/"},
		"a short one":  {URL: "https://sms.example.com/", Secret: "whsec_AAAA"},
		"no prefix":    {URL: "https://sms.example.com/", Secret: secret[6:]},
	} {
		if _, err := notify.NewSMSWebhook(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestRouter sends each message where it belongs.
func TestRouter(t *testing.T) {
	t.Parallel()
	var r notify.Router
	for _, c := range []notify.Channel{notify.Email, notify.SMS} {
		if err := r.Send(t.Context(), notify.Mail{Channel: c}); !errors.Is(err, notify.ErrRejected) {
			t.Errorf("%s without a sender: %v", c, err)
		}
	}
}
