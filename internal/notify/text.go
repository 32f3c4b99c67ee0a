package notify

import "github.com/perennialauth/perennial/internal/auth"

// texts are what is sent to phones, where every word costs. Kinds that are
// missing here are not worth a text to a number. The code comes early, so that
// a lock screen shows it, and nothing can be tapped: a link in a text is what
// people are taught to distrust.
var texts = map[auth.NoticeKind]string{
	auth.NoticeVerifyCode:    "{code} is your {app} verification code. Do not give it to anybody.",
	auth.NoticeResetCode:     "{code} is your {app} password reset code. Do not give it to anybody.",
	auth.NoticeAccountExists: "Somebody tried to use this number with {app}, but it has an account already. If it was not you, there is nothing to do.",
}
