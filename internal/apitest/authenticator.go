package apitest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Authenticator is a passkey provider in software: keys on P-256, no
// attestation. Its members are what a test may want different.
type Authenticator struct {
	Origin      string // that the browser or platform reports
	RPID        string // when not empty, in the place of the one asked for
	CrossOrigin bool
	Unverified  bool  // the person did not unlock it
	Counter     int64 // of the last signature; negative leaves it at zero for ever

	keys []*credential
}

type credential struct {
	id     []byte
	rpID   string
	handle []byte
	key    *ecdsa.PrivateKey
}

const (
	flagPresent    = 0x01
	flagVerified   = 0x04
	flagCredential = 0x40
)

// Register makes a credential from the options of a registration and returns
// what a browser hands to the server.
func (a *Authenticator) Register(t testing.TB, options string) string {
	t.Helper()
	var o struct {
		Challenge string              `json:"challenge"`
		RP        struct{ ID string } `json:"rp"`
		User      struct{ ID string } `json:"user"`
	}
	mustRead(t, options, &o)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &credential{id: random(t, 32), rpID: o.RP.ID, key: key}
	if c.handle, err = base64.RawURLEncoding.DecodeString(o.User.ID); err != nil {
		t.Fatal(err)
	}
	a.keys = append(a.keys, c)
	return a.attest(t, c, o.Challenge)
}

// Attest answers the options of a registration with the newest credential there
// is, whoever it was made for.
func (a *Authenticator) Attest(t testing.TB, options string) string {
	t.Helper()
	var o struct{ Challenge string }
	mustRead(t, options, &o)
	return a.attest(t, a.keys[len(a.keys)-1], o.Challenge)
}

func (a *Authenticator) attest(t testing.TB, c *credential, challenge string) string {
	t.Helper()
	data := a.data(c, flagCredential)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(c.id)))
	data = append(append(data, c.id...), coseKey(&c.key.PublicKey)...)
	// {"fmt": "none", "attStmt": {}, "authData": data}
	object := append([]byte{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e', 0x67}, "attStmt\xa0\x68authData\x59"...)
	object = append(binary.BigEndian.AppendUint16(object, uint16(len(data))), data...)
	return answerJSON(t, c, map[string]any{
		"clientDataJSON": b64(a.client(t, "webauthn.create", challenge)), "attestationObject": b64(object),
		"transports": []string{"internal"},
	})
}

// Assert answers the options of a sign-in with the credential of their relying
// party, the newest when they name none.
func (a *Authenticator) Assert(t testing.TB, options string) string {
	t.Helper()
	var o struct {
		Challenge string
		RPID      string                `json:"rpId"`
		Allow     []struct{ ID string } `json:"allowCredentials"`
	}
	mustRead(t, options, &o)
	var chosen *credential
	for _, c := range a.keys {
		listed := len(o.Allow) == 0
		for _, d := range o.Allow {
			listed = listed || d.ID == b64(c.id)
		}
		if c.rpID == o.RPID && listed {
			chosen = c
		}
	}
	if chosen == nil {
		t.Fatalf("no credential for %s", options)
	}
	return a.AssertWith(t, len(a.keys)-1-a.place(chosen), o.Challenge)
}

func (a *Authenticator) place(of *credential) int {
	for i, c := range a.keys {
		if c == of {
			return i
		}
	}
	return -1
}

// AssertWith answers a challenge with a credential, counted from the newest.
func (a *Authenticator) AssertWith(t testing.TB, fromNewest int, challenge string) string {
	t.Helper()
	c := a.keys[len(a.keys)-1-fromNewest]
	if a.Counter >= 0 {
		a.Counter++
	}
	data, client := a.data(c, 0), a.client(t, "webauthn.get", challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, c.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return answerJSON(t, c, map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(c.handle),
	})
}

// data is the authenticator data, WebAuthn Level 3, section 6.1.
func (a *Authenticator) data(c *credential, flags byte) []byte {
	rpID := c.rpID
	if a.RPID != "" {
		rpID = a.RPID
	}
	hash := sha256.Sum256([]byte(rpID))
	flags |= flagPresent
	if !a.Unverified {
		flags |= flagVerified
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags), uint32(max(0, a.Counter)))
}

func (a *Authenticator) client(t testing.TB, kind, challenge string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": a.CrossOrigin,
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// coseKey is {1: 2, 3: -7, -1: 1, -2: x, -3: y}, RFC 9053, section 7.1.
func coseKey(k *ecdsa.PublicKey) []byte {
	point, err := k.Bytes()
	if err != nil {
		panic("apitest: internal error: " + err.Error())
	}
	out := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	return append(append(out, 0x22, 0x58, 0x20), point[33:]...)
}

func answerJSON(t testing.TB, c *credential, response map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"id": b64(c.id), "rawId": b64(c.id), "type": "public-key", "authenticatorAttachment": "platform", "response": response,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustRead(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("options %q: %v", text, err)
	}
}

func random(t testing.TB, n int) []byte {
	t.Helper()
	out := make([]byte, n)
	if _, err := rand.Read(out); err != nil {
		t.Fatal(err)
	}
	return out
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
