package token

import (
	"io"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
)

// OneTime mints and recognises one kind of one-time secret of a flow, which
// names the record it belongs to. Recognising one asks no store. It is safe for
// concurrent use.
type OneTime[ID ~string] struct{ kind opaque }

// New returns the text of a fresh secret of a record and the hash to store.
func (t *OneTime[ID]) New(entropy io.Reader, id ID) (text string, hash [32]byte, err error) {
	return t.kind.mint(entropy, string(id))
}

// Parse returns which record text belongs to and its stored hash, or
// [ErrNotGenuine]. A genuine one may still be used up or replaced.
func (t *OneTime[ID]) Parse(text string) (id ID, hash [32]byte, err error) {
	c, err := t.kind.parse(text)
	return ID(c.Owner), c.Hash, err
}

// NewFlowTickets are the tickets in the URL that a browser flow opens. One lets
// whoever has it sign in for the app that began the flow, and nothing else.
func NewFlowTickets(master *secret.MasterKey) *OneTime[auth.BrowserFlowID] {
	return &OneTime[auth.BrowserFlowID]{newOpaque("pbf_", master.Derive("browser-flow-ticket", 32))}
}

// NewFlowNonces are the nonces that a browser takes back to the app.
func NewFlowNonces(master *secret.MasterKey) *OneTime[auth.BrowserFlowID] {
	return &OneTime[auth.BrowserFlowID]{newOpaque("pbn_", master.Derive("browser-flow-nonce", 32))}
}

// NewOAuthStates are the states of trips to providers.
func NewOAuthStates(master *secret.MasterKey) *OneTime[auth.OAuthFlowID] {
	return &OneTime[auth.OAuthFlowID]{newOpaque("pos_", master.Derive("oauth-state", 32))}
}

// NewLinkTokens are the tokens of links in mails.
func NewLinkTokens(master *secret.MasterKey) *OneTime[auth.EmailLinkID] {
	return &OneTime[auth.EmailLinkID]{newOpaque("pel_", master.Derive("email-link", 32))}
}

// NewApprovals are the approval tokens that a followed link takes back to a
// native app.
func NewApprovals(master *secret.MasterKey) *OneTime[auth.EmailLinkID] {
	return &OneTime[auth.EmailLinkID]{newOpaque("pea_", master.Derive("email-link-approval", 32))}
}
