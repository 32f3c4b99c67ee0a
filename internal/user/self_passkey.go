package user

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// Passkeys makes the options of registrations and checks what comes of them.
// What does not hold is refused with [auth.CodePasskeyCredentialInvalid].
type Passkeys interface {
	Creation(rp auth.RelyingParty, u auth.User) (options string, err error)
	Register(rp auth.RelyingParty, options, credential string) (auth.PasskeyKey, error)
	Name(aaguid []byte) string
}

// CreatePasskey begins the registration of a passkey. It takes the place of one
// that was begun before and not finished.
func (s *Self) CreatePasskey(ctx context.Context, id auth.UserID, rp auth.RelyingParty) (out auth.Passkey, err error) {
	if !s.Settings().Passkeys.Enabled {
		return out, auth.Refuse(auth.CodeFeatureNotEnabled)
	}
	if err := rp.Usable(); err != nil {
		return out, err
	}
	_, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		u = u.WithoutPasskeys(func(p auth.Passkey) bool { return !p.Verified() })
		if len(u.Passkeys) >= auth.MaxPasskeys {
			return u, auth.Change{}, auth.Refuse(auth.CodePasskeyQuota)
		}
		passkey, err := auth.NewPasskeyID(now, s.Entropy)
		if err != nil {
			return u, auth.Change{}, err
		}
		options, err := s.Passkeys.Creation(rp, u)
		if err != nil {
			return u, auth.Change{}, err
		}
		out = auth.Passkey{
			ID: passkey, Name: s.Passkeys.Name(nil), RPID: rp.ID, CreatedAt: now, UpdatedAt: now,
			Verification: auth.NewPasskeyVerification(options, passkey, auth.PasskeyLifetime, now),
		}
		return u.WithPasskey(out), auth.Change{}, nil
	})
	return out, err
}

// AttemptPasskey submits what an authenticator made of the options of a
// registration. They are used up by their first answer. The answer that just
// succeeded, submitted again, gets the same passkey.
func (s *Self) AttemptPasskey(
	ctx context.Context, id auth.UserID, passkey auth.PasskeyID, rp auth.RelyingParty, credential string,
) (out auth.Passkey, err error) {
	if credential == "" {
		return out, auth.RefuseParam(auth.CodeParamMissing, "public_key_credential")
	}
	hash := sha256.Sum256([]byte(credential))
	var refused error
	_, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		p, ok := u.Passkey(passkey)
		if refused = nil; !ok {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		if p.Verified() && p.Verification.CodeHash == hash && now.Sub(p.Verification.VerifiedAt) <= auth.CodeReplayWindow {
			out = p
			return u, auth.Change{}, nil
		}
		if err := p.Verification.AwaitsPasskey(now); err != nil {
			return u, auth.Change{}, err
		}
		key, err := s.Passkeys.Register(rp, p.Verification.Nonce, credential)
		var refusal *auth.Error
		if errors.As(err, &refusal) {
			refused = refusal
		} else if err != nil {
			return u, auth.Change{}, err
		}
		p.Verification, p.UpdatedAt = p.Verification.Answer(refused == nil, hash, now), now
		if refused == nil {
			p.Key, p.Name = key, s.Passkeys.Name(key.AAGUID)
		}
		out = p
		change := auth.Change{}
		if refused == nil {
			if change.Messages, err = s.tell(ctx, u, auth.NoticePasskeyAdded, p.Name, now); err != nil {
				return u, change, err
			}
		}
		return u.WithPasskey(p), change, nil
	})
	var taken *auth.ExistsError
	if errors.As(err, &taken) && taken.What == "passkey" {
		// The authenticator's fault, or a credential made for somebody else.
		return out, auth.RefuseParam(auth.CodePasskeyCredentialInvalid, "public_key_credential")
	}
	if err == nil {
		err = refused
	}
	return out, err
}

// RenamePasskey names a passkey for its owner.
func (s *Self) RenamePasskey(ctx context.Context, id auth.UserID, passkey auth.PasskeyID, name string) (out auth.Passkey, err error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return out, auth.RefuseParam(auth.CodeParamNil, "name")
	case len(name) > auth.PasskeyNameLimit:
		return out, auth.RefuseParam(auth.CodeParamTooLong, "name")
	case !utf8.ValidString(name):
		return out, auth.RefuseParam(auth.CodeParamFormatInvalid, "name")
	}
	_, err = s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		p, ok := u.Passkey(passkey)
		if !ok {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		if !p.Verified() {
			return u, auth.Change{}, auth.Refuse(auth.CodePasskeyNotVerified)
		}
		p.Name, p.UpdatedAt = name, now
		out = p
		return u.WithPasskey(p), auth.Change{}, nil
	})
	return out, err
}

// DeletePasskey removes a passkey. Nobody is locked out by that: every account
// has another way to sign in.
func (s *Self) DeletePasskey(ctx context.Context, id auth.UserID, passkey auth.PasskeyID) error {
	remove := withoutPasskey(passkey)
	_, err := s.change(ctx, id, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		gone, _ := u.Passkey(passkey)
		u, change, err := remove(u, now)
		if err == nil && gone.Verified() {
			change.Messages, err = s.tell(ctx, u, auth.NoticePasskeyRemoved, gone.Name, now)
		}
		return u, change, err
	})
	return err
}

// DeletePasskey removes a passkey of a user. It returns [auth.ErrNotFound] for
// one that the user does not have.
func (a *Admin) DeletePasskey(ctx context.Context, id auth.UserID, passkey auth.PasskeyID) error {
	_, err := a.change(ctx, id, withoutPasskey(passkey))
	return err
}

func withoutPasskey(passkey auth.PasskeyID) decide {
	return func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		if _, ok := u.Passkey(passkey); !ok {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		return u.WithoutPasskeys(func(p auth.Passkey) bool { return p.ID == passkey }), auth.Change{}, nil
	}
}
