package notify

import "github.com/perennialauth/perennial/internal/auth"

// textWordings are what is sent to phones, where every word costs. Kinds that are
// missing here are not worth a text to a number. The code comes early, so that
// a lock screen shows it, and nothing can be tapped: a link in a text is what
// people are taught to distrust.
var textWordings = []wording{
	{
		auth.NoticeVerifyCode, "verification_code", "Verification code", codeVariables, []string{varCode},
		"", "{{otp_code}} is your {{app.name}} verification code. Do not give it to anybody.",
	},
	{
		auth.NoticeResetCode, "reset_password_code", "Reset password code", codeVariables, []string{varCode},
		"", "{{otp_code}} is your {{app.name}} password reset code. Do not give it to anybody.",
	},
	{
		auth.NoticeAccountExists, "account_exists", "Account exists", plainVariables, nil,
		"", "Somebody tried to use this number with {{app.name}}, but it has an account already. If it was not you, there is nothing to do.",
	},
}
