package auth

import (
	"crypto/subtle"
	"io"
	"time"
)

// EmailLinkID names an email link: eml_…
type EmailLinkID string

// NewEmailLinkID returns a fresh email link identifier. It fails only when entropy does.
func NewEmailLinkID(now time.Time, entropy io.Reader) (EmailLinkID, error) {
	s, err := newID("eml", now, entropy)
	return EmailLinkID(s), err
}

// EmailLinkLifetime bounds the time in which a link in a mail may be followed.
const EmailLinkLifetime = CodeLifetime

// EmailLink is a link that was sent to an address to prove it, for a sign-in, a
// sign-up or the address of a signed-in person. Followed in a browser it completes the attempt there and then.
// With a challenge it belongs to a native app: following it only approves it,
// and the app that asked for it completes it, because a mail may be opened by
// anybody and anywhere.
type EmailLink struct {
	ID          EmailLinkID
	Version     int64    // compare-and-swap guard; zero means not stored yet
	Client      ClientID // asked for it
	SignIn      SignInID // of SignIn, SignUp and Email exactly one is set
	SignUp      SignUpID
	User        UserID // whose Email it is
	Email       EmailID
	Hash        [32]byte // of the token in the link
	RedirectURL string   // checked when the link was asked for
	Challenge   string   // PKCE S256 of a native app, or empty

	ApprovalHash [32]byte    // of the approval token; zero until approved
	Ticket       SignInTokID // handed out for the approval, or empty
	ApprovedAt   time.Time
	ConsumedAt   time.Time
	ExpireAt     time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Native says whether an app completes the link.
func (l EmailLink) Native() bool { return l.Challenge != "" }

// Attempt is the identifier of the attempt that the link is about.
func (l EmailLink) Attempt() string {
	if l.SignIn != "" {
		return string(l.SignIn)
	}
	return string(l.SignUp)
}

// NewLinkVerification begins a proof by a link whose token has this hash. A
// later link for the same attempt takes the place of an earlier one.
func NewLinkVerification(about IdentificationID, hash [32]byte, now time.Time) Verification {
	return Verification{
		Strategy: StrategyEmailLink, Status: VerificationUnverified, About: about,
		CodeHash: hash, ExpireAt: now.Add(EmailLinkLifetime),
	}
}

// FollowLink takes the proof of an attempt by a link whose token has this hash.
// Done is false when the very link was followed before. Errors:
// [CodeVerificationExpired] for a link that is too old, or another one than the
// attempt's newest.
func (v Verification) FollowLink(hash [32]byte, now time.Time) (_ Verification, done bool, _ error) {
	same := v.Strategy == StrategyEmailLink && subtle.ConstantTimeCompare(v.CodeHash[:], hash[:]) == 1
	switch {
	case !same:
		return v, false, Refuse(CodeVerificationExpired)
	case v.Status == VerificationVerified:
		return v, false, nil
	case v.StatusAt(now) != VerificationUnverified:
		return v, false, Refuse(CodeVerificationExpired)
	}
	v.Attempts++
	v.Status, v.VerifiedAt = VerificationVerified, now
	return v, true, nil
}

// Approve notes that the link of a native app was followed, and what the
// browser takes back to the app. Followed again it takes the place of the
// former approval. Errors: [CodeVerificationExpired].
func (l EmailLink) Approve(hash [32]byte, now time.Time) (EmailLink, error) {
	if !now.Before(l.ExpireAt) || !l.ConsumedAt.IsZero() {
		return l, Refuse(CodeVerificationExpired)
	}
	l.ApprovalHash, l.ApprovedAt, l.UpdatedAt = hash, now, now
	return l, nil
}

// Consume checks what an app presents to complete its link: the attempt, the
// approval token by its hash, and the code verifier. Errors:
// [CodeFlowNotApproved], [CodeApprovalTokenInvalid], [CodePKCEFailed],
// [CodeApprovalTokenConsumed] and [CodeApprovalTokenExpired]; published apps
// give the link up on each of them. The same request moments later succeeds
// again, because its answer may have been lost.
func (l EmailLink) Consume(attempt string, hash [32]byte, verifier string, now time.Time) (EmailLink, error) {
	switch {
	case !l.Native() || l.Attempt() != attempt:
		return l, Refuse(CodeApprovalTokenInvalid)
	case l.ApprovedAt.IsZero():
		return l, Refuse(CodeFlowNotApproved)
	case subtle.ConstantTimeCompare(l.ApprovalHash[:], hash[:]) != 1:
		return l, Refuse(CodeApprovalTokenInvalid)
	case !ProvesChallenge(verifier, l.Challenge):
		return l, RefuseParam(CodePKCEFailed, "code_verifier")
	case !l.ConsumedAt.IsZero():
		if now.Sub(l.ConsumedAt) <= CodeReplayWindow {
			return l, nil
		}
		return l, Refuse(CodeApprovalTokenConsumed)
	case !now.Before(l.ExpireAt):
		return l, Refuse(CodeApprovalTokenExpired)
	}
	l.ConsumedAt, l.UpdatedAt = now, now
	return l, nil
}

// LinkRequest is what a link is asked for with.
type LinkRequest struct {
	About       IdentificationID // which address, as offered; empty for the primary one
	RedirectURL string           // where the browser goes; checked by the caller
	Challenge   string           // of a native app; empty otherwise
	// Address makes the address in the mail from the token.
	Address func(token string) string
}

// Check refuses what cannot be asked for. The rules for the redirect differ
// between browsers and apps, see [Settings.MayReturnTo] for apps.
func (r LinkRequest) Check(set Settings) error {
	switch {
	case !set.EmailLink:
		return RefuseParam(CodeStrategyUnsupported, "strategy")
	case r.Challenge != "" && !ValidChallenge(r.Challenge):
		return RefuseParam(CodeParamInvalid, "code_challenge")
	case r.Challenge != "" && !set.MayReturnTo(r.RedirectURL):
		return RefuseParam(CodeParamInvalid, "redirect_uri")
	}
	return nil
}

// LinkTokens mints the tokens of links.
type LinkTokens interface {
	New(entropy io.Reader, id EmailLinkID) (text string, hash [32]byte, err error)
}

// Begin returns a fresh link for the attempt that l names, and the notice that
// takes it to an address.
func (l EmailLink) Begin(r LinkRequest, to string, tokens LinkTokens, now time.Time, entropy io.Reader) (EmailLink, Notice, error) {
	id, err := NewEmailLinkID(now, entropy)
	if err != nil {
		return l, Notice{}, err
	}
	text, hash, err := tokens.New(entropy, id)
	if err != nil {
		return l, Notice{}, err
	}
	l.ID, l.Hash, l.RedirectURL, l.Challenge = id, hash, r.RedirectURL, r.Challenge
	l.ExpireAt, l.CreatedAt, l.UpdatedAt = now.Add(EmailLinkLifetime), now, now
	return l, Notice{Kind: NoticeVerifyLink, To: to, Link: r.Address(text), At: now}, nil
}
