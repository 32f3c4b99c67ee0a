package auth

import (
	"encoding/json"
	"slices"
	"time"
)

// MaxExternalID is the most bytes of the name of a user in a back end's records.
const MaxExternalID = 128

// User is a person with an account.
type User struct {
	ID           UserID
	Version      int64  // compare-and-swap guard; zero means not stored yet
	Username     string // normalised, or empty
	FirstName    string
	LastName     string
	ExternalID   string // unique when not empty
	Emails       []EmailAddress
	PrimaryEmail EmailID
	Phones       []PhoneNumber
	PrimaryPhone PhoneID
	Passkeys     []Passkey
	// TrustedDevices sign the user in; see [User.Distrust].
	TrustedDevices []TrustedDevice
	// ExternalAccounts are accounts elsewhere that the user signs in with.
	ExternalAccounts []ExternalAccount
	TOTP             TOTP
	BackupCodes      BackupCodes
	MFAEnabledAt     time.Time // when the first second factor was set up; zero while there is none
	MFADisabledAt    time.Time // when the last one was removed
	// NewPasswordDue makes sessions pending until the user has set another
	// password.
	NewPasswordDue  bool
	Image           ImageID      // profile image, or empty
	Password        PasswordHash // empty when the user has none
	PasswordSetAt   time.Time
	PublicMeta      json.RawMessage // JSON object; never nil once stored
	PrivateMeta     json.RawMessage // JSON object; never nil once stored
	UnsafeMeta      json.RawMessage // JSON object; never nil once stored
	Permissions     Permissions
	Banned          bool
	LegalAcceptedAt time.Time
	Locale          string
	LastSignInAt    time.Time
	LastActiveAt    time.Time
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// EmailAddress is a stored identification: an address and how it was proven.
type EmailAddress struct {
	ID           EmailID
	Address      string // normalised, see [NormalizeEmail]; unique among verified addresses
	Verification Verification
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Verified says whether the address was proven.
func (e EmailAddress) Verified() bool { return e.Verification.Status == VerificationVerified }

// PasswordHash is an encoded password hash. It is not printable, so that it
// cannot reach a log by accident; use Reveal to store it.
type PasswordHash struct{ encoded string }

// NewPasswordHash wraps an encoded hash.
func NewPasswordHash(encoded string) PasswordHash { return PasswordHash{encoded} }

// Reveal returns the encoded hash, for the store and the verifier only.
func (p PasswordHash) Reveal() string { return p.encoded }

// Empty says whether there is no password.
func (p PasswordHash) Empty() bool { return p.encoded == "" }

// String hides the hash.
func (p PasswordHash) String() string { return "[password hash]" }

// GoString hides the hash.
func (p PasswordHash) GoString() string { return p.String() }

// MarshalJSON hides the hash.
func (p PasswordHash) MarshalJSON() ([]byte, error) { return []byte(`"[password hash]"`), nil }

// Email returns the address with this id and whether the user has it.
func (u User) Email(id EmailID) (EmailAddress, bool) {
	for _, e := range u.Emails {
		if e.ID == id {
			return e, true
		}
	}
	return EmailAddress{}, false
}

// Identifier is what names the user to people: the primary address, else the
// username, else the primary phone number, else the first address, else nothing.
func (u User) Identifier() string {
	if e, ok := u.Email(u.PrimaryEmail); ok {
		return e.Address
	}
	if u.Username != "" {
		return u.Username
	}
	if p, ok := u.Phone(u.PrimaryPhone); ok {
		return p.Number
	}
	if len(u.Emails) > 0 {
		return u.Emails[0].Address
	}
	return ""
}

// Lockout counts failed proofs against one account or one unknown identifier.
// Both are counted alike, so that being locked does not tell whether an account
// exists. Key is a keyed hash, see the sign-in use case.
type Lockout struct {
	Key         [32]byte
	Version     int64 // compare-and-swap guard; zero means not stored yet
	Failures    int
	LockedUntil time.Time
	UpdatedAt   time.Time
}

const (
	// LockoutFailures is how many wrong passwords in a row lock an account.
	LockoutFailures = 10
	// LockoutDuration is how long a lock lasts; it ends by itself, so that an
	// attacker cannot keep the owner out for good.
	LockoutDuration = 15 * time.Minute
	// LockoutForget is how long failures are remembered without a new one.
	LockoutForget = time.Hour
)

// Locked returns the time left at now, or zero.
func (l Lockout) Locked(now time.Time) time.Duration {
	return max(0, l.LockedUntil.Sub(now))
}

// Fail counts one more failure at now and locks when the limit is reached.
func (l Lockout) Fail(now time.Time) Lockout {
	if now.Sub(l.UpdatedAt) > LockoutForget || (!l.LockedUntil.IsZero() && l.Locked(now) == 0) {
		l.Failures, l.LockedUntil = 0, time.Time{}
	}
	l.Failures++
	l.UpdatedAt = now
	if l.Failures >= LockoutFailures {
		l.LockedUntil = now.Add(LockoutDuration)
	}
	return l
}

// Clear forgets the failures after a success.
func (l Lockout) Clear(now time.Time) Lockout {
	l.Failures, l.LockedUntil, l.UpdatedAt = 0, time.Time{}, now
	return l
}

// withItem returns a copy of list with item in the place of the one that is the
// same, or added.
func withItem[T any](list []T, item T, same func(T) bool) []T {
	list = slices.Clone(list)
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = item
		return list
	}
	return append(list, item)
}
