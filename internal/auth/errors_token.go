package auth

// Codes about what tokens contain and who acts.
const (
	CodeReservedClaim        Code = "jwt_template_reserved_claim"
	CodeTokenTooLarge        Code = "jwt_template_claims_too_large"
	CodeTemplateNameTaken    Code = "jwt_template_name_taken"
	CodeActorTokenNotPending Code = "actor_token_cannot_be_revoked_code"
	CodeActorForbidden       Code = "action_forbidden_for_actor"
)
