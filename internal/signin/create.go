package signin

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

// Create is what begins a sign-in: an identifier, and possibly a first proof.
type Create struct {
	Strategy   auth.Strategy
	Identifier string
	Password   string
	Ticket     string
	ID         auth.IdentificationID // with a code strategy; empty for the primary address or number
	Device     auth.TrustedDeviceID
	// RelyingParty is whom a passkey is asked for.
	RelyingParty auth.RelyingParty
	Activity     auth.Activity
	// Transfer takes over what a sign-up on the same client proved.
	Transfer bool
	// SignUpIfMissing lets an address or number without an account be proven
	// too, for a sign-up to take over.
	SignUpIfMissing bool
}

// Create begins an attempt on the client, replacing the one it had. With a
// password or a ticket it may be complete at once; with a code strategy the
// code is sent.
func (a *Attempts) Create(ctx context.Context, agg auth.ClientAggregate, r Create) (View, error) {
	if r.Transfer {
		return a.byTransfer(ctx, agg, r.Activity)
	}
	if r.Strategy == auth.StrategyTicket || (r.Strategy == "" && r.Ticket != "") {
		return a.byTicket(ctx, agg, r)
	}
	if r.Strategy == auth.StrategyTrustedDevice {
		return a.createByDevice(ctx, agg, r)
	}
	switch r.Strategy {
	case "":
		if r.Password != "" {
			r.Strategy = auth.StrategyPassword
		}
	case auth.StrategyPassword:
		if r.Password == "" {
			return View{}, auth.RefuseParam(auth.CodeParamMissing, "password")
		}
	case auth.StrategyPasskey:
		if r.Identifier == "" {
			return a.discoverable(ctx, agg, r)
		}
	default:
		if _, sends := channel(r.Strategy); !sends {
			return View{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
		}
	}
	if r.Identifier == "" && r.Strategy != "" {
		return View{}, auth.RefuseParam(auth.CodeParamMissing, "identifier")
	}
	return a.create(ctx, agg, r)
}

func (a *Attempts) create(ctx context.Context, agg auth.ClientAggregate, r Create) (View, error) {
	who := subject{}
	if r.Identifier != "" {
		var err error
		if who, err = a.identify(ctx, r.Identifier, r.SignUpIfMissing); err != nil {
			return View{}, err
		}
	}
	if r.Strategy == auth.StrategyPassword {
		return a.createWithPassword(ctx, agg, who, r)
	}
	if err := a.mayStart(agg, who); err != nil {
		return View{}, err
	}
	var out auth.SignIn
	err := a.again(ctx, &agg, func() error {
		if a.begun(agg, who, r.Strategy) {
			out = *agg.SignIn
			return nil
		}
		attempt, client, err := a.begin(agg, who)
		if err != nil {
			return err
		}
		attempt.SignUpIfMissing = r.SignUpIfMissing
		change := auth.Change{Clients: []auth.Client{client}}
		if r.Strategy != "" {
			var message []auth.Message
			if attempt, message, _, err = a.prepare(ctx, attempt, who.user, Prepare{Strategy: r.Strategy, ID: r.ID, RelyingParty: r.RelyingParty}); err != nil {
				return err
			}
			change.Messages = message
		}
		out, change.SignIns = attempt, []auth.SignIn{attempt}
		return a.Store.Commit(ctx, change)
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out, who.user)
}

// mayStart refuses a sign-in where the client has a session to use instead: any
// in single-session mode, else one of the same user. That tells nobody anything:
// the client holds the session that it is told of.
func (a *Attempts) mayStart(agg auth.ClientAggregate, who subject) error {
	now := a.Now()
	if err := agg.MayStart(a.Settings(), now); err != nil {
		return err
	}
	return agg.MayProve(who.user.ID, now)
}

// begun says whether the request repeats the one that began the client's
// current attempt: a double tap, an effect that runs twice, a lost answer. A
// second attempt would make the code of the first mail a wrong one.
func (a *Attempts) begun(agg auth.ClientAggregate, who subject, s auth.Strategy) bool {
	now := a.Now()
	return agg.SignIn != nil && who.identifier != "" && agg.SignIn.Identifier == who.identifier &&
		agg.SignIn.User == who.user.ID && agg.SignIn.FirstFactor.Strategy == s &&
		agg.SignIn.Status(now) == auth.SignInNeedsFirstFactor &&
		agg.SignIn.FirstFactor.Status != auth.VerificationFailed &&
		now.Sub(agg.SignIn.CreatedAt) < auth.CodeReprepareWindow
}

// again runs decide on agg, on the client as stored from the second time on.
func (a *Attempts) again(ctx context.Context, agg *auth.ClientAggregate, decide func() error) error {
	first := true
	return auth.Retry(func() error {
		if !first {
			stored, err := a.Store.ClientByID(ctx, agg.Client.ID)
			if err != nil {
				return err
			}
			*agg = stored
		}
		first = false
		return decide()
	})
}

// judge decides on a proof that is submitted to an attempt. Refused is what to
// tell once the change is stored; err ends the step at once.
type judge func(agg auth.ClientAggregate, stored auth.SignIn) (out auth.SignIn, change auth.Change, refused, err error)

// submit has a proof judged. Whatever comes of it is stored before it is told.
func (a *Attempts) submit(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, decide judge) (View, error) {
	var (
		out     auth.SignIn
		refused error
	)
	err := a.again(ctx, &agg, func() error {
		stored, err := a.current(agg, id)
		if err != nil {
			return err
		}
		var change auth.Change
		out, change, refused, err = decide(agg, stored)
		if err != nil || change.Empty() {
			return err
		}
		return a.Store.Commit(ctx, change)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}
