package auth

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// Identifiers are distinct types so that two of them cannot be swapped. Each is
// a visible prefix, an underscore and 27 base-62 characters: four bytes of
// seconds since [idEpoch] and sixteen random bytes, so that identifiers sort
// roughly by creation and cannot be guessed.
type (
	ClientID  string // client_…
	SessionID string // sess_…
	UserID    string // user_…
	SignInID  string // sia_…
	SignUpID  string // sua_…
	// IdentificationID is what proofs and factors are about, whichever kind it is.
	IdentificationID string // idn_…
	EmailID          = IdentificationID
	PhoneID          = IdentificationID
	TOTPID           string // totp_…
	BackupCodesID    string // backup_code_…
	ImageID          string // img_…
	InvitationID     string // inv_…
	WaitlistID       string // wle_…
	IdentifierRuleID string // alid_… or blid_…
	MessageID        string // msg_…
	SignInTokID      string // sit_…, or act_… when somebody will act for the user
)

const (
	prefixClient      = "client"
	prefixSession     = "sess"
	prefixUser        = "user"
	prefixSignIn      = "sia"
	prefixSignUp      = "sua"
	prefixEmail       = "idn"
	prefixTOTP        = "totp"
	prefixBackupCodes = "backup_code"
	prefixImage       = "img"
	prefixInvitation  = "inv"
	prefixWaitlist    = "wle"
	prefixMessage     = "msg"
	prefixSignInToken = "sit"
	prefixActorToken  = "act"
)

// idEpoch keeps the four-byte timestamp meaningful until 2150.
const idEpoch = 1_400_000_000

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const idBody = 27

// NewClientID returns a fresh client identifier. It fails only when entropy does.
func NewClientID(now time.Time, entropy io.Reader) (ClientID, error) {
	s, err := newID(prefixClient, now, entropy)
	return ClientID(s), err
}

// NewSessionID returns a fresh session identifier. It fails only when entropy does.
func NewSessionID(now time.Time, entropy io.Reader) (SessionID, error) {
	s, err := newID(prefixSession, now, entropy)
	return SessionID(s), err
}

// NewUserID returns a fresh user identifier. It fails only when entropy does.
func NewUserID(now time.Time, entropy io.Reader) (UserID, error) {
	s, err := newID(prefixUser, now, entropy)
	return UserID(s), err
}

// NewSignInID returns a fresh sign-in attempt identifier. It fails only when entropy does.
func NewSignInID(now time.Time, entropy io.Reader) (SignInID, error) {
	s, err := newID(prefixSignIn, now, entropy)
	return SignInID(s), err
}

// NewSignUpID returns a fresh sign-up attempt identifier. It fails only when entropy does.
func NewSignUpID(now time.Time, entropy io.Reader) (SignUpID, error) {
	s, err := newID(prefixSignUp, now, entropy)
	return SignUpID(s), err
}

// NewEmailID returns a fresh email address identifier. It fails only when entropy does.
func NewEmailID(now time.Time, entropy io.Reader) (EmailID, error) {
	s, err := newID(prefixEmail, now, entropy)
	return EmailID(s), err
}

// NewPhoneID returns a fresh phone number identifier. It fails only when entropy does.
func NewPhoneID(now time.Time, entropy io.Reader) (PhoneID, error) {
	return NewEmailID(now, entropy)
}

// NewTOTPID returns a fresh authenticator identifier. It fails only when entropy does.
func NewTOTPID(now time.Time, entropy io.Reader) (TOTPID, error) {
	s, err := newID(prefixTOTP, now, entropy)
	return TOTPID(s), err
}

// NewBackupCodesID returns a fresh identifier of a set of backup codes. It fails only when entropy does.
func NewBackupCodesID(now time.Time, entropy io.Reader) (BackupCodesID, error) {
	s, err := newID(prefixBackupCodes, now, entropy)
	return BackupCodesID(s), err
}

