package transport_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/proofkey"
	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/transport"
)

// proven is what a server reads in a proof.
type proven struct {
	ID     string `json:"jti"`
	Method string `json:"htm"`
	URL    string `json:"htu"`
	Issued int64  `json:"iat"`
	Hash   string `json:"ath"`
	Nonce  string `json:"nonce"`
	Rotate bool   `json:"rotate"`

	print string
}

// binding is a server that binds credentials to keys, and writes down what it
// was shown.
type binding struct {
	t     *testing.T
	nonce string // asked for, if any
	hand  string // credential to hand out
	print string // key that it is said to be bound to; "right" for that of the request

	mu     sync.Mutex
	proofs []proven
	sent   []string // credentials
}

func (b *binding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.read(r.Header["Dpop"])
	b.proofs, b.sent = append(b.proofs, said), append(b.sent, r.Header.Get("Authorization"))
	if b.nonce != "" {
		w.Header().Set("DPoP-Nonce", b.nonce)
	}
	w.Header().Set("Content-Type", "application/json")
	if said.ID != "" && b.nonce != "" && said.Nonce != b.nonce {
		w.Header().Set("WWW-Authenticate", `DPoP algs="EdDSA", error="use_dpop_nonce"`)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"code":"device_proof_required","message":"m"}]}`))
		return
	}
	if b.hand != "" {
		w.Header().Set("Authorization", b.hand)
		if print := strings.Replace(b.print, "right", said.print, 1); print != "" {
			w.Header().Set("Perennial-Key", print)
		}
	}
	if strings.HasSuffix(r.URL.Path, "/sign_ins") {
		_, _ = w.Write([]byte(`{"response":{"object":"sign_in_attempt","id":"sia_1","status":"needs_first_factor"},"client":null}`))
		return
	}
	_, _ = w.Write([]byte(`{"response":{"object":"client","id":"client_1","sessions":[]},"client":null}`))
}

// read verifies a proof as RFC 9449 says.
func (b *binding) read(texts []string) (said proven) {
	if len(texts) == 0 {
		return said
	}
	parts := strings.Split(texts[0], ".")
	decode := base64.RawURLEncoding.DecodeString
	header, err1 := decode(parts[0])
	claims, err2 := decode(parts[1])
	signature, err3 := decode(parts[2])
	var h struct {
		Type string            `json:"typ"`
		Key  map[string]string `json:"jwk"`
	}
	err := errors.Join(err1, err2, err3, json.Unmarshal(header, &h), json.Unmarshal(claims, &said))
	x, err4 := decode(h.Key["x"])
	if err != nil || err4 != nil || h.Type != "dpop+jwt" || !ed25519.Verify(x, []byte(parts[0]+"."+parts[1]), signature) {
		b.t.Errorf("a proof that does not verify: %v", errors.Join(err, err4))
	}
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + h.Key["x"] + `"}`))
	said.print = base64.RawURLEncoding.EncodeToString(sum[:])
	return said
}

func (b *binding) last() (proven, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.proofs[len(b.proofs)-1], b.sent[len(b.sent)-1]
}

func (b *binding) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.proofs)
}

// to returns a transport that speaks to b.
func (b *binding) to(change func(*transport.Config)) *transport.Transport {
	b.t.Helper()
	server := httptest.NewServer(b)
	b.t.Cleanup(server.Close)
	key, err := publishablekey.New("clerk.example.com", true)
	if err != nil {
		b.t.Fatal(err)
	}
	config := transport.Config{PublishableKey: key.String(), Server: server.URL + "/prefix", Bind: true}
	if change != nil {
		change(&config)
	}
	speaker, err := transport.New(config)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(speaker.Close)
	return speaker
}

func softwareKey(t *testing.T) core.Secret {
	t.Helper()
	reference, err := proofkey.Software{}.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return core.NewSecret(reference)
}

func TestBoundCredentialIsProved(t *testing.T) {
	t.Parallel()
	b := &binding{t: t}
	now := time.Unix(1_790_000_000, 0)
	speaker := b.to(func(c *transport.Config) { c.Now = func() time.Time { return now } })
	credential := core.Bind(core.NewSecret("pcb_token"), softwareKey(t))
	for _, rotate := range []bool{false, true} {
		answer := speaker.Do(t.Context(), core.SendRequest{Kind: core.ReadClient, Credential: credential, Rotate: rotate})
		said, sent := b.last()
		sum := sha256.Sum256([]byte("pcb_token"))
		if answer.Class != core.Accepted || sent != "pcb_token" || said.Method != "GET" || said.Rotate != rotate ||
			!strings.HasSuffix(said.URL, "/prefix/v1/client") || said.Issued != now.Unix() ||
			said.Hash != base64.RawURLEncoding.EncodeToString(sum[:]) || len(said.ID) < 16 {
			t.Errorf("%s: sent %q with %+v", answer.Class, sent, said)
		}
	}
	if b.proofs[0].ID == b.proofs[1].ID || b.proofs[0].print != b.proofs[1].print {
		t.Error("two requests have one name, or two keys")
	}
}

// To a server that knows nothing of keys the device is what it always was: one
// header more where a client begins, none elsewhere, and no key is kept.
func TestServerWithoutBinding(t *testing.T) {
	t.Parallel()
	b := &binding{t: t, hand: "plain"}
	speaker := b.to(nil)
	answer := speaker.Do(t.Context(), core.SendRequest{Kind: core.CreateSignIn, Identifier: "a"})
	if said, _ := b.last(); answer.Credential != core.NewSecret("plain") || answer.Binds || said.ID == "" {
		t.Errorf("credential %q, proof %+v", answer.Credential.Reveal(), said)
	}
	answer = speaker.Do(t.Context(), core.SendRequest{Kind: core.ReadClient, Credential: answer.Credential})
	if said, sent := b.last(); said.ID != "" || sent != "plain" || answer.Class != core.Accepted {
		t.Errorf("sent %q with %+v", sent, said)
	}
}

