package auth

import (
	"errors"
	"time"
)

// Code is the machine-readable reason of a refusal, in the words of the
// published Frontend and Backend API.
type Code string

// Codes that clients branch on or show. The HTTP status and the human text of
// each live in one table in package respond.
const (
	CodeAuthenticationInvalid       Code = "authentication_invalid"
	CodeResourceNotFound            Code = "resource_not_found"
	CodeSignedOut                   Code = "signed_out"
	CodeSessionExists               Code = "session_exists"
	CodeIdentifierAlreadySignedIn   Code = "identifier_already_signed_in"
	CodeIdentifierNotFound          Code = "form_identifier_not_found"
	CodeIdentifierExists            Code = "form_identifier_exists"
	CodePasswordIncorrect           Code = "form_password_incorrect"
	CodePasswordTooShort            Code = "form_password_length_too_short"
	CodePasswordTooLong             Code = "form_password_length_too_long"
	CodePasswordPwned               Code = "form_password_pwned"
	CodePasswordNotStrong           Code = "form_password_not_strong_enough"
	CodeCodeIncorrect               Code = "form_code_incorrect"
	CodeVerificationExpired         Code = "verification_expired"
	CodeVerificationFailed          Code = "verification_failed"
	CodeVerificationAlreadyVerified Code = "verification_already_verified"
	CodeVerificationMissing         Code = "verification_missing"
	CodeStrategyForUserInvalid      Code = "strategy_for_user_invalid"
	CodeParamMissing                Code = "form_param_missing"
	CodeParamNil                    Code = "form_param_nil"
	CodeParamUnknown                Code = "form_param_unknown"
	CodeParamInvalid                Code = "form_param_value_invalid"
	CodeParamFormatInvalid          Code = "form_param_format_invalid"
	CodeParamTooLong                Code = "form_param_max_length_exceeded"
	CodeParamDuplicate              Code = "form_param_duplicate"
	CodeSignUpForbidden             Code = "sign_up_mode_restricted"
	CodeUserLocked                  Code = "user_locked"
	CodeUserBanned                  Code = "user_banned"
	CodeTooManyRequests             Code = "too_many_requests"
	CodeTicketInvalid               Code = "ticket_invalid_code"
	CodeTicketExpired               Code = "ticket_expired_code"
	CodeTicketConsumed              Code = "sign_in_token_already_used_code"
	CodeSignInTokenNotPending       Code = "sign_in_token_cannot_be_revoked_code"
	CodeStrategyUnsupported         Code = "strategy_not_supported"
	CodeAttemptInvalidState         Code = "client_state_invalid"
	CodeAuthorizationInvalid        Code = "authorization_invalid"
	CodeCredentialMissing           Code = "client_credential_missing"
	CodeDeviceProofRequired         Code = "device_proof_required"
	CodeSecretKeyInvalid            Code = "clerk_key_invalid"
	CodeOriginInvalid               Code = "origin_invalid"
	CodeMethodNotAllowed            Code = "method_not_allowed"
	CodeRouteNotFound               Code = "route_not_found"
	CodeNotImplemented              Code = "not_implemented"
	CodeBodyInvalid                 Code = "request_body_invalid"
	CodeBodyTooLarge                Code = "request_body_too_large"
	CodeContentTypeInvalid          Code = "content_type_invalid"
	CodeAssetsMissing               Code = "assets_missing"
	CodeServiceUnavailable          Code = "service_unavailable"
	CodeInternal                    Code = "internal_error"
)

// Error is a refusal with a machine-readable code. It never carries a secret,
// an HTTP status or user-facing prose.
type Error struct {
	Code  Code
	Param string         // name of the offending parameter, or empty
	Meta  map[string]any // further published meta members, or nil
	Retry time.Duration  // when to try again, or zero
	Cause error          // for logs only, never shown
}

// Error implements error.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Param != "" {
		s += " (" + e.Param + ")"
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches by code, so that a copy with detail still matches.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Refuse returns an [*Error] with this code.
func Refuse(code Code) *Error { return &Error{Code: code} }

// RefuseParam returns an [*Error] with this code about one parameter.
func RefuseParam(code Code, param string) *Error { return &Error{Code: code, Param: param} }

// Store sentinels: the only errors, besides context errors and [ErrUnavailable],
// that a store returns for expected situations.
var (
	// ErrNotFound: a successful read proved that the thing does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a record moved on since it was read; load again and retry.
	ErrConflict = errors.New("conflict")
	// ErrExists: a unique identifier is already taken. Match with [ExistsError] for which.
	ErrExists = errors.New("already exists")
	// ErrUnavailable: the store cannot answer now. Says nothing about what it holds.
	ErrUnavailable = errors.New("unavailable")
)

// ExistsError names the unique thing that was already taken.
type ExistsError struct {
	What string // "email_address", "phone_number", "passkey", "username", "external_id", "slug", "key", "membership", "invitation", "domain", "suggestion" or "id"
}

// Error implements error.
func (e *ExistsError) Error() string { return e.What + " already exists" }

// Is makes the error match [ErrExists].
func (e *ExistsError) Is(target error) bool { return target == ErrExists }
