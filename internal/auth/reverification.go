package auth

import "time"

// ReverificationLevel is how much of themselves a signed-in person is to prove
// again.
type ReverificationLevel string

// Levels by their published names.
const (
	LevelFirstFactor  ReverificationLevel = "first_factor"
	LevelSecondFactor ReverificationLevel = "second_factor"
	LevelMultiFactor  ReverificationLevel = "multi_factor"
)

const (
	// ReverificationLifetime is how long a reverification stays open.
	ReverificationLifetime = 30 * time.Minute
	// ReverificationAge is how recent a proof must be for a sensitive change,
	// where the instance asks for one.
	ReverificationAge = 10 * time.Minute
)

// Reverification is the progress of proving oneself again within a session.
// There is at most one of a session.
type Reverification struct {
	Session      SessionID
	Version      int64 // compare-and-swap guard; zero means not stored yet
	Level        ReverificationLevel
	FirstFactor  Verification
	SecondFactor Verification
	AbandonAt    time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// NewReverification begins one at now, in the place of the one before. A
// second factor that the user does not have is not asked for.
func NewReverification(
	before Reverification, session SessionID, level ReverificationLevel, hasSecond bool, now time.Time,
) (Reverification, error) {
	switch level {
	case LevelFirstFactor, LevelSecondFactor, LevelMultiFactor:
	default:
		return before, RefuseParam(CodeParamInvalid, "level")
	}
	if !hasSecond {
		level = LevelFirstFactor
	}
	return Reverification{
		Session: session, Version: before.Version, Level: level,
		AbandonAt: now.Add(ReverificationLifetime), CreatedAt: now, UpdatedAt: now,
	}, nil
}

// Status decides where it stands, in the words of a sign-in.
func (r Reverification) Status(now time.Time) SignInStatus {
	first := r.FirstFactor.Status == VerificationVerified || r.Level == LevelSecondFactor
	second := r.SecondFactor.Status == VerificationVerified || r.Level == LevelFirstFactor
	switch {
	case first && second:
		return SignInComplete
	case !now.Before(r.AbandonAt):
		return SignInAbandoned
	case first:
		return SignInNeedsSecondFactor
	default:
		return SignInNeedsFirstFactor
	}
}

// Fresh says whether a session was proven recently enough at now for a
// sensitive change, by the second factor where the user has one, and which
// level a reverification needs otherwise.
func (s Session) Fresh(u User, now time.Time) (needed ReverificationLevel, ok bool) {
	needed, at := LevelFirstFactor, s.FirstFactorAt
	if u.TwoFactorEnabled() {
		needed, at = LevelSecondFactor, s.SecondFactorAt
	}
	return needed, !at.IsZero() && now.Sub(at) <= ReverificationAge
}

// MayChange refuses a sensitive change of one's own account. Only the person may
// make it, never somebody who acts in their place: [CodeActorForbidden]. Where
// the instance wants it, they must have proven themselves recently:
// [CodeReverificationRequired] with the level that a reverification needs. A
// pending session is new, and has to get through its tasks.
func (s Session) MayChange(u User, set Settings, now time.Time) error {
	if s.Actor != "" {
		return Refuse(CodeActorForbidden)
	}
	if !set.Reverification || s.Tasks != "" {
		return nil
	}
	if needed, fresh := s.Fresh(u, now); !fresh {
		return &Error{Code: CodeReverificationRequired, Meta: map[string]any{
			"level": string(needed), "after_minutes": int(ReverificationAge.Minutes()),
		}}
	}
	return nil
}
