package notify

import (
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// Channel is how a message travels.
type Channel string

// Channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// channelOf tells from the normalised receiver: only numbers begin with a plus
// sign.
func channelOf(to string) Channel {
	if strings.HasPrefix(to, "+") {
		return SMS
	}
	return Email
}

// Mail is a worded message: a mail, or a text to a phone.
type Mail struct {
	ID      string // of the message; the same each time it is tried
	To      string
	Channel Channel
	Subject string // empty for a text
	Body    string // plain text
	Code    string // the one-time code in it, or empty
	Link    string // the link in it, or empty
}

// wording is one kind's text. {app}, {code}, {to}, {minutes}, {link} and {about} are replaced.
type wording struct{ subject, body string }

var wordings = map[auth.NoticeKind]wording{
	auth.NoticeVerifyCode: {
		"{code} is your {app} verification code",
		`Your verification code for {app} is

    {code}

It is valid for {minutes} minutes and works once. Do not give it to anybody:
nobody from {app} will ask for it.

If you did not ask for it, you can ignore this mail. Without the code nobody
gets in.
`,
	},
	auth.NoticeVerifyLink: {
		"Your {app} sign-in link",
		`Open this link to prove that this address is yours, and to go on with {app}:

    {link}

It is valid for {minutes} minutes and works once. Do not give it to anybody, and
open it only if you have just asked for it.

If you did not ask for it, you can ignore this mail. Without the link nobody
gets in.
`,
	},
	auth.NoticeResetCode: {
		"{code} is your {app} password reset code",
		`Your code to set a new password for {app} is

    {code}

It is valid for {minutes} minutes and works once. Do not give it to anybody.

If you did not ask for a new password, you can ignore this mail. Your password
stays as it is.
`,
	},
	auth.NoticeAccountExists: {
		"You already have an {app} account",
		`Somebody tried to create an account for {app} with {to}, but this address
has one already.

If it was you, sign in instead; if you forgot the password, choose to reset it.
If it was not you, there is nothing to do: nothing was changed.
`,
	},
	auth.NoticeNoAccount: {
		"No {app} account for this address",
		`Somebody tried to sign in to {app} with {to}, but there is no account with
this address.

If it was you, you may have used another address, or need to sign up first.
If it was not you, there is nothing to do.
`,
	},
	auth.NoticeInvitation: {
		"You are invited to {app}",
		`You are invited to create an account for {app}:

    {link}

The link is for {to} and works once. If you did not expect it, you can ignore
this mail.
`,
	},
	auth.NoticePasswordChanged: {
		"Your {app} password was changed",
		`The password of your account for {app} was changed.

If it was not you, reset your password at once and sign out of all devices.
`,
	},
	auth.NoticeOrgInvitation: {
		"Invitation to {about} on {app}",
		`You are invited to join {about} on {app}. To accept, open

    {link}

The link is for you alone: whoever has it can join as {to}.

If you do not know {about}, you can ignore this mail.
`,
	},
}

// word renders a notice. The second result is false for a notice that nobody
// is to receive.
func word(n auth.Notice, application string) (Mail, bool) {
	channel := channelOf(n.To)
	w, known := wordings[n.Kind]
	if channel == SMS {
		w.subject = ""
		w.body, known = texts[n.Kind]
	}
	if !known || n.To == "" {
		return Mail{}, false
	}
	fill := strings.NewReplacer("{app}", application, "{code}", n.Code, "{to}", n.To, "{minutes}", codeMinutes,
		"{link}", n.Link, "{about}", n.About)
	return Mail{To: n.To, Channel: channel, Subject: fill.Replace(w.subject), Body: fill.Replace(w.body), Code: n.Code, Link: n.Link}, true
}
