package respond

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// tokenTable is the part of [table] about what tokens contain and who acts.
var tokenTable = map[auth.Code]answer{
	auth.CodeReservedClaim: {
		http.StatusUnprocessableEntity, "Claim is reserved", "A claim of the template is one that the server sets itself.",
	},
	auth.CodeTokenTooLarge: {
		http.StatusUnprocessableEntity, "Token is too large", "With the values put in, the claims of this template are too large.",
	},
	auth.CodeTemplateNameTaken: {
		http.StatusUnprocessableEntity, "Name is taken", "There is another template with this name.",
	},
	auth.CodeActorTokenNotPending: {
		http.StatusBadRequest, "Actor token was used", "An actor token that was used cannot be revoked.",
	},
	auth.CodeActorForbidden: {
		http.StatusForbidden, "Only the user may do this", "This cannot be done on behalf of somebody else.",
	},
}
