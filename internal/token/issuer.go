package token

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Issuer signs session tokens. It is safe for concurrent use.
type Issuer struct {
	keys     *Keys
	url      string // iss: the public https base of the Frontend API
	now      func() time.Time
	entropy  io.Reader
	cache    *reuseCache
	lastOIAT atomic.Int64
}

// NewIssuer returns an issuer whose tokens name url as their issuer.
func NewIssuer(keys *Keys, url string, now func() time.Time) *Issuer {
	return &Issuer{keys: keys, url: url, now: now, entropy: rand.Reader, cache: newReuseCache(reuseCapacity)}
}

// Signed is a signed session token.
type Signed struct {
	JWT      string
	IssuedAt time.Time
	ExpireAt time.Time
}

// Session returns a token for a signed-in session. Callers that ask for the
// same claims within part of a minute share one signature: a token is handed
// out again while [ReuseMinimum] of it is left, and concurrent callers wait
// for one signature instead of making their own. Anything a claim is made of
// is part of the cache key, so a change of the session never meets an old token.
func (i *Issuer) Session(r SessionRequest) (Signed, error) {
	if r.Lifetime != 0 {
		return i.sign(r, i.now())
	}
	r.Lifetime = SessionLifetime
	key := i.cacheKey(r)
	for {
		now := i.now()
		slot := i.cache.slot(key, now)
		slot.once.Do(func() { slot.signed, slot.err = i.sign(r, now) })
		if slot.err == nil && slot.reusable(now, r.NotBefore) {
			return slot.signed, nil
		}
		i.cache.drop(key, slot)
		if slot.err != nil {
			return Signed{}, slot.err
		}
		if slot.signed.IssuedAt.Equal(now.Truncate(time.Second)) {
			// Fresh, and still before NotBefore: the clock is behind the last
			// sign-in by less than a second or was set back. Nothing newer can be made.
			return slot.signed, nil
		}
	}
}

func (i *Issuer) cacheKey(r SessionRequest) cacheKey {
	k := cacheKey{
		kid: i.keys.CurrentID(), session: r.Session.ID, user: r.Session.User,
		status: r.Session.Status, actor: r.Session.Actor, azp: r.AuthorizedParty, version: r.Version,
		first: r.Session.FirstFactorAt.UnixMilli(), second: r.Session.SecondFactorAt.UnixMilli(),
	}
	if len(r.Custom) > 0 {
		k.custom = sha256.Sum256(r.Custom)
	}
	if r.Organization != nil {
		k.org = r.Organization.ID + "\x00" + r.Organization.Slug + "\x00" + r.Organization.Role + "\x00" +
			strings.Join(r.Organization.Permissions, "\x00")
	}
	return k
}

// sign makes a new token at now.
func (i *Issuer) sign(r SessionRequest, now time.Time) (Signed, error) {
	claims, err := i.claims(r, now)
	if err != nil {
		return Signed{}, err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return Signed{}, fmt.Errorf("session token claims: %w", err)
	}
	payload = withClaims(payload, r.Custom)
	jwt, err := i.keys.view.Load().current.signJWT(categorySession, i.originalIssuedAt(now), payload)
	if err != nil {
		return Signed{}, fmt.Errorf("sign session token: %w", err)
	}
	issued := now.Truncate(time.Second)
	return Signed{JWT: jwt, IssuedAt: issued, ExpireAt: issued.Add(r.Lifetime)}, nil
}

func (i *Issuer) claims(r SessionRequest, now time.Time) (SessionClaims, error) {
	var jti [10]byte
	if _, err := io.ReadFull(i.entropy, jti[:]); err != nil {
		return SessionClaims{}, fmt.Errorf("session token id: %w", err)
	}
	issued := now.Truncate(time.Second)
	c := SessionClaims{
		Issuer: i.url, Subject: string(r.Session.User), SessionID: string(r.Session.ID),
		IssuedAt: issued.Unix(), Expiry: issued.Add(r.Lifetime).Unix(),
		NotBefore: issued.Add(-NotBeforeSkew).Unix(), ID: hex.EncodeToString(jti[:]),
		AuthorizedParty: r.AuthorizedParty, FactorAge: r.Session.FactorAge(now),
	}
	if r.Session.Actor != "" {
		c.Actor = r.Session.Actor.JSON()
	}
	if r.Version != V1 {
		c.Version, c.SessionStatus = 2, string(auth.SessionActive)
		if r.Session.Status == auth.SessionPending {
			c.SessionStatus = string(auth.SessionPending)
		}
	}
	if o := r.Organization; o != nil && r.Version != V1 {
		c.Organization, c.Features = o.claim()
	} else if o != nil {
		c.OrgID, c.OrgSlug, c.OrgRole, c.OrgPermissions = o.ID, o.Slug, o.Role, o.custom()
	}
	return c, nil
}

// withClaims adds the members of one JSON object to another. They have no name
// in common.
func withClaims(payload, custom []byte) []byte {
	if len(custom) <= len("{}") {
		return payload
	}
	return append(append(payload[:len(payload)-1], ','), custom[1:]...)
}

// originalIssuedAt is the oiat header. Clients keep the token with the larger
// one, so it never goes back while the process lives, even when the clock does.
func (i *Issuer) originalIssuedAt(now time.Time) int64 {
	for {
		last := i.lastOIAT.Load()
		at := max(now.Unix(), last)
		if i.lastOIAT.CompareAndSwap(last, at) {
			return at
		}
	}
}

// signJWT builds and signs a compact JWS (RFC 7515 §3.1) with RS256.
func (k *key) signJWT(category string, oiat int64, payload []byte) (string, error) {
	header := `{"alg":"RS256","cat":"` + category + `","kid":"` + k.id + `","oiat":` +
		strconv.FormatInt(oiat, 10) + `,"typ":"JWT"}`
	b64 := base64.RawURLEncoding
	size := b64.EncodedLen(len(header)) + b64.EncodedLen(len(payload)) + b64.EncodedLen(KeyBits/8) + 2
	out := make([]byte, 0, size)
	out = b64.AppendEncode(out, []byte(header))
	out = append(out, '.')
	out = b64.AppendEncode(out, payload)
	sum := sha256.Sum256(out)
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	out = append(out, '.')
	return string(b64.AppendEncode(out, signature)), nil
}
