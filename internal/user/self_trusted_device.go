package user

import (
	"context"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// DeviceKeys read and use the public keys of devices.
type DeviceKeys interface {
	// Canonical returns the one form of a key that is kept, or says that it is none.
	Canonical(jwk string) (string, error)
	Verify(canonical, message, signature string) bool
}

// Enrollment is a device that is to be trusted, as its app describes it.
type Enrollment struct {
	Platform      string // ios or android
	AppIdentifier string
	Name          string
	Algorithm     string // ES256
	PublicKey     string // JWK
}

// PrepareDevice begins to enroll a device in a session. It returns the client
// data that the device is to sign. It takes the place of an enrollment that was
// begun before and not finished.
func (s *Self) PrepareDevice(ctx context.Context, session auth.Session, r Enrollment) (clientData string, err error) {
	r, err = s.checkEnrollment(r)
	if err != nil {
		return "", err
	}
	_, err = s.change(ctx, session.User, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		id, err := auth.NewTrustedDeviceID(now, s.Entropy)
		if err != nil {
			return u, auth.Change{}, err
		}
		clientData, err = auth.DeviceChallenge{Purpose: auth.PurposeEnroll, Session: session.ID}.ClientData(now, s.Entropy)
		if err != nil {
			return u, auth.Change{}, err
		}
		return u.WithoutDevices(pending).WithDevice(auth.TrustedDevice{
			ID: id, Platform: r.Platform, AppIdentifier: r.AppIdentifier, Name: r.Name, PublicKey: r.PublicKey,
			Session: session.ID, Challenge: clientData, ExpireAt: now.Add(auth.TrustedDeviceLifetime),
			CreatedAt: now, UpdatedAt: now,
		}), auth.Change{}, nil
	})
	return clientData, err
}

func pending(d auth.TrustedDevice) bool { return !d.Active() }

// AttemptDevice finishes an enrollment with the signature of the device. A
// challenge is used up by its first answer. Refusals: [auth.CodeParamInvalid]
// about the parameter that is not what was prepared, or about the signature;
// [auth.CodeVerificationMissing] and [auth.CodeVerificationExpired].
func (s *Self) AttemptDevice(
	ctx context.Context, session auth.Session, r Enrollment, clientData, signature string,
) (out auth.TrustedDevice, err error) {
	r, err = s.checkEnrollment(r)
	if err != nil {
		return out, err
	}
	var refused error
	_, err = s.change(ctx, session.User, func(u auth.User, now time.Time) (auth.User, auth.Change, error) {
		d, ok := begunIn(u, session.ID)
		if !ok {
			refused, out = auth.RefuseParam(auth.CodeVerificationMissing, "client_data"), enrolled(u, r, now)
			if out.ID != "" && s.DeviceKeys.Verify(out.PublicKey, clientData, signature) {
				refused = nil // the request whose answer was lost, again
			}
			return u, auth.Change{}, refused
		}
		if refused = s.answers(d, r, clientData, signature, now); refused != nil {
			return u.WithoutDevices(pending), auth.Change{}, nil
		}
		d.Session, d.Challenge, d.ExpireAt, d.UpdatedAt = "", "", time.Time{}, now
		d.SecondFactorAt = session.SecondFactorAt
		out = d
		return u.MakeRoom().WithDevice(d), auth.Change{}, nil
	})
	if err == nil {
		err = refused
	}
	return out, err
}

// enrolled is the device of this description that was enrolled a moment ago.
func enrolled(u auth.User, r Enrollment, now time.Time) auth.TrustedDevice {
	for _, d := range u.ActiveDevices() {
		if d.PublicKey == r.PublicKey && now.Sub(d.CreatedAt) <= auth.TrustedDeviceLifetime {
			return d
		}
	}
	return auth.TrustedDevice{}
}

// begunIn is the enrollment that a session began.
func begunIn(u auth.User, session auth.SessionID) (auth.TrustedDevice, bool) {
	for _, d := range u.TrustedDevices {
		if !d.Active() && d.Session == session {
			return d, true
		}
	}
	return auth.TrustedDevice{}, false
}

// answers says why a signature does not finish the enrollment, or nil.
func (s *Self) answers(d auth.TrustedDevice, r Enrollment, clientData, signature string, now time.Time) error {
	switch {
	case !now.Before(d.ExpireAt):
		return auth.RefuseParam(auth.CodeVerificationExpired, "client_data")
	case !auth.SameClientData(d.Challenge, clientData):
		return auth.RefuseParam(auth.CodeParamInvalid, "client_data")
	case d.Platform != r.Platform:
		return auth.RefuseParam(auth.CodeParamInvalid, "platform")
	case d.AppIdentifier != r.AppIdentifier:
		return auth.RefuseParam(auth.CodeParamInvalid, "app_identifier")
	case d.PublicKey != r.PublicKey:
		return auth.RefuseParam(auth.CodeParamInvalid, "public_key_jwk")
	case !s.DeviceKeys.Verify(d.PublicKey, clientData, signature):
		return auth.RefuseParam(auth.CodeParamInvalid, "signature")
	}
	return nil
}

// checkEnrollment returns the description with its key in the form that is kept.
func (s *Self) checkEnrollment(r Enrollment) (Enrollment, error) {
	set := s.Settings()
	if !set.TrustedDevices.Enabled {
		return r, auth.Refuse(auth.CodeFeatureNotEnabled)
	}
	switch r.Name = strings.TrimSpace(r.Name); {
	case r.Platform != "ios" && r.Platform != "android":
		return r, auth.RefuseParam(auth.CodeParamInvalid, "platform")
	case len(r.AppIdentifier) > 255 || !set.NativeApps.Vouches(r.Platform, r.AppIdentifier):
		return r, auth.RefuseParam(auth.CodeParamInvalid, "app_identifier")
	case r.Algorithm != auth.DeviceAlgorithm:
		return r, auth.RefuseParam(auth.CodeParamInvalid, "algorithm")
	case len(r.Name) > auth.TrustedDeviceNameLimit:
		return r, auth.RefuseParam(auth.CodeParamTooLong, "name")
	}
	key, err := s.DeviceKeys.Canonical(r.PublicKey)
	if err != nil {
		return r, auth.RefuseParam(auth.CodeParamInvalid, "public_key_jwk")
	}
	r.PublicKey = key
	return r, nil
}

// RevokeDevice ends the trust in a device and returns it as it was.
func (s *Self) RevokeDevice(ctx context.Context, id auth.UserID, device auth.TrustedDeviceID) (out auth.TrustedDevice, err error) {
	_, err = s.change(ctx, id, withoutDevice(device, &out))
	return out, err
}

// RevokeDevice ends the trust in a device of a user and returns it as it was. It
// refuses one that is not trusted with [auth.CodeResourceNotFound].
func (a *Admin) RevokeDevice(ctx context.Context, id auth.UserID, device auth.TrustedDeviceID) (out auth.TrustedDevice, err error) {
	_, err = a.change(ctx, id, withoutDevice(device, &out))
	return out, err
}

func withoutDevice(id auth.TrustedDeviceID, out *auth.TrustedDevice) decide {
	return func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		d, ok := u.TrustedDevice(id)
		if !ok || !d.Active() {
			return u, auth.Change{}, auth.Refuse(auth.CodeResourceNotFound)
		}
		*out = d
		return u.WithoutDevices(func(d auth.TrustedDevice) bool { return d.ID == id }), auth.Change{}, nil
	}
}
