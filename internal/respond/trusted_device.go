package respond

import (
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/wire"
)

// TrustedDevice is the published document of a device. Revoked is when the
// trust in it ended, or the zero time.
func TrustedDevice(d auth.TrustedDevice, revoked time.Time) wire.TrustedDevice {
	out := wire.TrustedDevice{
		Object: "trusted_device", ID: string(d.ID), Platform: d.Platform, AppIdentifier: d.AppIdentifier, Name: OrNull(d.Name),
		Algorithm: auth.DeviceAlgorithm, Status: "active", CreatedAt: d.CreatedAt.UnixMilli(), UpdatedAt: d.UpdatedAt.UnixMilli(),
		LastUsedAt: Millis(d.LastUsedAt), RevokedAt: Millis(revoked),
	}
	if !revoked.IsZero() {
		out.Status = "revoked"
	}
	return out
}

// TrustedDevices are the documents of devices that are trusted, never nil.
func TrustedDevices(devices []auth.TrustedDevice) []wire.TrustedDevice {
	out := make([]wire.TrustedDevice, 0, len(devices))
	for _, d := range devices {
		out = append(out, TrustedDevice(d, time.Time{}))
	}
	return out
}

// DeviceChallenge is the published form of client data, null when it is none.
func DeviceChallenge(clientData string) *wire.TrustedDeviceChallenge {
	c, ok := auth.ParseDeviceChallenge(clientData)
	if !ok {
		return nil
	}
	return &wire.TrustedDeviceChallenge{
		Object: "trusted_device_challenge", Challenge: c.Challenge, ChallengeID: c.ChallengeID, TrustedDeviceID: string(c.Device),
		ClientData: clientData, ExpiresAt: c.ExpiresAt, Algorithm: c.Algorithm,
	}
}