func TestCredentialBoundFromBirth(t *testing.T) {
	t.Parallel()
	b := &binding{t: t, hand: "pcb_new", print: "right"}
	create := core.SendRequest{Kind: core.CreateSignIn, Identifier: "a"}
	answer := b.to(nil).Do(t.Context(), create)
	said, _ := b.last()
	if answer.Credential.Token().Reveal() != "pcb_new" || answer.Credential.Key().IsZero() || said.Hash != "" || said.Rotate {
		t.Fatalf("credential %q after %+v", answer.Credential.Token().Reveal(), said)
	}
	public, err := proofkey.Software{}.Public(t.Context(), answer.Credential.Key().Reveal())
	if err != nil || public.Thumbprint() != said.print {
		t.Errorf("the key that is kept is not the one that was shown: %v", err)
	}
	b.to(func(c *transport.Config) { c.Bind = false }).Do(t.Context(), create)
	if said, _ := b.last(); said.ID != "" {
		t.Error("a key was shown by a device that binds nothing")
	}
}

func TestOfferBesideAnUnboundCredential(t *testing.T) {
	t.Parallel()
	b := &binding{t: t, hand: "pcb_branch", print: "right", nonce: "n"}
	offer := softwareKey(t)
	request := core.SendRequest{Kind: core.ReadClient, Credential: core.NewSecret("origin"), Offer: offer}
	answer := b.to(func(c *transport.Config) { c.Bind = false }).Do(t.Context(), request)
	said, sent := b.last()
	if answer.Credential != core.Bind(core.NewSecret("pcb_branch"), offer) || !said.Rotate || sent != "origin" || !answer.Binds {
		t.Errorf("credential %q after %+v", answer.Credential.Token().Reveal(), said)
	}
}

// A credential that is said to be bound to another key is worth nothing here,
// and must not take the place of one that is.
func TestCredentialBoundToAnotherKey(t *testing.T) {
	t.Parallel()
	for _, credential := range []core.Secret{
		core.NewSecret("plain"), core.Bind(core.NewSecret("pcb_token"), softwareKey(t)),
	} {
		b := &binding{t: t, hand: "pcb_foreign", print: "another"}
		answer := b.to(nil).Do(t.Context(), core.SendRequest{Kind: core.ReadClient, Credential: credential})
		if !answer.Credential.IsZero() || answer.Class != core.Accepted {
			t.Errorf("took %q", answer.Credential.Token().Reveal())
		}
	}
}

// The server does not believe the device's clock, or has seen the proof before:
// the same request with its nonce is part of the same exchange.
func TestNonceWithinTheExchange(t *testing.T) {
	t.Parallel()
	b := &binding{t: t, nonce: "n1"}
	speaker := b.to(nil)
	request := core.SendRequest{Kind: core.ReadClient, Credential: core.Bind(core.NewSecret("pcb_token"), softwareKey(t))}
	if answer := speaker.Do(t.Context(), request); answer.Class != core.Accepted || b.count() != 2 {
		t.Fatalf("%s(%s) after %d requests", answer.Class, answer.Trouble, b.count())
	}
	b.mu.Lock()
	if b.proofs[0].ID == b.proofs[1].ID {
		t.Error("the proof was sent again under its old name")
	}
	b.mu.Unlock()
	if speaker.Do(t.Context(), request); b.count() != 3 {
		t.Errorf("a nonce that is known was asked for again: %d requests", b.count())
	}
	b.mu.Lock()
	b.nonce = "n2"
	b.mu.Unlock()
	if answer := speaker.Do(t.Context(), request); answer.Class != core.Accepted || b.count() != 5 {
		t.Errorf("%s after %d requests", answer.Class, b.count())
	}
}

// A server that accepts no proof at all, or a key that cannot be had: nothing is
// proved about the session, and nobody turns in a circle.
func TestProofThatIsNeverAccepted(t *testing.T) {
	t.Parallel()
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("DPoP-Nonce", strings.Repeat("n", requests))
		w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"code":"authentication_invalid","message":"m"}]}`))
	}))
	t.Cleanup(server.Close)
	key, err := publishablekey.New("clerk.example.com", true)
	if err != nil {
		t.Fatal(err)
	}
	for name, reference := range map[string]core.Secret{"refused": softwareKey(t), "gone": core.NewSecret("secure-enclave:7")} {
		speaker, err := transport.New(transport.Config{PublishableKey: key.String(), Server: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		requests = 0
		for _, kind := range []core.RequestKind{core.ReadClient, core.MintToken, core.RemoveSession} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			answer := speaker.Do(ctx, core.SendRequest{
				Kind: kind, SessionID: "sess_1", Credential: core.Bind(core.NewSecret("pcb_token"), reference),
			})
			cancel()
			if answer.Class != core.Ambiguous || answer.Trouble != core.TroubleProof {
				t.Errorf("%s: %s is %s(%s)", name, kind, answer.Class, answer.Trouble)
			}
		}
		if requests > 6 {
			t.Errorf("%s: %d requests for three questions", name, requests)
		}
		speaker.Close()
	}
}
