package hosted

import (
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/signin"
)

// confirmPage asks somebody who is signed in to prove themselves again.
type confirmPage struct {
	userFrame
	To          string // where the form goes: this page, and on from here
	Second      bool   // the second factor is asked for
	HasPassword bool
	HasPasskey  bool
	Identifier  string
	Strategy    auth.Strategy // of the code that was sent; or empty
	Wait        int           // seconds until another code can be sent
	App         bool          // an authenticator app proves it
	Backup      bool          // a backup code does
	Factors     []signin.Factor
	Options     string // for the authenticator, as JSON; or empty
}

const confirmPath = userPath + "/confirm"

// confirmAddress is where to prove oneself again before a change on the page at
// here.
func (a *account) confirmAddress(here string) string { return confirmPath + a.query("to", here) }

// confirmed is the page that the change is made on. Only the pages about an
// account and its organizations are.
func confirmed(a *account) string {
	to := a.r.URL.Query().Get("to")
	if ownPage(to) && a.p.shown(to) == to && !strings.Contains(to, "?") && to != confirmPath {
		return to
	}
	return userPath
}

var userConfirm = userPage{
	name: "user_confirm", fields: []string{"code", "password", "backup"},
	elsewhere: func(a *account) outcome {
		if a.mayChange() == nil {
			return outcome{to: confirmed(a), said: "confirmed"}
		}
		return outcome{}
	},
	show: showConfirm,
	acts: map[string]userAct{"send": {do: sendConfirm}, "prove": {do: proveConfirm}},
}

func showConfirm(a *account) (userFramed, error) {
	view, err := a.p.SignIns.Reverification(a.r.Context(), a.session)
	if err != nil {
		return nil, err
	}
	page := &confirmPage{
		userFrame: withScript("passkey.js"), To: a.confirmAddress(confirmed(a)), Second: a.secondNeeded(),
		Identifier: a.me.Identifier(), Factors: codeFactors(view.Factors),
	}
	proof := view.FirstFactor
	if page.Second {
		proof, page.Factors = view.SecondFactor, codeFactors(view.SecondFactors)
		page.App, page.Backup = offers(view.SecondFactors, auth.StrategyTOTP), offers(view.SecondFactors, auth.StrategyBackupCode)
	} else {
		page.HasPassword = offers(view.Factors, auth.StrategyPassword)
		page.HasPasskey = offers(view.Factors, auth.StrategyPasskey) && a.p.hasPasskeys(a.visit)
	}
	now := a.p.Now()
	if a.due(view) && proof.StatusAt(now) == auth.VerificationUnverified {
		switch {
		case sendsCode(proof.Strategy):
			page.Strategy, page.Wait = proof.Strategy, seconds(proof.ResendIn(now))
		case proof.Strategy == auth.StrategyPasskey:
			page.Options = proof.Nonce
		}
	}
	return page, nil
}

// secondNeeded says whether the second factor is what is to be proven again.
func (a *account) secondNeeded() bool {
	needed, _ := a.session.Fresh(a.me, a.p.Now())
	return needed == auth.LevelSecondFactor
}

// due says whether a reverification that was begun asks for what is needed.
func (a *account) due(view signin.ReverificationView) bool {
	if a.secondNeeded() {
		return view.Status == auth.SignInNeedsSecondFactor && view.Level == auth.LevelSecondFactor
	}
	return view.Status == auth.SignInNeedsFirstFactor && view.Level == auth.LevelFirstFactor
}

// beginConfirm begins a reverification unless one is open that asks for the same.
func (a *account) beginConfirm() error {
	if a.session.Actor != "" {
		return auth.Refuse(auth.CodeActorForbidden)
	}
	ctx := a.r.Context()
	view, err := a.p.SignIns.Reverification(ctx, a.session)
	if err != nil || a.due(view) {
		return err
	}
	needed, _ := a.session.Fresh(a.me, a.p.Now())
	_, err = a.p.SignIns.StartReverification(ctx, a.session, needed)
	return err
}

func sendConfirm(a *account) (outcome, error) {
	stay := outcome{to: a.confirmAddress(confirmed(a))}
	if a.mayChange() == nil {
		return stay, nil
	}
	if err := a.beginConfirm(); err != nil {
		return outcome{}, err
	}
	_, err := a.p.SignIns.PrepareReverification(a.r.Context(), a.session, signin.Prepare{
		Strategy: auth.Strategy(a.r.PostForm.Get("strategy")), RelyingParty: a.p.relyingParty(a.visit),
	}, a.secondNeeded())
	return stay, err
}

// proveConfirm submits a proof. A form that was sent twice finds it proven.
func proveConfirm(a *account) (outcome, error) {
	done := outcome{to: confirmed(a), said: "confirmed"}
	if a.mayChange() == nil {
		return done, nil
	}
	if err := a.beginConfirm(); err != nil {
		return outcome{}, err
	}
	form := a.r.PostForm
	_, err := a.p.SignIns.AttemptReverification(a.r.Context(), a.session, signin.Attempt{
		Strategy: auth.Strategy(form.Get("strategy")), Password: form.Get("password"), Code: a.code(),
		Credential: form.Get("public_key_credential"), RelyingParty: a.p.relyingParty(a.visit),
	}, a.secondNeeded())
	if form.Get("strategy") == string(auth.StrategyBackupCode) {
		err = aboutField(err, "code", "backup")
	}
	return done, err
}
