package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errors of [Checker.Check].
var (
	// ErrInvalid: no proof, or one that this request does not bear out.
	ErrInvalid = errors.New("no valid proof of possession")
	// ErrNonce: a sound proof whose freshness only a nonce could show: the
	// device's clock is wrong, or the proof was seen before.
	ErrNonce = errors.New("the proof needs a fresh nonce")
	// ErrUnaccompanied: the proof is about a credential, and the request brought
	// none: something on the way has dropped it.
	ErrUnaccompanied = errors.New("the credential of the proof did not arrive")
)

// window is how far a device's clock may be behind without a nonce, and ahead how
// far before us. The latter is shorter because for so long after the start of a
// process every device needs a nonce.
const (
	window = 5 * time.Minute
	ahead  = time.Minute
)

// Key is the thumbprint of a public key (RFC 7638, SHA-256). It names the key;
// nothing can be signed with it.
type Key [sha256.Size]byte

// String is the thumbprint in its published form.
func (k Key) String() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// Equal compares in constant time.
func (k Key) Equal(other Key) bool { return subtle.ConstantTimeCompare(k[:], other[:]) == 1 }

// Proof is what a checked proof says.
type Proof struct {
	Key Key
	// ID names the request (jti).
	ID string
	// Rotate asks for a successor of the credential that came with it.
	Rotate bool
}

// Request is what a proof has to be about.
type Request struct {
	Method     string
	Host       string // as the request names it, with a port if it has one
	Path       string
	Credential string // as presented; empty when there was none
}

// Checker checks proofs. It is safe for concurrent use.
type Checker struct {
	now  func() time.Time
	host string // of the public URL
	path string // that the public URL puts before every path
	// began is when this process began to remember which proofs it has seen.
	began  time.Time
	nonces nonces
	own    nonces
	seen   seen
}

// NewChecker returns a checker for requests to publicURL. Servers with the same
// key accept each other's nonces; what was seen is known to one process only.
//
// A proof that a process before this one has seen must not pass. So nothing
// counts that could be from before it began: no time of day that such a proof
// could name, and no nonce that was handed out then. Until the first nonce of
// the instance that is younger has come, a process hands out nonces of its own.
func NewChecker(publicURL string, key []byte, now func() time.Time) *Checker {
	c := (&Checker{now: now, nonces: newNonces(key)}).BeganAt(now())
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte("process " + strconv.FormatInt(c.began.UnixNano(), 10)))
	c.own = newNonces(h.Sum(nil))
	if u, err := url.Parse(publicURL); err == nil {
		c.host, c.path = u.Host, strings.TrimSuffix(u.Path, "/")
	}
	return c
}

// BeganAt says that this process has remembered proofs since then, which tests do
// that need a server that has been running.
func (c *Checker) BeganAt(at time.Time) *Checker {
	c.began = at
	return c
}

// Nonce is the one to hand out now.
func (c *Checker) Nonce() string {
	if now := c.now(); c.young(period(now)) {
		return c.nonces.current(now)
	}
	return c.own.current(c.now())
}

// young reports whether a period has begun since this process did.
func (c *Checker) young(period int64) bool {
	return !time.Unix(period*int64(nonceLife/time.Second), 0).Before(c.began)
}

// fresh reports whether a proof cannot have been seen by a process before this
// one, nor be older than what is remembered.
func (c *Checker) fresh(claims claims, now time.Time) bool {
	issued := time.Unix(claims.IssuedAt, 0)
	if age := now.Sub(issued); age <= window && age >= -ahead && issued.After(c.began.Add(ahead)) {
		return true
	}
	if c.own.valid(claims.Nonce, period(now)) || c.own.valid(claims.Nonce, period(now)-1) {
		return true
	}
	return c.young(period(now)) && c.nonces.valid(claims.Nonce, period(now)) ||
		c.young(period(now)-1) && c.nonces.valid(claims.Nonce, period(now)-1)
}

// Check reads the proof in text and returns what it says, or [ErrInvalid],
// [ErrNonce] or [ErrUnaccompanied]. A proof is good for one request.
func (c *Checker) Check(text string, about Request) (Proof, error) {
	signed, err := parse(text)
	if err != nil {
		return Proof{}, ErrInvalid
	}
	claims := signed.claims
	if about.Credential == "" && claims.CredentialHash != "" {
		return Proof{}, ErrUnaccompanied
	}
	if claims.Method != about.Method || !c.names(claims.URL, about) || !names(claims.CredentialHash, about.Credential) ||
		len(claims.ID) < minID || len(claims.ID) > maxID {
		return Proof{}, ErrInvalid
	}
	if !signed.verify() {
		return Proof{}, ErrInvalid
	}
	now := c.now()
	if !c.fresh(claims, now) {
		return Proof{}, ErrNonce
	}
	key := signed.key.thumbprint()
	if !c.seen.first(key, claims.ID, now) {
		return Proof{}, ErrNonce
	}
	return Proof{Key: key, ID: claims.ID, Rotate: claims.Rotate}, nil
}

// Bounds of a jti: shorter ones would meet by chance, longer ones cost memory.
const (
	minID = 16
	maxID = 128
)

// names reports whether target is where the request went: the public address
// of this server, or the loopback address that the request names. A host that
// the request alone speaks for would let whoever was sent a proof by mistake
// pass it on. The scheme does not count, because a proxy may have ended TLS.
func (c *Checker) names(target string, about Request) bool {
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return false
	}
	if strings.EqualFold(u.Host, c.host) && u.EscapedPath() == c.path+about.Path {
		return true
	}
	return loopback(u.Hostname()) && strings.EqualFold(u.Host, about.Host) && u.EscapedPath() == about.Path
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// names reports whether hash is that of the credential; none has no hash.
func names(hash, credential string) bool {
	if credential == "" {
		return hash == ""
	}
	return subtle.ConstantTimeCompare([]byte(Hash(credential)), []byte(hash)) == 1
}

// Hash names a credential as proofs do (ath).
func Hash(credential string) string {
	sum := sha256.Sum256([]byte(credential))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
