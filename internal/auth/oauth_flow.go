package auth

import (
	"io"
	"time"
)

// OAuthFlowID names a trip to a provider: oaf_…
type OAuthFlowID string

// NewOAuthFlowID returns a fresh trip identifier. It fails only when entropy does.
func NewOAuthFlowID(now time.Time, entropy io.Reader) (OAuthFlowID, error) {
	s, err := newID("oaf", now, entropy)
	return OAuthFlowID(s), err
}

// OAuthFlowLifetime bounds the time that a person may take at a provider.
const OAuthFlowLifetime = 15 * time.Minute

// OAuthFlow is one trip of a person to a provider: for a sign-in, a sign-up, or
// an account to connect. It ends once, in the browser that began it; that of a
// native app ends wherever the app's browser is, and what it brings waits for
// the app.
type OAuthFlow struct {
	ID       OAuthFlowID
	Version  int64    // compare-and-swap guard; zero means not stored yet
	Client   ClientID // began it
	Provider Strategy // oauth_…

	// Of SignIn, SignUp and Account exactly one is set; User with Account.
	SignIn  SignInID
	SignUp  SignUpID
	User    UserID
	Account ExternalAccountID

	StateHash   [32]byte
	Sealed      []byte // nonce and PKCE verifier
	Native      bool
	Callback    string // redirect URI, exactly as the provider was told
	RedirectURL string // checked when the trip began
	CompleteURL string // where to go instead once somebody is signed in; or empty

	ConsumedAt time.Time // zero until it has ended
	ExpireAt   time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// OAuthStart is a trip that is about to begin: whoever it is for completes Flow
// and commits it with the proof that it is to bring.
type OAuthStart struct {
	Flow OAuthFlow
	URL  string // of the provider, for the browser
}

// Verification is the proof that the trip is to bring.
func (s OAuthStart) Verification() Verification {
	return Verification{
		Strategy: s.Flow.Provider, Status: VerificationUnverified, ExpireAt: s.Flow.ExpireAt, CodeHash: s.Flow.StateHash,
		VerificationDetail: VerificationDetail{RedirectURL: s.URL},
	}
}

// ExternalArrival is what a trip brought: somebody, or the reason why not.
type ExternalArrival struct {
	Flow     OAuthFlow // ended, to be committed with what becomes of it
	Identity ExternalIdentity
	Problem  Code
}

// End notes that the trip is over.
func (f OAuthFlow) End(now time.Time) OAuthFlow {
	f.ConsumedAt, f.UpdatedAt, f.Sealed = now, now, nil
	return f
}

// Open says whether the trip can still end at now.
func (f OAuthFlow) Open(now time.Time) bool { return f.ConsumedAt.IsZero() && now.Before(f.ExpireAt) }

// Fail is the proof of a trip that brought nobody, or nobody new.
func (v Verification) Fail(why *Error) Verification {
	v.Status, v.ErrorCode, v.RedirectURL, v.CodeHash = VerificationFailed, why.Code, "", [32]byte{}
	session, _ := why.Meta["session_id"].(string)
	v.ErrorSession = SessionID(session)
	v.Attempts++
	return v
}

// Transfer is the proof of somebody for whom the other of sign-in and sign-up
// is the right one.
func (v Verification) Transfer(why Code, now time.Time) Verification {
	v.Status, v.ErrorCode, v.ErrorSession, v.RedirectURL, v.VerifiedAt = VerificationTransferable, why, "", "", now
	v.Attempts, v.CodeHash = 1, [32]byte{}
	return v
}

// Arrive is the proof of somebody who was found.
func (v Verification) Arrive(now time.Time) Verification {
	v.Status, v.ErrorCode, v.ErrorSession, v.RedirectURL, v.VerifiedAt = VerificationVerified, "", "", "", now
	v.Attempts, v.CodeHash = 1, [32]byte{}
	return v
}

// TransferableAt says whether an external proof can still be taken over by the
// other of sign-in and sign-up.
func (v Verification) TransferableAt(now time.Time) bool {
	return v.Status == VerificationTransferable && now.Sub(v.VerifiedAt) <= TransferLifetime
}
