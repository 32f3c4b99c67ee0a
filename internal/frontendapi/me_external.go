package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// createMyExternal connects an account elsewhere: by an ID token at once, or by
// a trip to the provider.
func (a *API) createMyExternal(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	strategy := auth.Strategy(form.Required("strategy"))
	if err := form.Err(); err != nil {
		return err
	}
	if _, byToken := strategy.ByToken(); byToken {
		i, err := a.identity(c, form, strategy)
		if err != nil {
			return err
		}
		account, err := a.Self.ConnectExternal(c.r.Context(), acting.User, i)
		return a.answerExternal(c, account, err)
	}
	start, err := a.connecting(c, form, strategy)
	if err != nil {
		return err
	}
	account, err := a.Self.BeginExternal(c.r.Context(), acting.User, start)
	return a.answerExternal(c, account, err)
}

// connecting begins the trip of an account to connect.
func (a *API) connecting(c *call, form *respond.Form, strategy auth.Strategy) (auth.OAuthStart, error) {
	if !strategy.External() {
		return auth.OAuthStart{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	return a.trip(c, form, strategy)
}

// reauthorizeMyExternal asks the provider of an account again.
func (a *API) reauthorizeMyExternal(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	account, ok := me.ExternalAccount(c.externalID())
	if !ok {
		return auth.Refuse(auth.CodeResourceNotFound)
	}
	start, err := a.connecting(c, form, account.Provider)
	if err != nil {
		return err
	}
	account, err = a.Self.ReauthorizeExternal(c.r.Context(), me.ID, account.ID, start)
	return a.answerExternal(c, account, err)
}

// deleteMyExternal disconnects an account and gives back what this instance may
// do with it.
func (a *API) deleteMyExternal(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	gone, err := a.Self.DeleteExternal(c.r.Context(), acting.User, c.externalID())
	if err != nil {
		return err
	}
	a.Trips.Revoke(c.r.Context(), gone)
	return a.answer(c, wire.Deleted{Object: "external_account", ID: string(gone.ID), Deleted: true})
}

// deleteMyExternalTokens gives back what this instance may do with an account.
func (a *API) deleteMyExternalTokens(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	me, was, err := a.Self.ForgetTokens(c.r.Context(), acting.User, c.externalID())
	if err != nil {
		return err
	}
	a.Trips.Revoke(c.r.Context(), was)
	return a.answerMe(c, me, nil)
}

func (c *call) externalID() auth.ExternalAccountID {
	return auth.ExternalAccountID(c.r.PathValue("external_account_id"))
}

// answerExternal is the answer of every operation on one account elsewhere.
func (a *API) answerExternal(c *call, e auth.ExternalAccount, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, respond.ExternalAccount(e, a.Now()))
}
