package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// SMSWebhookConfig says where texts are handed over.
type SMSWebhookConfig struct {
	URL    string // https, or http to this machine
	Secret string // whsec_ and base64, at least 24 bytes
}

// SMSWebhook hands texts to an HTTP endpoint of the integrator, who passes them
// to whichever provider they have. Each request is signed as the Standard
// Webhooks specification says, so that the endpoint can tell it from a forged
// one: a text costs money.
type SMSWebhook struct {
	url    string
	key    []byte
	client *http.Client
}

const secretPrefix = "whsec_"

// NewSMSWebhook checks the configuration. It does not connect.
func NewSMSWebhook(c SMSWebhookConfig) (*SMSWebhook, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname()))) {
		return nil, errors.New("sms webhook url: must be https, or http to this machine")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.Secret, secretPrefix))
	if err != nil || !strings.HasPrefix(c.Secret, secretPrefix) || len(key) < 24 {
		return nil, errors.New("sms webhook secret: must be whsec_ and at least 24 bytes in base64")
	}
	return &SMSWebhook{url: c.URL, key: key, client: &http.Client{
		Timeout: sendTimeout,
		// A redirect would carry the code to a host that nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// text is the body of a request.
type text struct {
	Type string `json:"type"` // "sms.send"
	Data struct {
		To   string `json:"to"` // E.164
		Body string `json:"body"`
	} `json:"data"`
}

// Send implements [Sender]. Any 2xx is success; an answer that says the request
// itself is wrong is [ErrRejected], everything else is tried again.
func (s *SMSWebhook) Send(ctx context.Context, m Mail) error {
	t := text{Type: "sms.send"}
	t.Data.To, t.Data.Body = m.To, m.Body
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode text: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("sms webhook: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	s.sign(request.Header, m.ID, time.Now(), body)
	answer, err := s.client.Do(request)
	if err != nil {
		var inner *url.Error // says the URL, which may hold a token
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return fmt.Errorf("sms webhook: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, 4096) // so that the connection can be used again
	switch code := answer.StatusCode; {
	case code/100 == 2:
		return nil
	case code/100 == 4 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return fmt.Errorf("sms webhook answered %d: %w", code, ErrRejected)
	default:
		return fmt.Errorf("sms webhook answered %d", code)
	}
}

// sign adds the headers of the specification. The id stays the same when a
// text is sent again, so that the endpoint can drop the repetition.
func (s *SMSWebhook) sign(h http.Header, id string, now time.Time, body []byte) {
	if id == "" {
		id = "msg_" + rand.Text()
	}
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", at)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
