package factor

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 and every authenticator app: HMAC-SHA-1 has no known weakness
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

const (
	secretSize = 20 // bytes: the size of the hash, RFC 4226 §4 R6
	digits     = 6
	modulus    = 1_000_000
	period     = 30 // seconds
	// drift is how many steps a clock may be off in either direction: one, as
	// RFC 6238 §5.2 recommends, for phones that run late and slow typists.
	drift = 1
)

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Authenticators make and check the secrets of authenticator apps. It is safe
// for concurrent use.
type Authenticators struct {
	Sealer  *secret.Sealer
	Entropy io.Reader
}

// NewAuthenticators returns authenticators that seal under a key of master.
func NewAuthenticators(master *secret.MasterKey, entropy io.Reader) *Authenticators {
	return &Authenticators{Sealer: master.Sealer("totp"), Entropy: entropy}
}

// New draws a secret for a user and seals it for them alone.
func (a *Authenticators) New(user auth.UserID) (text string, sealed []byte, err error) {
	raw := make([]byte, secretSize)
	if _, err := io.ReadFull(a.Entropy, raw); err != nil {
		return "", nil, fmt.Errorf("read entropy for authenticator: %w", err)
	}
	sealed, err = a.Sealer.Seal(string(user), raw)
	return encoding.EncodeToString(raw), sealed, err
}

// Import seals a secret that was made elsewhere, given in base 32. The error
// has code [auth.CodeParamInvalid].
func (a *Authenticators) Import(user auth.UserID, text, param string) (sealed []byte, err error) {
	clean := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(text))
	raw, err := encoding.DecodeString(clean)
	if err != nil || len(raw) < 10 || len(raw) > 64 {
		return nil, auth.RefuseParam(auth.CodeParamInvalid, param)
	}
	return a.Sealer.Seal(string(user), raw)
}

// Match says whether code is one of the user's secret at now, give or take one
// step, and of which step. All steps are compared, so that the time taken does
// not tell which.
func (a *Authenticators) Match(user auth.UserID, sealed []byte, code string, now time.Time) (step int64, ok bool, err error) {
	raw, err := a.Sealer.Open(string(user), sealed)
	if err != nil {
		return 0, false, fmt.Errorf("open authenticator secret: %w", err)
	}
	code = strings.ReplaceAll(code, " ", "") // as apps show it
	current := now.Unix() / period
	for at := current - drift; at <= current+drift; at++ {
		if subtle.ConstantTimeCompare([]byte(passwordAt(raw, at)), []byte(code)) == 1 {
			step, ok = at, true
		}
	}
	return step, ok, nil
}

// passwordAt is the one-time password of a time step (RFC 4226 §5.3).
func passwordAt(raw []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // bits, not a number
	mac := hmac.New(sha1.New, raw)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	text := strconv.FormatUint(uint64(n%modulus), 10)
	return strings.Repeat("0", digits-len(text)) + text
}

// URI is what an authenticator app reads from a picture.
func URI(issuer, account, text string) string {
	q := url.Values{
		"secret": {text}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {strconv.Itoa(digits)}, "period": {strconv.Itoa(period)},
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account, RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}
	return u.String()
}

// Password is the code that an app with this secret shows at now. It is for
// tests and tools that stand in for an app.
func Password(text string, now time.Time) (string, error) {
	raw, err := encoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("decode secret: %w", err)
	}
	return passwordAt(raw, now.Unix()/period), nil
}
