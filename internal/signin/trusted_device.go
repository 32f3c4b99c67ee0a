package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
)

// DeviceKeys use the public keys of trusted devices.
type DeviceKeys interface {
	Verify(canonical, message, signature string) bool
}

// SignedByDevice is what a trusted device made of a challenge.
type SignedByDevice struct {
	Device     auth.TrustedDeviceID
	ClientData string
	Signature  string // base64url
	Algorithm  string // empty is ES256
}

// DeviceValid says whether a device can sign in. It refuses where the instance
// has no trusted devices with [auth.CodeFeatureNotEnabled].
func (a *Attempts) DeviceValid(ctx context.Context, id auth.TrustedDeviceID) (bool, error) {
	user, err := a.ownerOfDevice(ctx, id)
	var refused *auth.Error
	if errors.As(err, &refused) && refused.Code == auth.CodeTrustedDeviceNotRegistered {
		return false, nil
	}
	return err == nil && !user.Banned, err
}

// ownerOfDevice is the user who has enrolled the device.
func (a *Attempts) ownerOfDevice(ctx context.Context, id auth.TrustedDeviceID) (auth.User, error) {
	unknown := auth.RefuseParam(auth.CodeTrustedDeviceNotRegistered, "trusted_device_id")
	if !a.Settings().TrustedDevices.Enabled {
		return auth.User{}, auth.Refuse(auth.CodeFeatureNotEnabled)
	}
	if id == "" {
		return auth.User{}, auth.RefuseParam(auth.CodeParamMissing, "trusted_device_id")
	}
	user, err := a.Store.UserByTrustedDevice(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return user, unknown
	}
	if err != nil {
		return user, fmt.Errorf("read user of device: %w", err)
	}
	if d, ok := user.TrustedDevice(id); !ok || !d.Active() {
		return user, unknown
	}
	return user, nil
}

