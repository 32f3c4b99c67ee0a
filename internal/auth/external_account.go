package auth

import (
	"encoding/json"
	"io"
	"strings"
	"time"
)

// ExternalAccountID names an account elsewhere: eac_…
type ExternalAccountID string

// NewExternalAccountID returns a fresh external account identifier. It fails only when entropy does.
func NewExternalAccountID(now time.Time, entropy io.Reader) (ExternalAccountID, error) {
	s, err := newID("eac", now, entropy)
	return ExternalAccountID(s), err
}

// ExternalIdentity is who a provider says that somebody is. Its JSON form is
// kept with attempts and trips, between the provider and the account.
type ExternalIdentity struct {
	Provider      Strategy `json:"provider"` // oauth_…, whichever form the proof had
	Subject       string   `json:"subject"`  // unique and never reused within the provider
	EmailAddress  string   `json:"email_address,omitempty"`
	EmailVerified bool     `json:"email_verified,omitempty"` // by the provider, as far as it can be believed
	FirstName     string   `json:"first_name,omitempty"`
	LastName      string   `json:"last_name,omitempty"`
	Username      string   `json:"username,omitempty"`
	ImageURL      string   `json:"image_url,omitempty"`
	Scopes        string   `json:"scopes,omitempty"` // separated by spaces
	Tokens        string   `json:"tokens,omitempty"` // of the provider, sealed
}

// Encode is the identity as attempts keep it.
func (i ExternalIdentity) Encode() json.RawMessage {
	text, _ := json.Marshal(i) // texts and booleans only: it cannot fail
	return text
}

// DecodeIdentity reads what [ExternalIdentity.Encode] wrote; ok is false for
// anything else.
func DecodeIdentity(doc json.RawMessage) (i ExternalIdentity, ok bool) {
	err := json.Unmarshal(doc, &i)
	return i, err == nil && i.Subject != "" && i.Provider.External()
}

// VerifiedEmail is the normalised address that the provider has verified, or
// empty.
func (i ExternalIdentity) VerifiedEmail() string {
	if !i.EmailVerified {
		return ""
	}
	address, err := NormalizeEmail(i.EmailAddress, "email_address")
	if err != nil {
		return ""
	}
	return address
}

// ExternalAccount is an account elsewhere that a user signs in with, or is about
// to connect.
type ExternalAccount struct {
	ID             ExternalAccountID
	Identification IdentificationID
	ExternalIdentity
	Verification Verification // while unproven, Subject is empty
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Verified says whether the account was proven.
func (e ExternalAccount) Verified() bool { return e.Verification.Status == VerificationVerified }

// External says whether the strategy proves an account elsewhere.
func (s Strategy) External() bool {
	return strings.HasPrefix(string(s), "oauth_") && !strings.HasPrefix(string(s), "oauth_token_")
}

// StrategyGoogleOneTap is the ID token of Google's own prompt.
const StrategyGoogleOneTap Strategy = "google_one_tap"

// ByToken returns the provider of a strategy whose proof is an ID token that an
// app was given, and whether it is one.
func (s Strategy) ByToken() (provider Strategy, ok bool) {
	if s == StrategyGoogleOneTap {
		return "oauth_google", true
	}
	name, ok := strings.CutPrefix(string(s), "oauth_token_")
	return Strategy("oauth_" + name), ok && name != ""
}

// FromExternal is the strategy of an address that a provider has verified.
func FromExternal(provider Strategy) Strategy { return "from_" + provider }

// ExternalAccount returns the user's account elsewhere with this id and whether
// there is one.
func (u User) ExternalAccount(id ExternalAccountID) (ExternalAccount, bool) {
	for _, e := range u.ExternalAccounts {
		if e.ID == id {
			return e, true
		}
	}
	return ExternalAccount{}, false
}

// SetExternalAccount returns the user with this account in the place of the one
// with the same id.
func (u User) SetExternalAccount(account ExternalAccount) User {
	u.ExternalAccounts = withItem(u.ExternalAccounts, account, func(e ExternalAccount) bool { return e.ID == account.ID })
	return u
}

// WithoutExternalAccount returns the user without the account with this id.
func (u User) WithoutExternalAccount(id ExternalAccountID) User {
	next := make([]ExternalAccount, 0, len(u.ExternalAccounts))
	for _, e := range u.ExternalAccounts {
		if e.ID != id {
			next = append(next, e)
		}
	}
	u.ExternalAccounts = next
	return u
}

// Knows returns the user's proven account that an identity is about.
func (u User) Knows(i ExternalIdentity) (ExternalAccount, bool) {
	for _, e := range u.ExternalAccounts {
		if e.Verified() && e.Provider == i.Provider && e.Subject == i.Subject {
			return e, true
		}
	}
	return ExternalAccount{}, false
}

// Connect returns the user with the account of a proven identity: what it says
// now in the place of what it said before, or a new one. The caller has made
// sure that the person owns both.
func (u User) Connect(i ExternalIdentity, now time.Time, entropy io.Reader) (User, error) {
	account, known := u.Knows(i)
	if !known {
		var err error
		if account, err = newExternalAccount(now, entropy); err != nil {
			return u, err
		}
	}
	return u.SetExternalAccount(account.Prove(i, now)), nil
}

// NewExternalAccount is an account that is about to be connected.
func NewExternalAccount(provider Strategy, v Verification, now time.Time, entropy io.Reader) (ExternalAccount, error) {
	account, err := newExternalAccount(now, entropy)
	account.Provider, account.Verification = provider, v
	return account, err
}

func newExternalAccount(now time.Time, entropy io.Reader) (ExternalAccount, error) {
	id, err := NewExternalAccountID(now, entropy)
	if err != nil {
		return ExternalAccount{}, err
	}
	idn, err := NewEmailID(now, entropy)
	return ExternalAccount{ID: id, Identification: idn, CreatedAt: now, UpdatedAt: now}, err
}

// Prove returns the account with what the provider says now. Tokens that the
// provider did not hand out again stay.
func (e ExternalAccount) Prove(i ExternalIdentity, now time.Time) ExternalAccount {
	if i.Tokens == "" {
		i.Tokens, i.Scopes = e.Tokens, e.Scopes
	}
	e.ExternalIdentity, e.UpdatedAt = i, now
	e.Verification = Verification{
		Strategy: i.Provider, Status: VerificationVerified, Attempts: 1, VerifiedAt: now, ExpireAt: now.Add(OAuthFlowLifetime),
	}
	return e
}

// LinkedTo are the accounts elsewhere whose provider has verified this address.
func (u User) LinkedTo(address string) (out []ExternalAccount) {
	for _, e := range u.ExternalAccounts {
		if e.Verified() && e.VerifiedEmail() == address {
			out = append(out, e)
		}
	}
	return out
}
