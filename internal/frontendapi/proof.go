package frontendapi

import (
	"errors"
	"log/slog"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/proof"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
)

// Headers of RFC 9449, and two of ours: the thumbprint of the key that the
// credential in the answer is bound to, and which credential the request
// brought.
const (
	proofHeader   = "Dpop"
	nonceHeader   = "Dpop-Nonce"
	boundHeader   = "Perennial-Key"
	arrivedHeader = "Perennial-Credential"
)

// arrived is what [arrivedHeader] says of a request: the hash of its credential,
// as in proofs, or that there was none. A device can so tell an answer about its
// credential from an answer to a request that lost it on the way.
func arrived(credential string) string {
	if credential == "" {
		return "none"
	}
	return proof.Hash(credential)
}

// resolve finds out who calls, with what the request proves. The nonce on every
// answer to a native app says that this server binds credentials; an app that
// knows nothing of it has one header more to ignore.
func (a *API) resolve(c *call) error {
	credential := a.credential(c)
	if c.native {
		c.w.Header().Set(arrivedHeader, arrived(credential))
	}
	if a.Proofs == nil || !c.native {
		return a.resolveUnproven(c, credential)
	}
	c.w.Header().Set(nonceHeader, a.Proofs.Nonce())
	proven, cause := a.proven(c, credential)
	if credential == "" && (errors.Is(cause, proof.ErrNonce) || errors.Is(cause, proof.ErrUnaccompanied)) {
		// The device wants its first credential bound, and only its clock
		// stands in the way; or it has one that did not get here.
		c.caller.Standing, c.unproven = session.Unproven, cause
		return nil
	}
	var err error
	if c.caller, err = a.Clients.ResolveProven(c.r.Context(), credential, proven); err != nil {
		return err
	}
	c.unproven = cause
	if c.caller.Stolen != "" {
		slog.WarnContext(c.r.Context(), "a client credential came with a foreign key; its lineage is ended",
			"client_id", string(c.caller.Stolen), "trace_id", c.w.Header().Get(respond.TraceHeader))
	}
	return nil
}

// resolveUnproven is for browsers, whose cookie is never a bound credential, and
// for servers that bind none.
func (a *API) resolveUnproven(c *call, credential string) (err error) {
	if c.caller, err = a.Clients.ResolveProven(c.r.Context(), credential, nil); err != nil {
		return err
	}
	if c.caller.Standing == session.Unproven {
		c.caller = session.Caller{Presented: credential}
	}
	return nil
}

// proven is what the proof of the request says, nil when there is no valid one.
// Where no bound credential is presented that is no trouble.
func (a *API) proven(c *call, credential string) (*session.Proof, error) {
	texts := c.r.Header[proofHeader]
	if len(texts) != 1 {
		return nil, proof.ErrInvalid
	}
	found, err := a.Proofs.Check(texts[0], proof.Request{
		Method: c.r.Method, Host: c.r.Host, Path: c.r.URL.Path, Credential: credential,
	})
	if err != nil {
		return nil, err
	}
	return &session.Proof{Key: auth.KeyThumbprint(found.Key), Rotate: found.Rotate}, nil
}

// brought tells a native app whose request for one session brought no credential
// so, instead of that the session is over: nothing is known about it then.
func brought(h handler) handler {
	return func(c *call) error {
		err := h(c)
		var refused *auth.Error
		if c.native && c.caller.Presented == "" && errors.As(err, &refused) && refused.Code == auth.CodeAuthenticationInvalid {
			return auth.Refuse(auth.CodeCredentialMissing)
		}
		return err
	}
}

// challenge refuses a bound credential that came without a valid proof. The
// answer is the same for a genuine credential and for any text that looks like
// one, and it is no verdict about a session.
func (a *API) challenge(c *call) {
	reason := "invalid_dpop_proof"
	if errors.Is(c.unproven, proof.ErrNonce) {
		reason = "use_dpop_nonce"
	}
	if err := a.limit(c); err != nil {
		respond.Error(c.w, c.r, err)
		return
	}
	c.w.Header().Set("Www-Authenticate", `DPoP algs="EdDSA ES256", error="`+reason+`"`)
	respond.Error(c.w, c.r, auth.Refuse(auth.CodeDeviceProofRequired))
}
