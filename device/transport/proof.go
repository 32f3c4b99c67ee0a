package transport

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/proofkey"
)

// Headers of RFC 9449, and two of ours: the thumbprint of the key that the
// credential in the answer is bound to, and the hash of the credential that the
// server got with the request.
const (
	proofHeader   = "Dpop"
	nonceHeader   = "Dpop-Nonce"
	boundHeader   = "Perennial-Key"
	arrivedHeader = "Perennial-Credential"
)

// maxNonce bounds what a server may make a device repeat.
const maxNonce = 256

// prover adds to requests the proof that the device holds the key it should,
// and puts together the credentials that come back bound to it.
type prover struct {
	keys    proofkey.Keys
	bind    bool
	now     func() time.Time
	entropy io.Reader

	mu    sync.Mutex
	nonce string // the newest that the server handed out
}

// attempt is one request with the key it is proved with.
type attempt struct {
	reference string // empty: no key
	rotate    bool
	print     string // thumbprint, once a proof was made
}

// plan chooses the key of a request: that of its credential, the one that is
// offered beside an unbound credential, or a new one where the answer will
// carry the first credential of a client. To a server that does not know the
// header it is one more that it ignores.
func (p *prover) plan(ctx context.Context, request core.SendRequest) attempt {
	key := request.Credential.Key()
	switch {
	case !key.IsZero():
		return attempt{reference: key.Reveal(), rotate: request.Rotate}
	case !request.Credential.IsZero():
		return attempt{reference: request.Offer.Reveal(), rotate: true}
	case !p.bind || !begins(request.Kind):
		return attempt{}
	}
	reference, err := p.keys.Make(ctx)
	if err != nil {
		return attempt{} // an unbound credential is better than none
	}
	return attempt{reference: reference}
}

// begins reports whether a request without a credential is answered with one.
func begins(kind core.RequestKind) bool {
	return kind == core.CreateSignIn || kind == core.CreateSignUp
}

// prove adds the proof. A key that cannot be had adds none: the server then
// asks for one, which proves nothing about the session.
func (p *prover) prove(ctx context.Context, outgoing *http.Request, a *attempt) {
	if a.reference == "" {
		return
	}
	p.mu.Lock()
	nonce := p.nonce
	p.mu.Unlock()
	target := *outgoing.URL
	target.RawQuery, target.Fragment = "", ""
	text, public, err := proofkey.Proof{
		Method: outgoing.Method, URL: target.String(), Credential: outgoing.Header.Get("Authorization"),
		IssuedAt: p.now(), Nonce: nonce, Rotate: a.rotate,
	}.Text(ctx, p.keys, a.reference, p.entropy)
	if err != nil {
		return
	}
	a.print = public.Thumbprint()
	outgoing.Header.Set(proofHeader, text)
}

// heard keeps the nonce of an answer, and reports whether the server would not
// judge the request without that one: nothing has been done then, and asking
// again is part of the same exchange.
func (p *prover) heard(header http.Header, a attempt) (again bool) {
	nonce := header.Get(nonceHeader)
	if nonce == "" || len(nonce) > maxNonce || strings.ContainsFunc(nonce, notHeaderText) {
		return false
	}
	p.mu.Lock()
	p.nonce = nonce
	p.mu.Unlock()
	return a.print != "" && strings.Contains(header.Get("Www-Authenticate"), "use_dpop_nonce")
}

// wantsProof reports whether the server refused a request for want of a proof.
// That is about this request and not about a session.
func wantsProof(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized &&
		strings.HasPrefix(response.Header.Get("Www-Authenticate"), "DPoP")
}

// bound puts the credential of an answer together with the key that it is bound
// to. One that is bound to a key that is not ours is worth nothing here.
func (a attempt) bound(credential core.Secret, header http.Header) core.Secret {
	print := header.Get(boundHeader)
	switch {
	case print == "" || credential.IsZero():
		return credential
	case a.print == "" || print != a.print:
		return core.Secret{}
	default:
		return core.Bind(credential, core.NewSecret(a.reference))
	}
}
