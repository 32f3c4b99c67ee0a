package browserflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// Handed is what a browser's trip for an attempt of a native app brought, such
// as the person that an OAuth provider named.
type Handed struct {
	Client      auth.ClientID // of the app
	SignIn      auth.SignInID // of the two attempts exactly one is set
	SignUp      auth.SignUpID
	RedirectURL string          // checked when the attempt began, see [auth.Settings.MayReturnTo]
	External    json.RawMessage // whom the provider named: an [auth.ExternalIdentity]
	Strategy    auth.Strategy
}

// Hand keeps the outcome until the app redeems it, and returns the address that
// takes the browser back to the app. The attempt itself learns nothing before
// that: whoever began it and sent somebody else through the browser gets no
// session by waiting for one. With is committed in the same step.
func (f *Flows) Hand(ctx context.Context, h Handed, with auth.Change) (address string, err error) {
	now := f.Now()
	id, err := auth.NewBrowserFlowID(now, f.Entropy)
	if err != nil {
		return "", err
	}
	nonce, hash, err := f.Nonces.New(f.Entropy, id)
	if err != nil {
		return "", fmt.Errorf("hand over: %w", err)
	}
	flow := auth.BrowserFlow{
		ID: id, Client: h.Client, SignIn: h.SignIn, SignUp: h.SignUp, RedirectURL: h.RedirectURL,
		NonceHash: hash, External: h.External, Strategy: h.Strategy, FirstFactorAt: now, ApprovedAt: now,
		ExpireAt: now.Add(auth.NonceLifetime), CreatedAt: now, UpdatedAt: now,
	}
	with.BrowserFlows = append(with.BrowserFlows, flow)
	return returnAddress(flow, nonce), f.Store.Commit(ctx, with)
}

// Claim returns the outcome that a nonce stands for, redeemed and not stored
// yet: whoever completes the attempt stores it in the same step. First is false
// when the same client has redeemed it before. Errors: see
// [auth.BrowserFlow.Redeem].
func (f *Flows) Claim(
	ctx context.Context, client auth.ClientID, in auth.SignInID, up auth.SignUpID, nonce string,
) (flow auth.BrowserFlow, first bool, err error) {
	invalid := auth.RefuseParam(auth.CodeParamInvalid, "rotating_token_nonce")
	id, hash, err := f.Nonces.Parse(nonce)
	if err != nil {
		return flow, false, invalid //nolint:nilerr // not ours is an answer
	}
	flow, err = f.Store.BrowserFlow(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return flow, false, invalid
	}
	if err != nil {
		return flow, false, fmt.Errorf("claim: %w", err)
	}
	return flow.Redeem(auth.Redemption{Client: client, SignIn: in, SignUp: up, NonceHash: hash}, f.Now())
}
