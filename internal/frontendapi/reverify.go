package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/wire"
)

// startReverification begins to prove the person again within a session.
func (a *API) startReverification(c *call) error {
	return a.onReverification(c, func(found auth.Session, form *respond.Form) (signin.ReverificationView, error) {
		level := auth.ReverificationLevel(form.Required("level"))
		if err := form.Err(); err != nil {
			return signin.ReverificationView{}, err
		}
		return a.SignIns.StartReverification(c.r.Context(), found, level)
	})
}

func (a *API) prepareReverification(second bool) handler {
	return func(c *call) error {
		return a.onReverification(c, func(found auth.Session, form *respond.Form) (signin.ReverificationView, error) {
			request := prepareRequest(form)
			request.RelyingParty = a.relyingParty(c)
			if err := form.Err(); err != nil {
				return signin.ReverificationView{}, err
			}
			return a.SignIns.PrepareReverification(c.r.Context(), found, request, second)
		})
	}
}

func (a *API) attemptReverification(second bool) handler {
	return func(c *call) error {
		return a.onReverification(c, func(found auth.Session, form *respond.Form) (signin.ReverificationView, error) {
			request := signin.Attempt{
				Strategy: auth.Strategy(form.Required("strategy")), Password: form.String("password"), Code: form.String("code"),
				Credential: form.String("public_key_credential"), RelyingParty: a.relyingParty(c),
			}
			if err := form.Err(); err != nil {
				return signin.ReverificationView{}, err
			}
			return a.SignIns.AttemptReverification(c.r.Context(), found, request, second)
		})
	}
}

// onReverification runs one step on the session that the path names.
func (a *API) onReverification(
	c *call, run func(auth.Session, *respond.Form) (signin.ReverificationView, error),
) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	id, err := c.sessionID()
	if err != nil {
		return auth.Refuse(auth.CodeAuthenticationInvalid) // no session has such an id
	}
	found, err := a.Sessions.Find(c.caller, id)
	if err != nil {
		return err
	}
	if found.Actor != "" {
		return auth.Refuse(auth.CodeActorForbidden) // whoever acts is not the person to be proven
	}
	view, err := run(found, form)
	if err != nil {
		return err
	}
	return a.answerWith(c, func(*wire.Client) any { return a.reverificationDoc(c, view) })
}

func (a *API) reverificationDoc(c *call, v signin.ReverificationView) *wire.SessionReverification {
	now := a.Now()
	if v.SecondFactor.Strategy == auth.StrategyPasskey {
		v.SecondFactor = auth.Verification{} // one proof for both, shown as what it is: the first
	}
	return &wire.SessionReverification{
		Object: "session_reverification", ID: string(v.Session), Status: string(v.Status), Level: string(v.Level),
		Session:               a.toSession(c, v.Owner),
		SupportedFirstFactors: toFactors(v.Factors), SupportedSecondFactors: toFactors(v.SecondFactors),
		FirstFactorVerification: respond.Verification(v.FirstFactor, now), SecondFactorVerification: respond.Verification(v.SecondFactor, now),
	}
}

// itself is [API.acting] for what only the person may do, never somebody who
// acts in their place.
func (a *API) itself(c *call) (auth.Session, auth.User, error) {
	acting, me, err := a.acting(c)
	if err == nil && acting.Actor != "" {
		err = auth.Refuse(auth.CodeActorForbidden)
	}
	return acting, me, err
}

// reverified is the session that a sensitive change acts for, if it may make
// one; see [auth.Session.MayChange].
func (a *API) reverified(c *call) (auth.Session, error) {
	acting, me, err := a.acting(c)
	if err != nil {
		return acting, err
	}
	return acting, acting.MayChange(me, a.Settings(), a.Now())
}
