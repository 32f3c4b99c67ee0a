package notify

import (
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

// wording is what a message says as long as nobody says it differently.
type wording struct {
	kind      auth.NoticeKind
	slug      string
	name      string
	variables []string // that may be used, sorted
	required  []string // that the body must use
	subject   string   // empty for a text
	body      string
}

// opens says whether the message holds what somebody gets in with. Such messages
// are always sent: there is no event that would hand the secret to anybody else,
// so that switching them off would lock people out without a word.
func (w wording) opens() bool {
	return slices.Contains(w.required, varCode) || slices.Contains(w.required, varLink)
}

var (
	plainVariables = []string{varApp, varRecipient}
	codeVariables  = []string{varApp, varCode, varRecipient, varMinutes}
)

// mailWordings are the mails, in the order of lists.
var mailWordings = []wording{
	{
		auth.NoticeVerifyCode, "verification_code", "Verification code", codeVariables, []string{varCode},
		"{{otp_code}} is your {{app.name}} verification code",
		`Your verification code for {{app.name}} is

    {{otp_code}}

It is valid for {{ttl_minutes}} minutes and works once. Do not give it to anybody:
nobody from {{app.name}} will ask for it.

If you did not ask for it, you can ignore this mail. Without the code nobody
gets in.
`,
	},
	{
		auth.NoticeVerifyLink, "magic_link", "Magic link", []string{varApp, varLink, varRecipient, varMinutes}, []string{varLink},
		"Your {{app.name}} sign-in link",
		`Open this link to prove that this address is yours, and to go on with {{app.name}}:

    {{magic_link}}

It is valid for {{ttl_minutes}} minutes and works once. Do not give it to anybody, and
open it only if you have just asked for it.

If you did not ask for it, you can ignore this mail. Without the link nobody
gets in.
`,
	},
	{
		auth.NoticeResetCode, "reset_password_code", "Reset password code", codeVariables, []string{varCode},
		"{{otp_code}} is your {{app.name}} password reset code",
		`Your code to set a new password for {{app.name}} is

    {{otp_code}}

It is valid for {{ttl_minutes}} minutes and works once. Do not give it to anybody.

If you did not ask for a new password, you can ignore this mail. Your password
stays as it is.
`,
	},
	{
		auth.NoticeAccountExists, "account_exists", "Account exists", plainVariables, nil,
		"You already have an {{app.name}} account",
		`Somebody tried to create an account for {{app.name}} with {{recipient}}, but this address
has one already.

If it was you, sign in instead; if you forgot the password, choose to reset it.
If it was not you, there is nothing to do: nothing was changed.
`,
	},
	{
		auth.NoticeNoAccount, "no_account", "No account", plainVariables, nil,
		"No {{app.name}} account for this address",
		`Somebody tried to sign in to {{app.name}} with {{recipient}}, but there is no account with
this address.

If it was you, you may have used another address, or need to sign up first.
If it was not you, there is nothing to do.
`,
	},
	{
		auth.NoticeInvitation, "invitation", "Invitation", []string{varAction, varApp, varRecipient}, []string{varAction},
		"You are invited to {{app.name}}",
		`You are invited to create an account for {{app.name}}:

    {{action_url}}

The link is for {{recipient}} and works once. If you did not expect it, you can ignore
this mail.
`,
	},
	{
		auth.NoticePasswordChanged, "password_changed", "Password changed", plainVariables, nil,
		"Your {{app.name}} password was changed",
		`The password of your account for {{app.name}} was changed.

If it was not you, reset your password at once and sign out of all devices.
`,
	},
	{
		auth.NoticePrimaryChanged, "primary_email_address_changed", "Primary email address changed", plainVariables, nil,
		"The address of your {{app.name}} account was changed",
		`{{recipient}} is no longer the primary address of your account for {{app.name}}.
Mails about the account go to another one.

If you did not want that, write to {{app.name}}.
`,
	},
	{
		auth.NoticeOrgInvitation, "organization_invitation", "Organization invitation", []string{varAction, varApp, varOrganization, varRecipient}, []string{varAction},
		"Invitation to {{org.name}} on {{app.name}}",
		`You are invited to join {{org.name}} on {{app.name}}. To accept, open

    {{action_url}}

The link is for you alone: whoever has it can join as {{recipient}}.

If you do not know {{org.name}}, you can ignore this mail.
`,
	},
	{
		auth.NoticePasskeyAdded, "passkey_added", "Passkey added", []string{varApp, varPasskey, varRecipient}, nil,
		"A passkey was added to your {{app.name}} account",
		`A passkey was added to your account for {{app.name}}: {{passkey_name}}

If it was not you, remove it in your account, change your password and sign out
of all devices.
`,
	},
	{
		auth.NoticePasskeyRemoved, "passkey_removed", "Passkey removed", []string{varApp, varPasskey, varRecipient}, nil,
		"A passkey was removed from your {{app.name}} account",
		`A passkey was removed from your account for {{app.name}}: {{passkey_name}}

If it was not you, change your password and sign out of all devices.
`,
	},
}
