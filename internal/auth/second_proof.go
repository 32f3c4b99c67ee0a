package auth

import "time"

// SecondFactorLifetime bounds the time between the first and the second
// factor of one sign-in.
const SecondFactorLifetime = 30 * time.Minute

// TransferLifetime bounds the time between a sign-in that proved an address or
// number without an account and the sign-up that takes it over.
const TransferLifetime = 10 * time.Minute

// SecondProof is a submitted second factor: at sign-in, or where a signed-in
// person proves themselves again.
type SecondProof struct {
	Strategy Strategy
	Code     string
	Pepper   []byte
	Owner    string // what codes that were sent are bound to, see [HashCode]
	Now      time.Time
	// Match checks the code of an authenticator app against a sealed secret.
	Match func(user UserID, sealed []byte, code string, now time.Time) (step int64, ok bool, err error)
}

// Try submits the proof. It returns the user and the verification as they are
// to be stored, whether or not it was refused: what works once is used up by
// the user's version. Refusals are those of [Verification.AttemptCode]; err is
// trouble that says nothing about the proof.
func (p SecondProof) Try(u User, v Verification) (_ User, _ Verification, refused, err error) {
	hash := HashCode(p.Pepper, p.Owner, p.Code)
	if p.Strategy == StrategyPhoneCode || p.Strategy == StrategyEmailCode {
		if v.Strategy != p.Strategy {
			return u, v, RefuseParam(CodeVerificationMissing, "code"), nil
		}
		v, refused = v.AttemptCode(hash, p.Now)
		return u, v, refused, nil
	}
	if v.Strategy != p.Strategy {
		v = Verification{Strategy: p.Strategy, Status: VerificationUnverified}
	}
	v.Attempts++
	var ok bool
	switch p.Strategy {
	case StrategyTOTP:
		u, ok, err = p.tryTOTP(u)
	case StrategyBackupCode:
		var left BackupCodes
		if left, ok = u.BackupCodes.Use(HashBackupCode(p.Pepper, u.ID, p.Code), p.Now); ok {
			u.BackupCodes = left
		}
	default:
		return u, v, RefuseParam(CodeStrategyUnsupported, "strategy"), nil
	}
	if err != nil || !ok {
		return u, v, RefuseParam(CodeCodeIncorrect, "code"), err
	}
	// The hash lets a repeated request be told from another proof.
	v.Status, v.VerifiedAt, v.CodeHash = VerificationVerified, p.Now, hash
	return u, v, nil, nil
}

func (p SecondProof) tryTOTP(u User) (User, bool, error) {
	step, ok, err := p.Match(u.ID, u.TOTP.Sealed, p.Code, p.Now)
	if err != nil || !ok {
		return u, false, err
	}
	accepted, fresh := u.TOTP.Accept(step, p.Now)
	if fresh {
		u.TOTP = accepted
	}
	return u, fresh, nil
}
