package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// BoundPrefix begins the text of every bound credential.
const BoundPrefix = "pcb_"

// BoundTokens makes and recognises bound credentials: client tokens that are
// worth nothing without a proof of possession of a device key. Unlike a
// [ClientTokens] one it is a function of what it says, so that a successor that
// was handed out and lost can be handed out again without having been kept.
// It is safe for concurrent use.
type BoundTokens struct {
	// sum is a closure, so that no formatting verb can reach the key inside.
	sum func(purpose string, b []byte) []byte
}

// NewBoundTokens derives the key of bound credentials from the master key.
func NewBoundTokens(master *secret.MasterKey) *BoundTokens {
	key := master.Derive("bound-token", 32)
	return &BoundTokens{func(purpose string, b []byte) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(purpose))
		h.Write(b)
		return h.Sum(nil)
	}}
}

// Layout before base64url: version (1), length of client (1), client, lineage
// (16), thumbprint of the key (32), generation (8), HMAC (32).
const (
	boundVersion = 1
	boundFixed   = 2 + len(auth.LineageID{}) + len(auth.KeyThumbprint{}) + 8
)

// Text is the credential that says b: always the same text.
func (t *BoundTokens) Text(b auth.BoundToken) string {
	if b.Client == "" || len(b.Client) > maxOwner {
		panic("token: internal error: owner of a bound credential")
	}
	raw := make([]byte, 0, boundFixed+len(b.Client)+sha256.Size)
	raw = append(raw, boundVersion, byte(len(b.Client)))
	raw = append(raw, b.Client...)
	raw = append(raw, b.Lineage[:]...)
	raw = append(raw, b.Key[:]...)
	raw = binary.BigEndian.AppendUint64(raw, uint64(b.Generation)) //nolint:gosec // read back as it was
	raw = append(raw, t.sum(BoundPrefix, raw)...)
	return BoundPrefix + base64.RawURLEncoding.EncodeToString(raw)
}

// Is says whether text is meant to be a bound credential, genuine or not.
func (t *BoundTokens) Is(text string) bool { return strings.HasPrefix(text, BoundPrefix) }

// Parse returns what a genuine bound credential says, or [ErrNotGenuine].
func (t *BoundTokens) Parse(text string) (auth.BoundToken, error) {
	body, ok := strings.CutPrefix(text, BoundPrefix)
	if !ok || len(body) > 2*(boundFixed+maxOwner+sha256.Size) || strings.ContainsAny(body, "\r\n") {
		return auth.BoundToken{}, ErrNotGenuine
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || len(raw) < 2 || raw[0] != boundVersion || len(raw) != boundFixed+int(raw[1])+sha256.Size {
		return auth.BoundToken{}, ErrNotGenuine
	}
	signed, mac := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	if !hmac.Equal(mac, t.sum(BoundPrefix, signed)) {
		return auth.BoundToken{}, ErrNotGenuine
	}
	b := auth.BoundToken{Client: auth.ClientID(signed[2 : 2+raw[1]])}
	rest := signed[2+int(raw[1]):]
	rest = rest[copy(b.Lineage[:], rest):]
	rest = rest[copy(b.Key[:], rest):]
	b.Generation = int64(binary.BigEndian.Uint64(rest)) //nolint:gosec // written from an int64
	return b, nil
}

// Branch names the lineage that key begins beside the unbound credential with
// this hash: always the same one, so that asking again makes no second one.
func (t *BoundTokens) Branch(client auth.ClientID, hash [32]byte, key auth.KeyThumbprint) auth.LineageID {
	b := append(append([]byte(client), hash[:]...), key[:]...)
	return auth.LineageID(t.sum("branch", b)[:len(auth.LineageID{})])
}
