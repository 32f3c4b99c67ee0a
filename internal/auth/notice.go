package auth

import "time"

// NoticeKind is what a notice is about.
type NoticeKind string

// Kinds of notices. The zero kind is delivered to nobody: a flow that must not
// tell whether an account exists composes and stores it where it would
// otherwise store a real one, so that both cases do the same work.
const (
	NoticeNobody          NoticeKind = ""
	NoticeVerifyCode      NoticeKind = "verification_code"
	NoticeVerifyLink      NoticeKind = "verification_link"
	NoticeResetCode       NoticeKind = "reset_password_code"
	NoticeAccountExists   NoticeKind = "account_exists"   // somebody tried to sign up with an address that has an account
	NoticeNoAccount       NoticeKind = "no_account"       // somebody tried to sign in with an address that has none
	NoticePasswordChanged NoticeKind = "password_changed" // changed, reset or removed
	NoticePrimaryChanged  NoticeKind = "primary_changed"  // another address names the account now
	NoticeNewDevice       NoticeKind = "new_device"       // somebody signed in where they had not been before
	NoticePasskeyAdded    NoticeKind = "passkey_added"
	NoticePasskeyRemoved  NoticeKind = "passkey_removed"
	NoticeInvitation      NoticeKind = "invitation" // to sign up
	NoticeOrgInvitation   NoticeKind = "organization_invitation"
)

// Notice is what one mail has to say, before it is worded and sealed.
type Notice struct {
	Kind  NoticeKind
	To    string // normalised address; empty for [NoticeNobody]
	Code  string // the one-time code, where the kind has one
	Link  string // what to open, where the kind has one
	About string // the name of what it is about, such as an organization; or empty
	At    time.Time
	// Language is one that the reader is known to read, as a tag such as de-AT;
	// empty when it is not known.
	Language string
}
