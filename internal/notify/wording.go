package notify

import (
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/locale"
)

// wording is a message as long as nobody says it differently. What it says are
// the messages mail.<slug>.subject and mail.<slug>.body of the catalogue, or
// text.<slug>.
type wording struct {
	kind      auth.NoticeKind
	slug      string
	name      string
	variables []string // that may be used, sorted
	required  []string // that the body must use
}

// said is a wording in a language: templates into which values are put.
type said struct {
	subject string // empty for a text
	body    string // plain text
	button  string // of the link in it, or empty
}

// in is what the wording says in a language. Its variables have the names that
// templates of the instance use.
func (w wording) in(channel Channel, l locale.Language) said {
	texts := locale.In(l)
	text := func(key string) string {
		return texts.T(key, "App", variable(varApp), "Code", variable(varCode), "Device", variable(varDevice), "Link", w.link(), "Minutes", variable(varMinutes),
			"Org", variable(varOrganization), "Passkey", variable(varPasskey), "To", variable(varRecipient))
	}
	if channel == SMS {
		return said{body: text("text." + w.slug)}
	}
	out := said{subject: text("mail." + w.slug + ".subject"), body: text("mail."+w.slug+".body") + "\n"}
	if button := "mail." + w.slug + ".button"; texts.Has(button) {
		out.button = texts.T(button)
	}
	return out
}

// link is the variable of the link that the message is about.
func (w wording) link() locale.Verbatim {
	if slices.Contains(w.required, varAction) {
		return variable(varAction)
	}
	return variable(varLink)
}

func variable(name string) locale.Verbatim { return locale.Verbatim("{{" + name + "}}") }

// opens says whether the message holds what somebody gets in with. Such messages
// are always sent: there is no event that would hand the secret to anybody else,
// so that switching them off would lock people out without a word.
func (w wording) opens() bool {
	return slices.Contains(w.required, varCode) || slices.Contains(w.required, varLink)
}

var (
	plainVariables = []string{varApp, varRecipient}
	codeVariables  = []string{varApp, varCode, varRecipient, varMinutes}
	linkVariables  = []string{varApp, varLink, varRecipient, varMinutes}
	keyVariables   = []string{varApp, varPasskey, varRecipient}
)

// mailWordings are the mails, in the order of lists.
var mailWordings = []wording{
	{auth.NoticeVerifyCode, "verification_code", "Verification code", codeVariables, []string{varCode}},
	{auth.NoticeVerifyLink, "magic_link", "Magic link", linkVariables, []string{varLink}},
	{auth.NoticeResetCode, "reset_password_code", "Reset password code", codeVariables, []string{varCode}},
	{auth.NoticeAccountExists, "account_exists", "Account exists", plainVariables, nil},
	{auth.NoticeNoAccount, "no_account", "No account", plainVariables, nil},
	{auth.NoticeInvitation, "invitation", "Invitation", []string{varAction, varApp, varRecipient}, []string{varAction}},
	{auth.NoticePasswordChanged, "password_changed", "Password changed", plainVariables, nil},
	{auth.NoticePrimaryChanged, "primary_email_address_changed", "Primary email address changed", plainVariables, nil},
	{
		auth.NoticeOrgInvitation, "organization_invitation", "Organization invitation",
		[]string{varAction, varApp, varOrganization, varRecipient}, []string{varAction},
	},
	{auth.NoticeNewDevice, "new_device", "New device", []string{varApp, varDevice, varRecipient}, nil},
	{auth.NoticePasskeyAdded, "passkey_added", "Passkey added", keyVariables, nil},
	{auth.NoticePasskeyRemoved, "passkey_removed", "Passkey removed", keyVariables, nil},
}

// textWordings are what is sent to phones, where every word costs. Kinds that are
// missing here are not worth a text to a number. The code comes early, so that
// a lock screen shows it, and nothing can be tapped: a link in a text is what
// people are taught to distrust.
var textWordings = []wording{
	{auth.NoticeVerifyCode, "verification_code", "Verification code", codeVariables, []string{varCode}},
	{auth.NoticeResetCode, "reset_password_code", "Reset password code", codeVariables, []string{varCode}},
	{auth.NoticeAccountExists, "account_exists", "Account exists", plainVariables, nil},
}
