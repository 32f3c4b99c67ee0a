package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// nonceLife is how long one nonce is handed out; it is accepted for as long
// again.
const nonceLife = 5 * time.Minute

// nonces are derived from a key and the time, so that nothing has to be kept
// and servers of one instance agree.
type nonces struct {
	// sum is a closure, so that no formatting verb can reach the key inside.
	sum func(period int64) string
}

func newNonces(key []byte) nonces {
	return nonces{func(period int64) string {
		h := hmac.New(sha256.New, key)
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(period)) //nolint:gosec // any 64 bits will do
		h.Write(b[:])
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
	}}
}

func period(at time.Time) int64 { return at.Unix() / int64(nonceLife/time.Second) }

func (n nonces) current(now time.Time) string { return n.sum(period(now)) }

func (n nonces) valid(nonce string, period int64) bool {
	return nonce != "" && hmac.Equal([]byte(nonce), []byte(n.sum(period)))
}