// NewImageID returns a fresh image identifier. It fails only when entropy does.
func NewImageID(now time.Time, entropy io.Reader) (ImageID, error) {
	s, err := newID(prefixImage, now, entropy)
	return ImageID(s), err
}

// NewInvitationID returns a fresh invitation identifier. It fails only when entropy does.
func NewInvitationID(now time.Time, entropy io.Reader) (InvitationID, error) {
	s, err := newID(prefixInvitation, now, entropy)
	return InvitationID(s), err
}

// NewWaitlistID returns a fresh waitlist entry identifier. It fails only when entropy does.
func NewWaitlistID(now time.Time, entropy io.Reader) (WaitlistID, error) {
	s, err := newID(prefixWaitlist, now, entropy)
	return WaitlistID(s), err
}

// NewIdentifierRuleID returns a fresh identifier of a rule on a list. It fails only when entropy does.
func NewIdentifierRuleID(list RuleList, now time.Time, entropy io.Reader) (IdentifierRuleID, error) {
	prefix := "alid"
	if list == BlockList {
		prefix = "blid"
	}
	s, err := newID(prefix, now, entropy)
	return IdentifierRuleID(s), err
}

// NewMessageID returns a fresh message identifier. It fails only when entropy does.
func NewMessageID(now time.Time, entropy io.Reader) (MessageID, error) {
	s, err := newID(prefixMessage, now, entropy)
	return MessageID(s), err
}

// NewSignInTokenID returns a fresh sign-in token identifier. It fails only when entropy does.
func NewSignInTokenID(now time.Time, entropy io.Reader) (SignInTokID, error) {
	s, err := newID(prefixSignInToken, now, entropy)
	return SignInTokID(s), err
}

// NewActorTokenID returns a fresh identifier of a sign-in token with which
// somebody acts for the user. It fails only when entropy does.
func NewActorTokenID(now time.Time, entropy io.Reader) (SignInTokID, error) {
	s, err := newID(prefixActorToken, now, entropy)
	return SignInTokID(s), err
}

// OwnsSignInTicket says whether the owner of a ticket is a sign-in token, of
// whichever kind, and not an invitation.
func OwnsSignInTicket(owner string) bool {
	return ValidID(prefixSignInToken, owner) || ValidID(prefixActorToken, owner)
}

// NewProxyCheckID returns a fresh identifier of a proxy check: proxchk_…
// It fails only when entropy does.
func NewProxyCheckID(now time.Time, entropy io.Reader) (string, error) {
	return newID("proxchk", now, entropy)
}

func newID(prefix string, now time.Time, entropy io.Reader) (string, error) {
	var raw [20]byte
	binary.BigEndian.PutUint32(raw[:4], uint32(now.Unix()-idEpoch)) //nolint:gosec // wraps in 2150 by design
	if _, err := io.ReadFull(entropy, raw[4:]); err != nil {
		return "", fmt.Errorf("read entropy for %s id: %w", prefix, err)
	}
	out := make([]byte, len(prefix)+1+idBody)
	copy(out, prefix)
	out[len(prefix)] = '_'
	encodeBase62(out[len(prefix)+1:], raw)
	return string(out), nil
}

// encodeBase62 writes the 160-bit big-endian number as exactly 27 digits by
// repeated division, most significant digit first.
func encodeBase62(dst []byte, raw [20]byte) {
	var words [5]uint32
	for i := range words {
		words[i] = binary.BigEndian.Uint32(raw[i*4:])
	}
	for i := idBody - 1; i >= 0; i-- {
		var rem uint64
		for w := range words {
			cur := rem<<32 | uint64(words[w])
			words[w] = uint32(cur / 62) //nolint:gosec // quotient fits: rem < 62
			rem = cur % 62
		}
		dst[i] = base62[rem]
	}
}

// ValidID says whether s has the shape of an identifier with this prefix. It
// lets handlers answer "not found" for garbage without asking the store.
func ValidID(prefix, s string) bool {
	body, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(body) == 0 || len(body) > 64 {
		return false
	}
	for i := range len(body) {
		c := body[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
