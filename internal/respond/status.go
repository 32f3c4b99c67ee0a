package respond

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// answer is what a code means over HTTP and to a person.
type answer struct {
	status  int
	message string // short
	long    string // shown to users by the published components
}

// table is the only place that knows the status of a code. Statuses follow
// what the published SDKs do with them: 401 only for proven ends of a
// session, 422 for anything the person can correct, 503 for our own trouble.
// A code that is not listed answers 422 with its own name.
var table = map[auth.Code]answer{
	auth.CodeAuthenticationInvalid: {
		http.StatusUnauthorized, "Session is over", "This session has ended. Sign in again to continue.",
	},
	auth.CodeSignedOut: {
		http.StatusUnauthorized, "Signed out", "You are signed out. Sign in to continue.",
	},
	auth.CodeSecretKeyInvalid: {
		http.StatusUnauthorized, "Secret key is not valid",
		"The secret key is missing or is not one of this instance. Send it as a bearer token in the Authorization header.",
	},
	auth.CodeDeviceProofRequired: {
		http.StatusUnauthorized, "Device proof required",
		"This credential can be used only on the device that it was made for.",
	},
	auth.CodeCredentialMissing: {
		http.StatusUnauthorized, "Client credential is missing", "The request brought no client credential. Sign in to continue.",
	},
	auth.CodeAuthorizationInvalid: {
		http.StatusForbidden, "Not permitted", "You may not perform this request.",
	},
	auth.CodeUserBanned:      {http.StatusForbidden, "Account is banned", "This account has been banned. Contact support."},
	auth.CodeSignUpForbidden: {http.StatusForbidden, "Sign-up is closed", "New accounts cannot be created here at the moment."},
	auth.CodeOriginInvalid: {
		http.StatusBadRequest, "Origin is not allowed", "Requests from this web origin are not allowed by this instance.",
	},
	auth.CodeUserLocked: {
		http.StatusForbidden, "Account is locked",
		"There were too many failed attempts. The account unlocks by itself; try again later.",
	},
	auth.CodeResourceNotFound: {http.StatusNotFound, "Not found", "No such resource was found."},
	auth.CodeRouteNotFound:    {http.StatusNotFound, "Not found", "There is nothing at this path."},
	auth.CodeAssetsMissing: {
		http.StatusNotFound, "Scripts are not here",
		"This release of the browser scripts is not on this instance. On its machine, run the command that meta names.",
	},
	auth.CodeMethodNotAllowed: {
		http.StatusMethodNotAllowed, "Method not allowed", "This path does not accept this method. The Allow header names those it does.",
	},
	auth.CodeNotImplemented: {
		http.StatusNotImplemented, "Not implemented", "This server does not offer this yet.",
	},
	auth.CodeSessionExists: {
		http.StatusBadRequest, "Already signed in", "You are already signed in. Sign out first to use another account.",
	},
	auth.CodeIdentifierAlreadySignedIn: {
		http.StatusBadRequest, "Already signed in", "This account is already signed in here.",
	},
	auth.CodeIdentifierNotFound: {
		http.StatusUnprocessableEntity, "Account not found", "No account was found for this identifier.",
	},
	auth.CodeIdentifierExists: {
		http.StatusUnprocessableEntity, "Already taken", "This identifier is already taken. Try another.",
	},
	auth.CodePasswordIncorrect: {
		http.StatusUnprocessableEntity, "Password is incorrect", "The password is not correct. Try again, or use another method.",
	},
	auth.CodePasswordTooShort: {
		http.StatusUnprocessableEntity, "Password is too short", "Passwords must be at least 8 characters long.",
	},
	auth.CodePasswordTooLong: {
		http.StatusUnprocessableEntity, "Password is too long", "Passwords must be at most 72 characters long.",
	},
	auth.CodePasswordPwned: {
		http.StatusUnprocessableEntity, "Password is known to attackers",
		"This password is among the first that attackers try. For the safety of the account, use a different one.",
	},
	auth.CodePasswordNotStrong: {
		http.StatusUnprocessableEntity, "Password is too weak", "This password is too easy to guess. Use a longer or less common one.",
	},
	auth.CodeCodeIncorrect:       {http.StatusUnprocessableEntity, "Code is incorrect", "The code is not correct. Check it and try again."},
	auth.CodeVerificationExpired: {http.StatusUnprocessableEntity, "Code has expired", "This code has expired. Ask for a new one."},
	auth.CodeVerificationFailed: {
		http.StatusUnprocessableEntity, "Too many wrong codes", "There were too many wrong attempts. Ask for a new code.",
	},
	auth.CodeVerificationAlreadyVerified: {
		http.StatusUnprocessableEntity, "Already verified", "This has already been verified.",
	},
	auth.CodeUnsupportedCountry: {
		http.StatusUnprocessableEntity, "Country not supported", "Messages cannot be sent to numbers of this country.",
	},
	auth.CodeVerificationMissing: {
		http.StatusUnprocessableEntity, "Nothing to verify", "Ask for a code before submitting one.",
	},
	auth.CodeStrategyForUserInvalid: {
		http.StatusUnprocessableEntity, "Method not available", "This verification method is not available for this account.",
	},
	auth.CodeStrategyUnsupported: {
		http.StatusUnprocessableEntity, "Method not supported", "This verification method is not supported.",
	},
	auth.CodeParamMissing: {http.StatusUnprocessableEntity, "Is missing", "A required parameter is missing."},
	auth.CodeParamNil:     {http.StatusUnprocessableEntity, "Is empty", "A required parameter is empty."},
	auth.CodeParamUnknown: {http.StatusUnprocessableEntity, "Is unknown", "This parameter is not known here."},
	auth.CodeParamInvalid: {http.StatusUnprocessableEntity, "Is invalid", "A parameter has a value that is not accepted."},
	auth.CodeParamFormatInvalid: {
		http.StatusUnprocessableEntity, "Has an invalid format", "A parameter does not have the expected format.",
	},
	auth.CodeParamTooLong:   {http.StatusUnprocessableEntity, "Is too long", "A parameter is longer than accepted."},
	auth.CodeParamDuplicate: {http.StatusUnprocessableEntity, "Is repeated", "A parameter was given more than once."},
	auth.CodeTicketInvalid:  {http.StatusUnprocessableEntity, "Ticket is invalid", "This link or ticket is not valid."},
	auth.CodeTicketExpired:  {http.StatusUnprocessableEntity, "Ticket has expired", "This link or ticket has expired."},
	auth.CodeTicketConsumed: {http.StatusUnprocessableEntity, "Ticket was used", "This link or ticket has been used already."},
	auth.CodeSignInTokenNotPending: {
		http.StatusBadRequest, "Not pending", "Only a sign-in token that is still pending can be revoked.",
	},
	auth.CodeAttemptInvalidState: {
		http.StatusUnprocessableEntity, "Not possible now", "This step does not fit the state of the attempt. Start again.",
	},
	auth.CodeTooManyRequests: {
		http.StatusTooManyRequests, "Too many requests", "There were too many requests. Wait a moment and try again.",
	},
	auth.CodeBodyInvalid: {
		http.StatusBadRequest, "Body is malformed", "The request body could not be read as the content type it claims.",
	},
	auth.CodeBodyTooLarge: {
		http.StatusRequestEntityTooLarge, "Body is too large", "The request body is larger than accepted.",
	},
	auth.CodeContentTypeInvalid: {
		http.StatusUnsupportedMediaType, "Content type is not supported",
		"Send application/x-www-form-urlencoded, application/json or multipart/form-data.",
	},
	auth.CodeServiceUnavailable: {
		http.StatusServiceUnavailable, "Temporarily unavailable", "The service cannot answer right now. Try again in a moment.",
	},
	auth.CodeUsernameLength: {
		http.StatusUnprocessableEntity, "Username has the wrong length", "Usernames have between 4 and 64 characters.",
	},
	auth.CodeUsernameCharacter: {
		http.StatusUnprocessableEntity, "Username has other characters",
		"Usernames have only the letters a to z, digits, _ and -, and not digits alone.",
	},
	auth.CodeSecretKeyFormat: {
		http.StatusUnauthorized, "Authorization header is not valid",
		"Send the secret key of this instance in the Authorization header as a bearer token.",
	},
	auth.CodeNoPasswordSet: {http.StatusBadRequest, "No password", "This account has no password."},
	auth.CodePasswordWrong: {http.StatusUnprocessableEntity, "Password is incorrect", "The password is not correct."},
	auth.CodeLastIdentification: {
		http.StatusConflict, "Last identifier", "The last identifier of an account cannot be removed.",
	},
	auth.CodeInvalidForEnvironment: {
		http.StatusBadRequest, "Not in this environment", "Production instances do not offer this operation.",
	},
	auth.CodePasswordHasherUnknown: {
		http.StatusUnprocessableEntity, "Hasher is not supported", "Password digests of this hasher are not supported here.",
	},
	auth.CodePasswordDigestInvalid: {
		http.StatusUnprocessableEntity, "Digest is invalid", "The password digest does not have the format of its hasher.",
	},
	auth.CodePrimaryNotVerified: {
		http.StatusUnprocessableEntity, "Not verified", "Only a verified address can be the primary one.",
	},
	auth.CodeRefreshTokenInvalid: {
		http.StatusUnauthorized, "Refresh token is invalid", "The refresh token is not valid. Fall back to the handshake.",
	},
	auth.CodeRequiredIdentification: {
		http.StatusUnprocessableEntity, "Data is missing", "A parameter that this instance requires is missing.",
	},
	auth.CodePasswordRequired: {
		http.StatusUnprocessableEntity, "Password is required", "The password is the only way to sign in to this account, or one is required here.",
	},
	auth.CodeWebhookEndpointQuota: {
		http.StatusForbidden, "Too many endpoints", "This instance has as many webhook endpoints as it can have. Remove one first.",
	},
	auth.CodeFeatureNotEnabled: {
		http.StatusForbidden, "Not enabled", "This instance or account does not have this feature enabled.",
	},
	auth.CodeTOTPExists: {
		http.StatusBadRequest, "Already set up", "An authenticator app is already set up. Remove it first.",
	},
	auth.CodeTOTPMissing: {
		http.StatusBadRequest, "Not set up", "This account has neither an authenticator app nor backup codes.",
	},
	auth.CodeSecondFactorRequired: {
		http.StatusForbidden, "Second factor is required", "Accounts need a second factor here; set up another one first.",
	},
	auth.CodeReverificationRequired: {
		http.StatusForbidden, "Additional verification is required", "Prove once more that it is you to continue.",
	},
	auth.CodeReverificationMissing: {
		http.StatusNotFound, "No verification is open", "Begin the verification again.",
	},
	auth.CodeImageInvalid: {
		http.StatusUnprocessableEntity, "Image cannot be read", "Upload a picture in PNG, JPEG, GIF or WebP format.",
	},
	auth.CodeImageTooLarge: {
		http.StatusRequestEntityTooLarge, "Image is too large", "The picture has too many bytes or too many pixels.",
	},
	auth.CodeBrowserFlowOver: {
		http.StatusGone, "Sign-in is over", "This sign-in has ended or has taken too long. Go back to the app and start again.",
	},
	auth.CodePKCEFailed: {
		http.StatusUnprocessableEntity, "Verifier does not match", "This request does not come from the app that began the sign-in.",
	},
	auth.CodeApprovalTokenConsumed: {
		http.StatusUnprocessableEntity, "Link is used up", "This link has been used already. Ask for a new one.",
	},
	auth.CodeApprovalTokenExpired: {
		http.StatusUnprocessableEntity, "Link has expired", "This link has expired. Ask for a new one.",
	},
	auth.CodeApprovalTokenInvalid: {
		http.StatusUnprocessableEntity, "Link is not valid", "This link is not valid. Ask for a new one.",
	},
	auth.CodeFlowNotApproved: {
		http.StatusUnprocessableEntity, "Not approved yet", "Follow the link in the mail first.",
	},
	auth.CodeNotAllowedAccess: {
		http.StatusForbidden, "Access is not allowed", "This address or number may not be used here.",
	},
	auth.CodeSignUpWaitlist: {
		http.StatusForbidden, "Sign-up is by invitation", "New accounts are by invitation only. Join the waitlist to be invited.",
	},
	auth.CodeInvitationNotPending: {
		http.StatusBadRequest, "Not pending", "Only an invitation that is still pending can be revoked.",
	},
	auth.CodeInvitationExists: {
		http.StatusBadRequest, "Already invited", "There is a pending invitation for this address already.",
	},
	auth.CodeWaitlistEntryNotFit: {
		http.StatusConflict, "Not pending", "This waitlist entry has been decided already.",
	},
	auth.CodeWaitlistNotEnabled: {
		http.StatusForbidden, "No waitlist", "This instance has no waitlist.",
	},
	auth.CodeDuplicateRecordForList: {
		http.StatusBadRequest, "Already listed", "This identifier is on the list already.",
	},
	auth.CodeInternal: {
		http.StatusInternalServerError, "Unexpected error", "Something went wrong on our side. Quote the trace id when asking for help.",
	},
}

// lookup returns the answer of code, with a defined one for codes that are
// not listed.
func lookup(code auth.Code) answer {
	if a, ok := listed(code); ok {
		return a
	}
	return answer{http.StatusUnprocessableEntity, string(code), "The request was refused: " + string(code) + "."}
}

// Known says whether a code is one of ours, and no text that somebody has made
// up.
func Known(code auth.Code) bool {
	_, ok := listed(code)
	return ok
}

// listed returns the answer of a code that some table lists.
func listed(code auth.Code) (answer, bool) {
	for _, t := range []map[auth.Code]answer{table, organizationTable, passkeyTable, tokenTable, oauthTable} {
		if a, ok := t[code]; ok {
			return a, true
		}
	}
	return answer{}, false
}
