package auth

// Codes about second factors and what an instance has switched off.
const (
	CodeFeatureNotEnabled      Code = "feature_not_enabled"
	CodeTOTPExists             Code = "totp_already_enabled"
	CodeTOTPMissing            Code = "totp_not_enabled"
	CodeSecondFactorRequired   Code = "second_factor_required"
	CodeReverificationRequired Code = "session_reverification_required"
	CodeReverificationMissing  Code = "session_reverification_not_found"
	CodeImageInvalid           Code = "image_invalid"
	CodeImageTooLarge          Code = "image_too_large"
)
