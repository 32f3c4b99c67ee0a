package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var browserFlowList = columnList(func() string {
	return `id, version, client_id, sign_in, sign_up, new_account, redirect_url, state, challenge,
	ticket_hash, visitor, nonce_hash, user_id, external, strategy, first_factor_at, second_factor_at, session_id,
	approved_at, redeemed_at, expire_at, created_at, updated_at`
})

var (
	browserFlowByID   = built(func() string { return `SELECT ` + browserFlowList.of("f") + ` FROM browser_flows f WHERE f.id = $1` })
	insertBrowserFlow = built(func() string { return browserFlowList.insert("browser_flows") })
	updateBrowserFlow = built(func() string {
		return browserFlowList.update("browser_flows",
			"client_id", "sign_in", "sign_up", "new_account", "redirect_url", "state", "challenge", "ticket_hash", "created_at")
	})
)

// BrowserFlow returns the flow with this id, whatever has become of it.
func (s *Store) BrowserFlow(ctx context.Context, id auth.BrowserFlowID) (out auth.BrowserFlow, _ error) {
	err := s.read(ctx, "browser flow", func(c *conn) error {
		return found(c.one(browserFlowByID, func(r *row) { out = scanBrowserFlow(r) }, string(id)))
	})
	return out, err
}

func scanBrowserFlow(r *row) auth.BrowserFlow {
	return auth.BrowserFlow{
		ID:             auth.BrowserFlowID(r.text()),
		Version:        r.int(),
		Client:         auth.ClientID(r.text()),
		SignIn:         auth.SignInID(r.text()),
		SignUp:         auth.SignUpID(r.text()),
		NewAccount:     r.bool(),
		RedirectURL:    r.text(),
		State:          r.text(),
		Challenge:      r.text(),
		TicketHash:     r.hash(),
		Visitor:        auth.ClientID(r.text()),
		NonceHash:      r.hash(),
		User:           auth.UserID(r.text()),
		External:       orNil(r.blob()),
		Strategy:       auth.Strategy(r.text()),
		FirstFactorAt:  r.instant(),
		SecondFactorAt: r.instant(),
		Session:        auth.SessionID(r.text()),
		ApprovedAt:     r.instant(),
		RedeemedAt:     r.instant(),
		ExpireAt:       r.instant(),
		CreatedAt:      r.instant(),
		UpdatedAt:      r.instant(),
	}
}

// putBrowserFlow never changes whose a flow is or where it ends.
func (c *conn) putBrowserFlow(x *auth.BrowserFlow) error {
	return c.put(x.Version, insertBrowserFlow, updateBrowserFlow,
		string(x.ID), x.Version, string(x.Client), string(x.SignIn), string(x.SignUp), x.NewAccount, x.RedirectURL, x.State,
		x.Challenge, x.TicketHash[:], string(x.Visitor), x.NonceHash[:], string(x.User), orNull(string(x.External)), string(x.Strategy),
		ms(x.FirstFactorAt), ms(x.SecondFactorAt), string(x.Session),
		ms(x.ApprovedAt), ms(x.RedeemedAt), ms(x.ExpireAt), ms(x.CreatedAt), ms(x.UpdatedAt))
}
