package auth

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// TrustedDeviceID names a trusted device: td_…
type TrustedDeviceID string

// NewTrustedDeviceID returns a fresh trusted device identifier. It fails only when entropy does.
func NewTrustedDeviceID(now time.Time, entropy io.Reader) (TrustedDeviceID, error) {
	s, err := newID("td", now, entropy)
	return TrustedDeviceID(s), err
}

// Codes about trusted devices.
const (
	CodeTrustedDeviceNotRegistered Code = "trusted_device_not_registered"
	CodeNativeOnly                 Code = "native_api_disabled"
)

const (
	// MaxTrustedDevices is how many devices one account trusts: past it, the one
	// that was used least recently makes place.
	MaxTrustedDevices = 10
	// TrustedDeviceNameLimit bounds the name of a device, in bytes.
	TrustedDeviceNameLimit = 256
	// TrustedDeviceLifetime bounds the time between a challenge and its answer.
	TrustedDeviceLifetime = 5 * time.Minute
	// DeviceAlgorithm is the signature that devices make.
	DeviceAlgorithm = "ES256"
)

// TrustedDeviceSettings are what an instance does with trusted devices.
type TrustedDeviceSettings struct {
	Enabled           bool `json:"enabled"`
	PromptAfterSignIn bool `json:"prompt_after_sign_in"` // SDKs offer to enroll
	PromptAfterSignUp bool `json:"prompt_after_sign_up"`
	// SecondFactorDays is for how long a device on which a second factor was
	// proven makes another one needless; 0 for never.
	SecondFactorDays int `json:"second_factor_days"`
}

// maxSecondFactorDays bounds the trust in a device.
const maxSecondFactorDays = 365

func (t TrustedDeviceSettings) valid() bool {
	return t.SecondFactorDays >= 0 && t.SecondFactorDays <= maxSecondFactorDays
}

