package respond

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// oauthTable is what signing in with accounts elsewhere is refused with.
var oauthTable = map[auth.Code]answer{
	auth.CodeExternalAccountNotFound: {
		http.StatusUnprocessableEntity, "No account yet", "There is no account for this sign-in here yet.",
	},
	auth.CodeExternalAccountExists: {
		http.StatusUnprocessableEntity, "Account exists", "There is an account here that belongs to this sign-in already.",
	},
	auth.CodeOAuthAccessDenied: {
		http.StatusForbidden, "Access was denied", "The provider was not allowed to tell who you are. Try again, or use another method.",
	},
	auth.CodeOAuthStateInvalid: {
		http.StatusBadRequest, "Sign-in is over", "This sign-in does not belong to this browser, or has ended. Start again.",
	},
	auth.CodeOAuthTokenExchange: {
		http.StatusUnprocessableEntity, "Provider refused", "The provider did not confirm the sign-in. Start again.",
	},
	auth.CodeOAuthIDTokenInvalid: {
		http.StatusUnprocessableEntity, "Proof is not valid", "What the provider sent does not prove this sign-in. Start again.",
	},
	auth.CodeOAuthFetchUser: {
		http.StatusUnprocessableEntity, "Provider told nothing", "The provider did not tell who you are. Try again.",
	},
	auth.CodeOAuthOtherAccount: {
		http.StatusUnprocessableEntity, "Another account", "You were signed in to the provider with another account than the connected one.",
	},
	auth.CodeOAuthNotConfigured: {
		http.StatusUnprocessableEntity, "Provider is not set up", "This provider is not set up correctly here.",
	},
	auth.CodeOAuthTokenMissing: {
		http.StatusUnprocessableEntity, "No valid token", "There is no token of this provider that still works. Connect the account again.",
	},
	auth.CodeOAuthProviderDown: {
		http.StatusServiceUnavailable, "Provider is not reachable", "The provider cannot be reached right now. Try again in a moment.",
	},
}
