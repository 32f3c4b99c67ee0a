package auth

// Codes of flows through a browser or a mail. Published apps drop what they
// keep of a flow when they read one of these.
const (
	CodeBrowserFlowOver       Code = "browser_flow_over"
	CodePKCEFailed            Code = "pkce_verification_failed"
	CodeApprovalTokenConsumed Code = "approval_token_consumed"
	CodeApprovalTokenExpired  Code = "approval_token_expired"
	CodeApprovalTokenInvalid  Code = "approval_token_invalid"
	CodeFlowNotApproved       Code = "flow_not_approved"
)
