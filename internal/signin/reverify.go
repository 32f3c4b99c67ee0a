package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// ReverificationView is a reverification with what it offers.
type ReverificationView struct {
	auth.Reverification
	Status        auth.SignInStatus
	Factors       []Factor
	SecondFactors []Factor
	Owner         auth.Session // as it is afterwards
}

// StartReverification begins to prove a signed-in person again, in the place
// of a reverification that was begun before.
func (a *Attempts) StartReverification(
	ctx context.Context, session auth.Session, level auth.ReverificationLevel,
) (ReverificationView, error) {
	return a.reverify(ctx, session, func(s *step) error {
		begun, err := auth.NewReverification(s.rev, s.session.ID, level, len(a.secondFactors(s.user)) > 0, a.Now())
		s.rev, s.changed = begun, true
		return err
	})
}

// Reverification says how far proving a signed-in person again has got; its
// status is [auth.SignInAbandoned] when none is open.
func (a *Attempts) Reverification(ctx context.Context, session auth.Session) (ReverificationView, error) {
	return a.reverify(ctx, session, func(*step) error { return nil })
}

// PrepareReverification sends a code for the first or, when second is set, the
// second factor.
func (a *Attempts) PrepareReverification(
	ctx context.Context, session auth.Session, r Prepare, second bool,
) (ReverificationView, error) {
	passkey := r.Strategy == auth.StrategyPasskey && !second
	if _, sends := channel(r.Strategy); !passkey && (!sends || resets(r.Strategy)) {
		return ReverificationView{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	return a.reverify(ctx, session, func(s *step) error {
		proof, offered, err := a.due(s, second)
		if err != nil {
			return err
		}
		factor, err := pick(offered, r.Strategy, r.ID)
		if err != nil {
			return err
		}
		if passkey {
			*proof, err = a.challenge(r.RelyingParty, s.user.VerifiedPasskeys(), auth.PasskeyLifetime)
			s.changed = true
			return err
		}
		sent, messages, err := a.send(ctx, s.attempt(), *proof, factor)
		if err != nil || messages == nil {
			return err
		}
		*proof, s.change.Messages, s.changed = sent, messages, true
		return nil
	})
}

// AttemptReverification submits a proof of the first or, when second is set,
// the second factor. What comes of it is stored before it is told, and failures
// count toward the lockout of the account.
func (a *Attempts) AttemptReverification(
	ctx context.Context, session auth.Session, r Attempt, second bool,
) (ReverificationView, error) {
	if r.Strategy == auth.StrategyPassword && !second {
		return a.reverifyPassword(ctx, session, r)
	}
	if r.Strategy == auth.StrategyPasskey && !second {
		return a.reverifyPasskey(ctx, session, r)
	}
	if r.Code == "" {
		return ReverificationView{}, auth.RefuseParam(auth.CodeParamMissing, "code")
	}
	return a.reverify(ctx, session, func(s *step) error {
		proof, offered, err := a.due(s, second)
		if err != nil {
			return err
		}
		if _, err := pick(offered, r.Strategy, ""); err != nil {
			return err
		}
		lockout, err := a.unlocked(ctx, a.lockKey(s.user.ID, ""))
		if err != nil {
			return err
		}
		now := a.Now()
		submitted := auth.SecondProof{
			Strategy: r.Strategy, Code: r.Code, Pepper: a.Pepper, Owner: string(s.attempt().ID), Now: now,
			Match: a.Authenticators.Match,
		}
		user, after, refused, err := submitted.Try(s.user, *proof)
		if err != nil {
			return fmt.Errorf("reverify: %w", err)
		}
		*proof, s.refused, s.changed = after, refused, true
		if refused != nil {
			if after.Status != auth.VerificationExpired {
				s.change.Lockouts = []auth.Lockout{lockout.Fail(now)}
			}
			return nil
		}
		s.change.Lockouts = a.forgive(lockout)
		s.prove(user, second, a)
		return nil
	})
}

// reverifyPassword proves the password, outside any transaction.
func (a *Attempts) reverifyPassword(ctx context.Context, session auth.Session, r Attempt) (ReverificationView, error) {
	if r.Password == "" {
		return ReverificationView{}, auth.RefuseParam(auth.CodeParamMissing, "password")
	}
	user, err := a.user(ctx, session.User)
	if err != nil {
		return ReverificationView{}, err
	}
	if user.Password.Empty() {
		return ReverificationView{}, auth.RefuseParam(auth.CodeStrategyForUserInvalid, "strategy")
	}
	proven, err := a.provePassword(ctx, user, "", r.Password)
	if err != nil {
		return ReverificationView{}, err
	}
	return a.reverify(ctx, session, func(s *step) error {
		proof, _, err := a.due(s, false)
		if err != nil {
			return err
		}
		if s.user.Password != proven.user.Password {
			return auth.RefuseParam(auth.CodePasswordIncorrect, "password") // changed meanwhile
		}
		now := a.Now()
		*proof = auth.Verification{
			Strategy: auth.StrategyPassword, Status: auth.VerificationVerified, Attempts: 1, VerifiedAt: now,
		}
		s.prove(s.user, false, a)
		return nil
	})
}

// step is one change of a reverification under decision.
type step struct {
	rev     auth.Reverification
	session auth.Session
	user    auth.User
	change  auth.Change
	changed bool
	refused error // to be told once the change is stored
}

// attempt stands for the reverification where codes are made and counted.
func (s *step) attempt() auth.SignIn {
	return auth.SignIn{ID: auth.SignInID("reverify " + s.session.ID), User: s.user.ID}
}

// prove notes in the session that a factor was proven now, and stores the user
// whose codes it may have used up.
func (s *step) prove(user auth.User, second bool, a *Attempts) {
	now := a.Now()
	if second {
		s.session.SecondFactorAt = now
	} else {
		s.session.FirstFactorAt = now
	}
	s.session.UpdatedAt, s.user, s.changed = now, user, true
	s.change.Sessions, s.change.Users = []auth.Session{s.session}, []auth.User{user}
}

// due is the proof that is expected and what it can be given by.
func (a *Attempts) due(s *step, second bool) (*auth.Verification, []Factor, error) {
	want, proof, offered := auth.SignInNeedsFirstFactor, &s.rev.FirstFactor, a.reverifyFactors(s.user)
	if second {
		want, proof, offered = auth.SignInNeedsSecondFactor, &s.rev.SecondFactor, a.secondAfter(s.rev.FirstFactor, s.user)
	}
	if s.rev.Version == 0 {
		return nil, nil, auth.Refuse(auth.CodeReverificationMissing)
	}
	if s.rev.Status(a.Now()) != want {
		return nil, nil, auth.Refuse(auth.CodeAttemptInvalidState)
	}
	return proof, offered, nil
}

// reverifyFactors are the first factors of somebody who is signed in: there is
// nothing left to protect about which they have.
func (a *Attempts) reverifyFactors(user auth.User) []Factor {
	out := []Factor{}
	if !user.Password.Empty() {
		out = append(out, Factor{Strategy: auth.StrategyPassword})
	}
	out = append(out, byCode(auth.StrategyEmailCode, "", emailsOf(user))...)
	out = append(out, byCode(auth.StrategyPhoneCode, "", phonesOf(user))...)
	return append(out, a.byPasskey(user)...)
}

// reverify loads, decides and commits, again when somebody was faster.
func (a *Attempts) reverify(
	ctx context.Context, session auth.Session, decide func(*step) error,
) (view ReverificationView, err error) {
	var refused error
	err = auth.Retry(func() error {
		s, err := a.loadStep(ctx, session)
		if err != nil {
			return err
		}
		if err := decide(s); err != nil {
			return err
		}
		if s.changed {
			s.rev.UpdatedAt = a.Now()
			s.change.Reverifications = []auth.Reverification{s.rev}
			if err := a.Store.Commit(ctx, s.change); err != nil {
				return err
			}
		}
		refused = s.refused
		view = ReverificationView{
			Reverification: s.rev, Status: s.rev.Status(a.Now()), Factors: a.reverifyFactors(s.user),
			SecondFactors: a.secondAfter(s.rev.FirstFactor, s.user), Owner: s.session,
		}
		return nil
	})
	if err == nil {
		err = refused
	}
	return view, err
}

func (a *Attempts) loadStep(ctx context.Context, session auth.Session) (*step, error) {
	agg, err := a.Store.ClientByID(ctx, session.Client)
	if err != nil {
		return nil, fmt.Errorf("load client: %w", err)
	}
	found, ok := agg.Session(session.ID)
	if !ok || !found.SignedIn(a.Now()) {
		return nil, auth.Refuse(auth.CodeAuthenticationInvalid)
	}
	user, err := a.user(ctx, found.User)
	if err != nil {
		return nil, err
	}
	rev, err := a.Store.Reverification(ctx, found.ID)
	if errors.Is(err, auth.ErrNotFound) {
		rev, err = auth.Reverification{Session: found.ID}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read reverification: %w", err)
	}
	return &step{rev: rev, session: found, user: user}, nil
}
