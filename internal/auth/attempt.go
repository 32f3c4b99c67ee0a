package auth

import (
	"encoding/json"
	"time"
)

// AttemptLifetime is how long a sign-in or sign-up attempt stays open.
const AttemptLifetime = 24 * time.Hour

// SignInStatus is the progress of a sign-in attempt.
type SignInStatus string

// Sign-in statuses by their published names.
const (
	SignInNeedsIdentifier   SignInStatus = "needs_identifier"
	SignInNeedsFirstFactor  SignInStatus = "needs_first_factor"
	SignInNeedsSecondFactor SignInStatus = "needs_second_factor"
	SignInNeedsNewPassword  SignInStatus = "needs_new_password"
	SignInComplete          SignInStatus = "complete"
	SignInAbandoned         SignInStatus = "abandoned"
)

// SignIn is a sign-in attempt: the progress of signing in on a client.
type SignIn struct {
	ID           SignInID
	Version      int64 // compare-and-swap guard; zero means not stored yet
	Client       ClientID
	Identifier   string // as normalised; empty until given
	User         UserID // empty when unknown: the attempt still looks the same from outside
	FirstFactor  Verification
	SecondFactor Verification
	NewPassword  bool // a reset code was proven and a new password is due
	SecondDue    bool // the first factor was proven and a second one is due
	// SignUpIfMissing lets an identifier without an account be proven too, for a
	// sign-up to take over.
	SignUpIfMissing bool
	// ExternalAccount is who a provider named, for a sign-up to take over: an
	// [ExternalIdentity], or nil.
	ExternalAccount json.RawMessage
	CreatedSession  SessionID
	AbandonAt       time.Time
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Status decides where the attempt stands; handlers and use cases never do.
func (s SignIn) Status(now time.Time) SignInStatus {
	switch {
	case s.CreatedSession != "":
		return SignInComplete
	case !now.Before(s.AbandonAt):
		return SignInAbandoned
	case s.NewPassword:
		return SignInNeedsNewPassword
	case s.SecondDue:
		return SignInNeedsSecondFactor
	case s.Identifier == "" && s.User == "" && s.FirstFactor.Strategy != StrategyPasskey:
		return SignInNeedsIdentifier // a passkey says by itself whose it is
	default:
		return SignInNeedsFirstFactor
	}
}

// SignUpStatus is the progress of a sign-up attempt.
type SignUpStatus string

// Sign-up statuses by their published names.
const (
	SignUpMissingRequirements SignUpStatus = "missing_requirements"
	SignUpComplete            SignUpStatus = "complete"
	SignUpAbandoned           SignUpStatus = "abandoned"
)

// SignUp is a sign-up attempt: the progress of creating a user on a client.
type SignUp struct {
	ID              SignUpID
	Version         int64 // compare-and-swap guard; zero means not stored yet
	Client          ClientID
	EmailAddress    string // normalised, or empty
	Email           Verification
	PhoneNumber     string // normalised, or empty
	Phone           Verification
	External        Verification    // of an account elsewhere
	ExternalAccount json.RawMessage // that account, an [ExternalIdentity], or nil
	Invitation      InvitationID    // whose ticket was presented, or empty
	Password        PasswordHash
	Username        string
	FirstName       string
	LastName        string
	UnsafeMeta      json.RawMessage // JSON object, or nil
	LegalAcceptedAt time.Time
	Locale          string
	// Shadow marks an attempt for an address that already has an account while
	// enumeration protection is on: it looks like any other but can never
	// complete, and the owner gets a mail instead of a code.
	Shadow bool
	// What a back end notes: the name of the user in its own records, which the
	// user is created with, and that an action of its own took place.
	ExternalID     string
	CustomAction   bool
	CreatedSession SessionID
	CreatedUser    UserID
	AbandonAt      time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Status decides where the attempt stands. It is complete only once a user was
// created, which the use case does as soon as [SignUp.Missing] and
// [SignUp.Unverified] are both empty.
func (s SignUp) Status(now time.Time) SignUpStatus {
	switch {
	case s.CreatedUser != "":
		return SignUpComplete
	case !now.Before(s.AbandonAt):
		return SignUpAbandoned
	default:
		return SignUpMissingRequirements
	}
}

// Missing lists the required fields that were not given yet, by their published
// names. Where no identifier is required, one of those in use is.
func (s SignUp) Missing(set Settings) []string {
	out := []string{}
	for _, f := range []struct {
		name  string
		use   Use
		given string
	}{
		{"email_address", set.Email, s.EmailAddress},
		{"phone_number", set.Phone, s.PhoneNumber},
		{"username", set.Username, s.Username},
		{"first_name", set.FirstName, s.FirstName},
		{"last_name", set.LastName, s.LastName},
	} {
		if f.use == UseRequired && f.given == "" {
			out = append(out, f.name)
		}
	}
	if len(out) == 0 && s.EmailAddress == "" && s.PhoneNumber == "" && s.Username == "" {
		out = append(out, set.firstIdentifier())
	}
	if set.PasswordRequired && s.Password.Empty() && s.External.Status != VerificationVerified {
		out = append(out, "password")
	}
	if set.LegalConsent && s.LegalAcceptedAt.IsZero() {
		out = append(out, "legal_accepted")
	}
	return out
}

// firstIdentifier is the published name of what a sign-up is asked for when it
// has no identifier at all.
func (s Settings) firstIdentifier() string {
	switch {
	case s.Email.On():
		return "email_address"
	case s.Phone.On():
		return "phone_number"
	default:
		return "username"
	}
}

// Unverified lists the given identifiers that are not proven yet, by their
// published names.
func (s SignUp) Unverified() []string {
	out := []string{}
	if s.EmailAddress != "" && s.Email.Status != VerificationVerified {
		out = append(out, "email_address")
	}
	if s.PhoneNumber != "" && s.Phone.Status != VerificationVerified {
		out = append(out, "phone_number")
	}
	return out
}

// SignInToken is a ticket that signs one user in once.
type SignInToken struct {
	ID      SignInTokID
	Version int64 // compare-and-swap guard; zero means not stored yet
	User    UserID
	Hash    [32]byte // of the ticket
	Status  SignInTokenStatus
	// FirstFactor says that the ticket stands for a first factor, such as a link
	// in a mail. Any other is a back end's word and needs no further proof.
	FirstFactor bool
	// Actor is who will act in the session that begins, which then lasts
	// SessionLifetime at most; empty when the user signs in.
	Actor           Actor
	SessionLifetime time.Duration
	// Organization is where the session acts from the start, if the user is still
	// a member then; or empty.
	Organization OrganizationID
	ExpireAt     time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// SignInTokenStatus is the state of a sign-in token.
type SignInTokenStatus string

// Sign-in token statuses by their published names.
const (
	SignInTokenPending  SignInTokenStatus = "pending"
	SignInTokenAccepted SignInTokenStatus = "accepted"
	SignInTokenRevoked  SignInTokenStatus = "revoked"
	SignInTokenExpired  SignInTokenStatus = "expired"
)

// StatusAt is the status at now.
func (t SignInToken) StatusAt(now time.Time) SignInTokenStatus {
	if t.Status == SignInTokenPending && !now.Before(t.ExpireAt) {
		return SignInTokenExpired
	}
	return t.Status
}