// createByDevice begins a sign-in of who has enrolled the device, with the
// challenge that the device is to sign.
func (a *Attempts) createByDevice(ctx context.Context, agg auth.ClientAggregate, r Create) (View, error) {
	if err := agg.MayStart(a.Settings(), a.Now()); err != nil {
		return View{}, err
	}
	user, err := a.ownerOfDevice(ctx, r.Device)
	if err != nil {
		return View{}, err
	}
	var out auth.SignIn
	err = a.again(ctx, &agg, func() error {
		attempt, client, err := a.begin(agg, subject{user: user})
		if err != nil {
			return err
		}
		if attempt.FirstFactor, err = a.deviceChallenge(attempt, r.Device); err != nil {
			return err
		}
		out = attempt
		return a.Store.Commit(ctx, auth.Change{Clients: []auth.Client{client}, SignIns: []auth.SignIn{attempt}})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// deviceChallenge begins a proof by a device. The challenge names the attempt
// and the device, so that a signature is good for nothing else.
func (a *Attempts) deviceChallenge(attempt auth.SignIn, device auth.TrustedDeviceID) (auth.Verification, error) {
	now := a.Now()
	data, err := auth.DeviceChallenge{
		Purpose: auth.PurposeSignIn, Device: device, SignIn: attempt.ID,
	}.ClientData(now, a.Entropy)
	v := auth.Verification{
		Strategy: auth.StrategyTrustedDevice, Status: auth.VerificationUnverified,
		About: auth.IdentificationID(device), ExpireAt: now.Add(auth.TrustedDeviceLifetime),
	}
	v.Nonce = data
	return v, err
}

// prepareByDevice makes another challenge for the attempt of a device, such as
// after the first one has expired.
func (a *Attempts) prepareByDevice(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, device auth.TrustedDeviceID) (View, error) {
	user, err := a.ownerOfDevice(ctx, device)
	if err != nil {
		return View{}, err
	}
	var out auth.SignIn
	err = a.again(ctx, &agg, func() error {
		attempt, err := a.current(agg, id)
		if err != nil {
			return err
		}
		switch {
		case attempt.User != user.ID:
			return auth.RefuseParam(auth.CodeTrustedDeviceNotRegistered, "trusted_device_id")
		case attempt.Status(a.Now()) != auth.SignInNeedsFirstFactor:
			return auth.Refuse(auth.CodeAttemptInvalidState)
		}
		if attempt.FirstFactor, err = a.deviceChallenge(attempt, device); err != nil {
			return err
		}
		attempt.UpdatedAt = a.Now()
		out = attempt
		return a.Store.Commit(ctx, auth.Change{SignIns: []auth.SignIn{attempt}})
	})
	if err != nil {
		return View{}, err
	}
	return a.Describe(ctx, out)
}

// attemptByDevice submits the signature of a device. A challenge is used up by
// its first answer, rightly or not, before the outcome is told.
func (a *Attempts) attemptByDevice(ctx context.Context, agg auth.ClientAggregate, id auth.SignInID, r Attempt) (View, error) {
	signed := r.Device
	if signed.Algorithm != "" && signed.Algorithm != auth.DeviceAlgorithm {
		return View{}, auth.RefuseParam(auth.CodeParamInvalid, "algorithm")
	}
	hash := sha256.Sum256([]byte(signed.ClientData + "\x00" + signed.Signature))
	return a.submit(ctx, agg, id, func(agg auth.ClientAggregate, stored auth.SignIn) (_ auth.SignIn, _ auth.Change, refused, err error) {
		if stored.FirstFactor.CodeHash == hash && a.replayed(agg, stored, auth.StrategyTrustedDevice) {
			return stored, auth.Change{}, nil, nil // the same request, served a moment ago
		}
		return a.tryDevice(ctx, agg, stored, hash, r)
	})
}

// tryDevice decides on a signature. Refused is what to tell once the change is
// stored; err ends the step at once.
func (a *Attempts) tryDevice(
	ctx context.Context, agg auth.ClientAggregate, attempt auth.SignIn, hash [32]byte, r Attempt,
) (out auth.SignIn, change auth.Change, refused, err error) {
	now, v := a.Now(), attempt.FirstFactor
	switch {
	case attempt.SecondDue || attempt.NewPassword:
		return attempt, change, nil, auth.Refuse(auth.CodeAttemptInvalidState)
	case v.Strategy != auth.StrategyTrustedDevice || v.Nonce == "":
		return attempt, change, nil, auth.RefuseParam(auth.CodeVerificationMissing, "client_data")
	case v.StatusAt(now) == auth.VerificationExpired:
		return attempt, change, nil, auth.RefuseParam(auth.CodeVerificationExpired, "client_data")
	case r.Device.Device != auth.TrustedDeviceID(v.About):
		return attempt, change, nil, auth.RefuseParam(auth.CodeParamInvalid, "trusted_device_id")
	}
	user, err := a.ownerOfDevice(ctx, r.Device.Device)
	if err != nil {
		return attempt, change, nil, err
	}
	if _, err := a.unlocked(ctx, a.lockKey(user.ID, "")); err != nil {
		return attempt, change, nil, err
	}
	d, _ := user.TrustedDevice(r.Device.Device)
	proven := attempt.User == user.ID && auth.SameClientData(v.Nonce, r.Device.ClientData) &&
		a.DeviceKeys.Verify(d.PublicKey, r.Device.ClientData, r.Device.Signature)
	attempt.FirstFactor, attempt.UpdatedAt = v.Answer(proven, hash, now), now
	if !proven {
		return attempt, auth.Change{SignIns: []auth.SignIn{attempt}}, auth.RefuseParam(auth.CodeParamInvalid, "signature"), nil
	}
	d.LastUsedAt, d.UpdatedAt = now, now
	user = user.WithDevice(d)
	if d.StandsForBoth(a.Settings().TrustedDevices, now) {
		attempt, change, err = a.complete(agg, attempt, user, r.Activity)
	} else {
		attempt, change, err = a.proceed(agg, attempt, user, r.Activity)
	}
	return attempt, change, nil, err
}

// noteSecondFactor remembers that a second factor was proven on the device that
// the attempt came from.
func noteSecondFactor(u auth.User, attempt auth.SignIn) auth.User {
	if attempt.FirstFactor.Strategy != auth.StrategyTrustedDevice || attempt.SecondFactor.Status != auth.VerificationVerified {
		return u
	}
	if d, ok := u.TrustedDevice(auth.TrustedDeviceID(attempt.FirstFactor.About)); ok {
		d.SecondFactorAt = attempt.SecondFactor.VerifiedAt
		u = u.WithDevice(d)
	}
	return u
}
