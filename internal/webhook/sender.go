package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/reach"
	"github.com/perennialauth/perennial/internal/secret"
)

const (
	// tryTimeout bounds one try, from the look-up of the name to the answer.
	tryTimeout = 15 * time.Second
	// answerRead is how much of an answer is read, so that the connection can
	// be used again; what it says does not matter.
	answerRead = 64 << 10
)

// sender posts deliveries.
type sender struct {
	client *http.Client
	sealer *secret.Sealer
	now    func() time.Time
}

// newSender returns a sender, see [reach.Client] for private.
func newSender(master *secret.MasterKey, private bool, now func() time.Time) *sender {
	return &sender{client: reach.Client(tryTimeout, private), sealer: master.Sealer(sealPurpose), now: now}
}

// send makes one try and returns the status of the answer, 0 for none. The
// error says why the delivery was not taken, without the URL, which may hold a
// secret of the receiver.
func (s *sender) send(ctx context.Context, d auth.DueDelivery) (int, error) {
	keys, err := openSecrets(s.sealer, string(d.Endpoint.ID), d.Endpoint.Sealed)
	if err != nil {
		return 0, err
	}
	now := s.now()
	signature, err := keys.sign(string(d.Event.ID), now, d.Event.Payload)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Endpoint.URL, bytes.NewReader(d.Event.Payload))
	if err != nil {
		return 0, errors.New("the URL cannot be called")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Perennial-Webhooks")
	// Both names: of the published verifiers some read one, some the other.
	for _, prefix := range []string{"Webhook-", "Svix-"} {
		req.Header.Set(prefix+"Id", string(d.Event.ID))
		req.Header.Set(prefix+"Timestamp", strconv.FormatInt(now.Unix(), 10))
		req.Header.Set(prefix+"Signature", signature)
	}
	return s.post(req)
}

func (s *sender) post(req *http.Request) (int, error) {
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, plainly(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, answerRead)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, fmt.Errorf("answered %d", resp.StatusCode)
	}
	return resp.StatusCode, nil
}

// plainly leaves out the method and the URL that the client puts into errors.
func plainly(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
