package auth

// Codes about who may sign up.
const (
	CodeNotAllowedAccess       Code = "not_allowed_access"
	CodeSignUpWaitlist         Code = "sign_up_restricted_waitlist"
	CodeInvitationNotPending   Code = "invitation_not_pending"
	CodeInvitationExists       Code = "duplicate_invitation"
	CodeWaitlistEntryNotFit    Code = "waitlist_entry_not_pending"
	CodeWaitlistNotEnabled     Code = "waitlist_not_enabled"
	CodeDuplicateRecordForList Code = "duplicate_record_for_list"
)
