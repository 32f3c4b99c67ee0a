package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/secret"
)

const (
	secretPrefix = "whsec_"
	secretSize   = 24 // bytes, as receivers' libraries make them
	// secretOverlap is how long deliveries are signed with the secret before
	// the last as well, so that receivers can change over without a gap.
	secretOverlap = 24 * time.Hour
	sealPurpose   = "webhook-secret"
)

// secrets are those of an endpoint, as they are sealed.
type secrets struct {
	Current  string `json:"current"`
	Previous string `json:"previous,omitempty"`
	Until    int64  `json:"until,omitempty"` // of the previous, milliseconds since 1970
}

var errSecret = errors.New("signing secret cannot be read")

func newSecret(entropy io.Reader) (string, error) {
	raw := make([]byte, secretSize)
	if _, err := io.ReadFull(entropy, raw); err != nil {
		return "", fmt.Errorf("read entropy for a signing secret: %w", err)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(raw), nil
}

func (s secrets) seal(sealer *secret.Sealer, endpoint string) ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return sealer.Seal(endpoint, text)
}

func openSecrets(sealer *secret.Sealer, endpoint string, sealed []byte) (s secrets, _ error) {
	text, err := sealer.Open(endpoint, sealed)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, errSecret // the cause would show what was sealed
	}
	return s, nil
}

// sign returns the signatures of a delivery by every secret that holds at now,
// in the form of Standard Webhooks, which is also Svix's: version and base64
// of HMAC-SHA256 over id, seconds since 1970 and body, joined by dots.
func (s secrets) sign(id string, now time.Time, body []byte) (string, error) {
	keys := []string{s.Current}
	if s.Previous != "" && now.UnixMilli() < s.Until {
		keys = append(keys, s.Previous)
	}
	signatures := make([]string, 0, len(keys))
	for _, key := range keys {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, secretPrefix))
		if err != nil {
			return "", errSecret
		}
		mac := hmac.New(sha256.New, raw)
		mac.Write([]byte(id + "." + strconv.FormatInt(now.Unix(), 10) + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " "), nil
}
