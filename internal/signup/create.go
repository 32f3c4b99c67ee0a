package signup

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// Create begins an attempt on the client, replacing the one it had.
func (a *Attempts) Create(ctx context.Context, agg auth.ClientAggregate, f Fields, activity auth.Activity) (View, error) {
	if err := a.admit(f); err != nil {
		return View{}, err
	}
	now := a.Now()
	if err := agg.MayStart(a.Settings(), now); err != nil {
		return View{}, err
	}
	if err := supported(f.Strategy); err != nil {
		return View{}, err
	}
	id, err := auth.NewSignUpID(now, a.Entropy)
	if err != nil {
		return View{}, fmt.Errorf("create sign-up: %w", err)
	}
	attempt, err := a.first(ctx, agg, auth.SignUp{
		ID: id, Client: agg.Client.ID, AbandonAt: now.Add(auth.AttemptLifetime), CreatedAt: now,
	}, f)
	if err != nil {
		return View{}, err
	}
	if a.begun(agg, attempt, f, now) {
		return a.Describe(*agg.SignUp), nil
	}
	if attempt.Password, err = a.hash(ctx, f); err != nil {
		return View{}, err
	}
	change := auth.Change{}
	attempt, change.OAuthFlows = begunTrip(attempt, f.Trip)
	if sendsCode(f.Strategy) {
		if attempt, change.Messages, err = a.prepare(ctx, attempt, f.Strategy); err != nil {
			return View{}, err
		}
	}
	var out auth.SignUp
	err = a.again(ctx, &agg, func() error {
		if a.begun(agg, attempt, f, now) {
			out = *agg.SignUp // by the same request, a moment ago
			return nil
		}
		finished, done, err := a.finish(ctx, agg, attempt, f.Strategy, activity)
		if err != nil {
			return err
		}
		if len(done.Clients) == 0 {
			done.Clients = []auth.Client{agg.Client}
		}
		done.Clients[0].SignUp, done.Clients[0].UpdatedAt = id, now
		if f.Transfer {
			done.Clients[0].SignIn = "" // taken over
		}
		out = finished
		return a.Store.Commit(ctx, change.Merge(done))
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(out), nil
}

// first returns the attempt with what the request gives: the fields, what a
// ticket stands for, and what a sign-in proved.
func (a *Attempts) first(ctx context.Context, agg auth.ClientAggregate, attempt auth.SignUp, f Fields) (auth.SignUp, error) {
	if f.Transfer {
		if err := a.transfer(ctx, agg, &attempt); err != nil {
			return attempt, err
		}
	}
	if err := a.invite(ctx, &attempt, f.Ticket); err != nil {
		return attempt, err
	}
	attempt, err := a.apply(ctx, attempt, f)
	if err != nil || f.Identity == nil {
		return attempt, err
	}
	attempt.External = auth.Verification{Strategy: f.Strategy, ExpireAt: a.Now().Add(auth.OAuthFlowLifetime)}
	return attempt, a.external(ctx, &attempt, *f.Identity)
}

// begun says whether the request repeats the one that began the client's
// current attempt: a double tap, an effect that runs twice, a lost answer. A
// second attempt would make the code of the first mail a wrong one. A request
// with a password is never taken for a repeated one, as telling would cost a
// hash; no code is sent before it is asked for separately then.
func (a *Attempts) begun(agg auth.ClientAggregate, wanted auth.SignUp, f Fields, now time.Time) bool {
	s := agg.SignUp
	if s == nil || f.Trip != nil || f.Identity != nil || f.Password != "" || !s.Password.Empty() || s.Status(now) != auth.SignUpMissingRequirements {
		return false
	}
	var asked bool
	if p, err := a.proofBy(s, f.Strategy); err == nil {
		asked = p.state.Strategy == f.Strategy && p.to != "" &&
			p.state.Status != auth.VerificationVerified && p.state.Status != auth.VerificationFailed
	} else {
		asked = !s.Email.Started() && !s.Phone.Started()
	}
	return asked && now.Sub(s.CreatedAt) < auth.CodeReprepareWindow &&
		s.EmailAddress == wanted.EmailAddress && s.PhoneNumber == wanted.PhoneNumber && s.Invitation == wanted.Invitation &&
		s.EmailAddress+s.PhoneNumber != "" && s.Username == wanted.Username &&
		s.FirstName == wanted.FirstName && s.LastName == wanted.LastName && bytes.Equal(s.UnsafeMeta, wanted.UnsafeMeta)
}

// sendsCode says whether giving a strategy asks for a code at once.
func sendsCode(s auth.Strategy) bool {
	return s == auth.StrategyEmailCode || s == auth.StrategyPhoneCode
}

// supported refuses strategies that nobody here can prove by.
func supported(s auth.Strategy) error {
	switch s {
	case "", auth.StrategyEmailCode, auth.StrategyPhoneCode, auth.StrategyPassword, auth.StrategyTicket:
		return nil
	default:
		if _, token := s.ByToken(); token || s.External() {
			return nil // given with what it proves, see [Fields.Trip] and [Fields.Identity]
		}
		return auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
}

// Update sets more fields of the client's current attempt, and completes it
// when nothing is missing any more.
func (a *Attempts) Update(ctx context.Context, agg auth.ClientAggregate, id auth.SignUpID, f Fields, activity auth.Activity) (View, error) {
	if err := supported(f.Strategy); err != nil {
		return View{}, err
	}
	if _, err := a.current(agg, id); err != nil {
		return View{}, err
	}
	hash, err := a.hash(ctx, f)
	if err != nil {
		return View{}, err
	}
	var out auth.SignUp
	err = a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		if attempt.Status(a.Now()) == auth.SignUpComplete {
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		if attempt, err = a.apply(ctx, attempt, f); err != nil {
			return err
		}
		if !hash.Empty() {
			attempt.Password = hash
		}
		var change auth.Change
		attempt, change.OAuthFlows = begunTrip(attempt, f.Trip)
		if f.Identity != nil {
			attempt.External = auth.Verification{Strategy: f.Strategy, ExpireAt: a.Now().Add(auth.OAuthFlowLifetime)}
			if err := a.external(ctx, &attempt, *f.Identity); err != nil {
				return err
			}
		}
		if sendsCode(f.Strategy) {
			if attempt, change.Messages, err = a.prepare(ctx, attempt, f.Strategy); err != nil {
				return err
			}
		}
		finished, done, err := a.finish(ctx, agg, attempt, f.Strategy, activity)
		if out = finished; err != nil {
			return err
		}
		return a.Store.Commit(ctx, change.Merge(done))
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(out), nil
}
