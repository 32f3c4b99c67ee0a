package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// ErrNotGenuine is returned for text that this instance never handed out.
var ErrNotGenuine = errors.New("not a credential of this instance")

// opaque mints and recognises one kind of bearer credential. The text names
// its owner, carries 32 random bytes, and ends in an HMAC-SHA256 under a key
// derived for the kind, so that "genuine but unknown to this store" (a lagging
// replica, a restored backup) can be told from "made up" without the store:
// the first must never be answered with a new credential, which would
// overwrite the only one a device has.
//
// It is safe for concurrent use.
type opaque struct {
	prefix string
	// sum is the HMAC of b. A closure, so that no formatting verb can reach
	// the key inside.
	sum func(b []byte) []byte
}

func newOpaque(prefix string, key []byte) opaque {
	return opaque{prefix: prefix, sum: func(b []byte) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(prefix)) // a credential of one kind never passes for another
		h.Write(b)
		return h.Sum(nil)
	}}
}

// Layout before base64url: version (1), length of owner (1), owner, random
// (32), HMAC (32).
const (
	opaqueVersion = 1
	randomSize    = 32
	maxOwner      = 64
)

// credential is a parsed, genuine credential.
type credential struct {
	Owner string   // identifier of what it belongs to
	Hash  [32]byte // SHA-256 of the whole credential: what the store keeps
}

// mint returns the text of a fresh credential of owner and its hash.
func (o *opaque) mint(entropy io.Reader, owner string) (string, [32]byte, error) {
	if owner == "" || len(owner) > maxOwner {
		panic("token: internal error: owner of " + o.prefix + " has " + fmt.Sprint(len(owner)) + " bytes")
	}
	raw := make([]byte, 0, 2+len(owner)+randomSize+sha256.Size)
	raw = append(raw, opaqueVersion, byte(len(owner)))
	raw = append(raw, owner...)
	raw = raw[:len(raw)+randomSize]
	if _, err := io.ReadFull(entropy, raw[len(raw)-randomSize:]); err != nil {
		return "", [32]byte{}, fmt.Errorf("read entropy for credential: %w", err)
	}
	raw = append(raw, o.sum(raw)...)
	return o.prefix + base64.RawURLEncoding.EncodeToString(raw), sha256.Sum256(raw), nil
}

// parse recognises a credential, or returns [ErrNotGenuine]. The HMAC is
// compared in constant time. The encoding is strict, so that no second text
// stands for the same credential.
func (o *opaque) parse(text string) (credential, error) {
	body, ok := strings.CutPrefix(text, o.prefix)
	if !ok || len(body) > 2*(2+maxOwner+randomSize+sha256.Size) || strings.ContainsAny(body, "\r\n") {
		return credential{}, ErrNotGenuine
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || len(raw) < 2 || raw[0] != opaqueVersion {
		return credential{}, ErrNotGenuine
	}
	n := int(raw[1])
	if len(raw) != 2+n+randomSize+sha256.Size {
		return credential{}, ErrNotGenuine
	}
	signed, mac := raw[:2+n+randomSize], raw[2+n+randomSize:]
	if !hmac.Equal(mac, o.sum(signed)) {
		return credential{}, ErrNotGenuine
	}
	return credential{Owner: string(raw[2 : 2+n]), Hash: sha256.Sum256(raw)}, nil
}

// ClientTokens mints and recognises client tokens: the credential of one
// browser or installed app.
type ClientTokens struct{ kind opaque }

// NewClientTokens derives the key of client tokens from the master key.
func NewClientTokens(master *secret.MasterKey) *ClientTokens {
	return &ClientTokens{newOpaque("pct_", master.Derive("client-token", 32))}
}

// New returns the text of a fresh token of client and the hash to store.
func (t *ClientTokens) New(entropy io.Reader, client auth.ClientID) (text string, hash [32]byte, err error) {
	return t.kind.mint(entropy, string(client))
}

// Parse returns whose token text is and its stored hash, or [ErrNotGenuine].
// A genuine token may still be unknown to the store or belong to a deleted client.
func (t *ClientTokens) Parse(text string) (client auth.ClientID, hash [32]byte, err error) {
	c, err := t.kind.parse(text)
	return auth.ClientID(c.Owner), c.Hash, err
}

// Tickets mints and recognises the tickets of sign-in tokens.
type Tickets struct{ kind opaque }

// NewTickets derives the key of tickets from the master key.
func NewTickets(master *secret.MasterKey) *Tickets {
	return &Tickets{newOpaque("pst_", master.Derive("sign-in-ticket", 32))}
}

// New returns the text of a fresh ticket for a sign-in token and the hash to store.
func (t *Tickets) New(entropy io.Reader, id auth.SignInTokID) (text string, hash [32]byte, err error) {
	return t.kind.mint(entropy, string(id))
}

// NewInvitation returns the text of a fresh ticket for an invitation and the
// hash to store.
func (t *Tickets) NewInvitation(entropy io.Reader, id string) (text string, hash [32]byte, err error) {
	return t.kind.mint(entropy, id)
}

// Owner returns the identifier of the sign-in token or invitation that text
// belongs to and its stored hash, or [ErrNotGenuine].
func (t *Tickets) Owner(text string) (id string, hash [32]byte, err error) {
	c, err := t.kind.parse(text)
	return c.Owner, c.Hash, err
}

// Parse returns which sign-in token text belongs to and its stored hash, or
// [ErrNotGenuine].
func (t *Tickets) Parse(text string) (id auth.SignInTokID, hash [32]byte, err error) {
	c, err := t.kind.parse(text)
	return auth.SignInTokID(c.Owner), c.Hash, err
}
