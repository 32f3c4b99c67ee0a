package respond

import (
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/wire"
)

// Verification is the published document of a proof, null for one that was
// never begun.
func Verification(v auth.Verification, now time.Time) *wire.Verification {
	if !v.Started() {
		return nil
	}
	out := &wire.Verification{
		Object: "verification_otp", Status: string(v.StatusAt(now)), Strategy: string(v.Strategy),
		Attempts: &v.Attempts, ExpireAt: Millis(v.ExpireAt),
		Channel: OrNull(v.Channel), Nonce: OrNull(v.Nonce), ExternalRedirect: OrNull(v.RedirectURL),
	}
	if v.ErrorCode != "" {
		out.Error = problemOf(v)
	}
	switch v.Strategy {
	case auth.StrategyPassword:
		out.Object = "verification_password"
	case auth.StrategyTicket:
		out.Object = "verification_ticket"
	case auth.StrategyPasskey:
		out.Object = "verification_passkey"
	case auth.StrategyTrustedDevice:
		out.Object, out.Nonce, out.TrustedDeviceChallenge = "verification_trusted_device", nil, DeviceChallenge(v.Nonce)
	case auth.StrategyEmailLink:
		out.Object, out.VerifiedAtClient = "verification_email_link", OrNull(v.VerifiedBy)
	case auth.StrategyTOTP:
		out.Object = "verification_totp"
	case auth.StrategyBackupCode:
		out.Object = "verification_backup_code"
	case auth.StrategyAdmin:
		out.Object = "verification_admin"
	default:
		if object := VerificationObject(v.Strategy); object != "" {
			out.Object = object
		}
	}
	return out
}

// problemOf is why a proof failed, with the session to use instead if there is one.
func problemOf(v auth.Verification) *wire.Error {
	e := ErrorOf(v.ErrorCode)
	if v.ErrorSession != "" {
		e.Meta = map[string]any{"session_id": string(v.ErrorSession)}
	}
	return e
}
