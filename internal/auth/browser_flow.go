package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"time"
)

// BrowserFlowID names a browser flow: bfl_…
type BrowserFlowID string

// NewBrowserFlowID returns a fresh browser flow identifier. It fails only when entropy does.
func NewBrowserFlowID(now time.Time, entropy io.Reader) (BrowserFlowID, error) {
	s, err := newID("bfl", now, entropy)
	return BrowserFlowID(s), err
}

const (
	// BrowserFlowLifetime is how long a person may take in the browser.
	BrowserFlowLifetime = 30 * time.Minute
	// NonceLifetime bounds the time between coming back from the browser and
	// redeeming what was brought along. A device that is without network at
	// that instant needs some of it.
	NonceLifetime = 15 * time.Minute
)

// BrowserFlow is one trip of a person through a browser on behalf of a native
// app: begun by the app's client, approved by who signed in in the browser,
// redeemed by the client that began it. Nothing comes into being for the app
// before it redeems: whoever sends somebody else a link to sign in with gains
// nothing, because what the browser brings back goes to the device in front of
// that person.
type BrowserFlow struct {
	ID      BrowserFlowID
	Version int64    // compare-and-swap guard; zero means not stored yet
	Client  ClientID // began it, and alone may redeem it
	// SignIn or SignUp is the attempt that redeeming completes; both are empty
	// when the whole sign-in happens in the browser (hosted auth).
	SignIn      SignInID
	SignUp      SignUpID
	NewAccount  bool     // begin with a sign-up
	RedirectURL string   // checked when the flow began; exactly where it ends
	State       string   // of the app, echoed; may be empty for an attempt
	Challenge   string   // PKCE S256 of RFC 7636; empty for an attempt
	TicketHash  [32]byte // of the ticket in the URL that the browser opens

	Visitor        ClientID // the browser's client that signed in
	NonceHash      [32]byte // of the nonce that redeems; zero until approved
	User           UserID
	External       json.RawMessage // whom a provider named instead: an [ExternalIdentity], or nil
	Strategy       Strategy
	FirstFactorAt  time.Time
	SecondFactorAt time.Time
	Session        SessionID // what redeeming creates

	ApprovedAt time.Time // zero until approved
	RedeemedAt time.Time // zero until redeemed
	ExpireAt   time.Time // of the trip, then of the nonce
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Open says whether a person may still go through the flow at now.
func (f BrowserFlow) Open(now time.Time) bool {
	return f.RedeemedAt.IsZero() && now.Before(f.ExpireAt)
}

// Approval is who signed in in the browser, and how.
type Approval struct {
	Visitor                       ClientID
	User                          UserID
	Strategy                      Strategy
	FirstFactorAt, SecondFactorAt time.Time
	Session                       SessionID // fresh: what redeeming creates
	NonceHash                     [32]byte
}

// Approve notes who signed in. Approved again by the same visitor, it keeps
// its session and takes the new nonce in place of the former: a form that was
// sent twice ends like one that was sent once. Errors: [CodeBrowserFlowOver].
func (f BrowserFlow) Approve(a Approval, now time.Time) (BrowserFlow, error) {
	again := !f.ApprovedAt.IsZero()
	if !f.Open(now) || (again && (f.Visitor != a.Visitor || f.User != a.User)) {
		return f, Refuse(CodeBrowserFlowOver)
	}
	if !again {
		f.Visitor, f.User, f.Strategy, f.Session = a.Visitor, a.User, a.Strategy, a.Session
		f.FirstFactorAt, f.SecondFactorAt, f.ApprovedAt = a.FirstFactorAt, a.SecondFactorAt, now
	}
	f.NonceHash, f.ExpireAt, f.UpdatedAt = a.NonceHash, now.Add(NonceLifetime), now
	return f, nil
}

// Redemption is what an app presents after the browser came back.
type Redemption struct {
	Client    ClientID
	SignIn    SignInID
	SignUp    SignUpID
	NonceHash [32]byte
	Verifier  string // PKCE; empty for an attempt
}

// Redeem uses the nonce up. First is false when the same client has redeemed it
// before: an app whose answer was lost asks again, and whoever can prove to be
// that app may, for as long as the flow is kept. Errors, about the parameter
// rotating_token_nonce: [CodeParamInvalid] for anything that is not this
// client's nonce for this purpose, [CodeVerificationExpired]; and
// [CodePKCEFailed] about code_verifier.
func (f BrowserFlow) Redeem(r Redemption, now time.Time) (_ BrowserFlow, first bool, _ error) {
	const nonce = "rotating_token_nonce"
	genuine := !f.ApprovedAt.IsZero() && subtle.ConstantTimeCompare(f.NonceHash[:], r.NonceHash[:]) == 1
	if !genuine || f.Client != r.Client || f.SignIn != r.SignIn || f.SignUp != r.SignUp {
		return f, false, RefuseParam(CodeParamInvalid, nonce)
	}
	if f.Challenge != "" && !ProvesChallenge(r.Verifier, f.Challenge) {
		return f, false, RefuseParam(CodePKCEFailed, "code_verifier")
	}
	switch {
	case !f.RedeemedAt.IsZero():
		return f, false, nil
	case !now.Before(f.ExpireAt):
		return f, false, RefuseParam(CodeVerificationExpired, nonce)
	}
	f.RedeemedAt, f.UpdatedAt = now, now
	return f, true, nil
}

// pkceChallengeSize is that of a base64url SHA-256 without padding.
const pkceChallengeSize = 43

// ValidChallenge says whether s has the form of a code challenge by the method
// S256 (RFC 7636, section 4.2). The method plain is not accepted anywhere: it
// protects nothing from whoever can read the request.
func ValidChallenge(s string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == sha256.Size && len(s) == pkceChallengeSize
}

// ProvesChallenge says, in constant time, whether the code verifier is the one
// that challenge was made from (RFC 7636, section 4.6).
func ProvesChallenge(verifier, challenge string) bool {
	const shortest, longest = 43, 128
	if len(verifier) < shortest || len(verifier) > longest {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	made := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(made), []byte(challenge)) == 1
}
