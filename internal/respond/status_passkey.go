package respond

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// passkeyTable is the part of [table] about passkeys and trusted devices.
var passkeyTable = map[auth.Code]answer{
	auth.CodePasskeyFailed: {
		http.StatusBadRequest, "Passkey was not accepted", "This passkey could not be verified. Try again, or use another method.",
	},
	auth.CodePasskeyCredentialInvalid: {
		http.StatusUnprocessableEntity, "Is invalid", "What the authenticator sent is not a valid credential for this request.",
	},
	auth.CodePasskeyNonceInvalid: {
		http.StatusBadRequest, "No challenge is open", "This passkey request was answered already or was never made. Start again.",
	},
	auth.CodePasskeyNotRegistered: {
		http.StatusNotFound, "Passkey is not registered", "This passkey is not registered here. Use another one or another method.",
	},
	auth.CodePasskeyNotVerified: {
		http.StatusUnprocessableEntity, "Registration is incomplete", "Finish the registration of this passkey first.",
	},
	auth.CodeTrustedDeviceNotRegistered: {
		http.StatusUnprocessableEntity, "Device is not trusted", "This device is not registered for signing in. Use another method and register it again.",
	},
	auth.CodeNativeOnly: {
		http.StatusForbidden, "For apps only", "Only native apps can use this.",
	},
	auth.CodePasskeyQuota: {
		http.StatusForbidden, "Too many passkeys", "This account has as many passkeys as it can have. Remove one first.",
	},
}