// TrustedDevice is an app installation that signs its user in by a key that the
// device keeps and its owner unlocks. Until the enrollment was proven it counts
// for nothing. The names in JSON are those of the store.
type TrustedDevice struct {
	ID            TrustedDeviceID `json:"-"`
	Platform      string          `json:"platform"`       // ios or android
	AppIdentifier string          `json:"app_identifier"` // bundle or package
	Name          string          `json:"name,omitempty"`
	PublicKey     string          `json:"public_key"` // canonical JWK
	// Session began the enrollment and alone may finish it; Challenge is what is
	// to be signed for that, until ExpireAt. Both are empty afterwards.
	Session   SessionID `json:"session,omitempty"`
	Challenge string    `json:"challenge,omitempty"`
	ExpireAt  time.Time `json:"expire_at,omitzero"`
	// SecondFactorAt is when a second factor was last proven on the device.
	SecondFactorAt time.Time `json:"second_factor_at,omitzero"`
	LastUsedAt     time.Time `json:"last_used_at,omitzero"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

// Active says whether the enrollment was proven.
func (d TrustedDevice) Active() bool { return d.Challenge == "" }

// StandsForBoth says whether the device makes a second factor needless at now.
func (d TrustedDevice) StandsForBoth(set TrustedDeviceSettings, now time.Time) bool {
	age := now.Sub(d.SecondFactorAt)
	return !d.SecondFactorAt.IsZero() && age >= 0 && age < time.Duration(set.SecondFactorDays)*24*time.Hour
}

// TrustedDevice returns the device with this id, enrolled or not, and whether
// the user has it.
func (u User) TrustedDevice(id TrustedDeviceID) (TrustedDevice, bool) {
	for _, d := range u.TrustedDevices {
		if d.ID == id {
			return d, true
		}
	}
	return TrustedDevice{}, false
}

// ActiveDevices are those that the user can sign in with.
func (u User) ActiveDevices() (out []TrustedDevice) {
	for _, d := range u.TrustedDevices {
		if d.Active() {
			out = append(out, d)
		}
	}
	return out
}

// WithDevice returns the user with d in the place of the device of its id, or
// added.
func (u User) WithDevice(d TrustedDevice) User {
	u.TrustedDevices = withItem(u.TrustedDevices, d, func(other TrustedDevice) bool { return other.ID == d.ID })
	return u
}

// WithoutDevices returns the user without the devices that gone selects.
func (u User) WithoutDevices(gone func(TrustedDevice) bool) User {
	u.TrustedDevices = slices.DeleteFunc(slices.Clone(u.TrustedDevices), gone)
	return u
}

// Distrust returns the user without trusted devices: after a new password, and
// when two factors begin or cease to be asked for, every device has to be
// enrolled again, because one of them may be what the change is to keep out.
func (u User) Distrust() User {
	u.TrustedDevices = nil
	return u
}

// MakeRoom returns the user with room for one more device.
func (u User) MakeRoom() User {
	u = u.WithoutDevices(func(d TrustedDevice) bool { return !d.Active() })
	for len(u.TrustedDevices) >= MaxTrustedDevices {
		oldest := slices.MinFunc(u.TrustedDevices, func(a, b TrustedDevice) int { return a.lastSeen().Compare(b.lastSeen()) })
		u = u.WithoutDevices(func(d TrustedDevice) bool { return d.ID == oldest.ID })
	}
	return u
}

func (d TrustedDevice) lastSeen() time.Time {
	if d.LastUsedAt.IsZero() {
		return d.CreatedAt
	}
	return d.LastUsedAt
}

// Vouches says whether an app may enroll devices: one that the instance lists,
// or any while it lists none of the platform.
func (n NativeApps) Vouches(platform, app string) bool {
	switch platform {
	case "ios":
		return len(n.Apple) == 0 || slices.ContainsFunc(n.Apple, func(id string) bool {
			_, bundle, _ := strings.Cut(id, ".")
			return bundle == app
		})
	case "android":
		return len(n.Android) == 0 || slices.ContainsFunc(n.Android, func(a AndroidApp) bool { return a.PackageName == app })
	default:
		return false
	}
}

// DeviceChallenge is what a device signs. Its JSON is the client data.
type DeviceChallenge struct {
	Purpose     string          `json:"type"` // trusted_device.enroll or trusted_device.sign_in
	ChallengeID string          `json:"challenge_id"`
	Challenge   string          `json:"challenge"` // 32 random bytes, base64url
	Device      TrustedDeviceID `json:"trusted_device_id,omitempty"`
	Session     SessionID       `json:"session_id,omitempty"`
	SignIn      SignInID        `json:"sign_in_id,omitempty"`
	Algorithm   string          `json:"algorithm"`
	ExpiresAt   int64           `json:"expires_at"` // milliseconds since 1970
}

// Purposes of a challenge: what was signed for one is nothing for another.
const (
	PurposeEnroll = "trusted_device.enroll"
	PurposeSignIn = "trusted_device.sign_in"
)

// ClientData completes the challenge with fresh random bytes and an end and
// returns its canonical text. It fails only when entropy does.
func (c DeviceChallenge) ClientData(now time.Time, entropy io.Reader) (string, error) {
	var raw [32]byte
	if _, err := io.ReadFull(entropy, raw[:]); err != nil {
		return "", fmt.Errorf("read entropy for challenge: %w", err)
	}
	id, err := newID("tdc", now, entropy)
	if err != nil {
		return "", err
	}
	c.ChallengeID, c.Challenge = id, base64.RawURLEncoding.EncodeToString(raw[:])
	c.Algorithm, c.ExpiresAt = DeviceAlgorithm, now.Add(TrustedDeviceLifetime).UnixMilli()
	text, err := json.Marshal(c)
	return string(text), err
}

// ParseDeviceChallenge reads client data that [DeviceChallenge.ClientData] made.
func ParseDeviceChallenge(clientData string) (c DeviceChallenge, ok bool) {
	err := json.Unmarshal([]byte(clientData), &c)
	return c, err == nil && c.ChallengeID != ""
}

// SameClientData compares what a device signed with what it was given.
func SameClientData(given, signed string) bool {
	return given != "" && subtle.ConstantTimeCompare([]byte(given), []byte(signed)) == 1
}
