package core

// Effect is a request to the world: comparable data, never a function. The list
// is closed. Effects of one Step are performed in order; those that wait for an
// answer carry a RequestID that no other effect of the process carries.
type Effect interface{ isEffect() }

// RequestID pairs an effect with the event that answers it. An answer whose id
// is not awaited is ignored.
type RequestID uint64

// RequestKind names a request of the published Frontend API, with what an
// [Accepted] answer must carry.
type RequestKind string

const (
	// ReadClient is GET /v1/client. Accepted: status 200 exactly and Client set.
	// Any other status is Ambiguous, whatever its body.
	ReadClient RequestKind = "read-client"
	// MintToken is POST /v1/client/sessions/{SessionID}/tokens. Accepted: Token set.
	MintToken RequestKind = "mint-token"
	// RemoveSession is POST /v1/client/sessions/{SessionID}/remove. Accepted:
	// Session set; Client set when piggybacked.
	RemoveSession RequestKind = "remove-session"
	// RemoveSessions is DELETE /v1/client/sessions. Accepted: Client set.
	RemoveSessions RequestKind = "remove-sessions"

	// CreateSignIn is POST /v1/client/sign_ins with Identifier and, when
	// Password is set, strategy=password. Accepted: Attempt set; Client set
	// when piggybacked.
	CreateSignIn RequestKind = "create-sign-in"
	// PrepareFirstFactor is POST …/sign_ins/{AttemptID}/prepare_first_factor
	// with Strategy and, when set, FactorID as email_address_id.
	PrepareFirstFactor RequestKind = "prepare-first-factor"
	// AttemptFirstFactor is POST …/attempt_first_factor with Strategy and Code.
	AttemptFirstFactor RequestKind = "attempt-first-factor"
	// PrepareSecondFactor is POST …/prepare_second_factor.
	PrepareSecondFactor RequestKind = "prepare-second-factor"
	// AttemptSecondFactor is POST …/attempt_second_factor with Strategy and Code.
	AttemptSecondFactor RequestKind = "attempt-second-factor"
	// ResetPassword is POST …/reset_password with Password and SignOutOthers.
	ResetPassword RequestKind = "reset-password"
	// CreateSignUp is POST /v1/client/sign_ups with Identifier as email_address
	// and, when set, Password.
	CreateSignUp RequestKind = "create-sign-up"
	// PrepareVerification is POST …/sign_ups/{AttemptID}/prepare_verification.
	PrepareVerification RequestKind = "prepare-verification"
	// AttemptVerification is POST …/sign_ups/{AttemptID}/attempt_verification.
	AttemptVerification RequestKind = "attempt-verification"

	// StartFlow is POST /v1/client/hosted_auth with Redirect, State, Challenge
	// and SignUp. Accepted: URL set.
	StartFlow RequestKind = "start-browser-flow"
	// RedeemFlow is POST /v1/client with _method=GET, Nonce and Verifier.
	// Accepted: status 200 exactly and Client set.
	RedeemFlow RequestKind = "redeem-browser-flow"
)

// Timer names one of the timers. Setting a timer replaces its former setting.
type Timer int

const (
	TimerLocalDeadline Timer = iota // bounds the first verdict
	TimerStore                      // read or write again
	TimerConfirm                    // ask the server again
	TimerRefresh                    // renew the session token
	TimerRevoke                     // deliver a revocation again
	TimerRecheck                    // confirm an active session again
	TimerOffline                    // the offline limit is reached
	TimerFlow                       // redeem a browser flow again
	timers                          // their number
)

type (
	// LoadRecord asks for the stored record.
	LoadRecord struct{ ID RequestID }

	// SaveRecord asks to replace the stored record Previous by Data under the
	// name Next, as one durable step. Data is sealed by whoever stores it.
	SaveRecord struct {
		ID       RequestID
		Previous Version
		Next     Version
		Data     Secret
		// Beside allows writing although the stored record cannot be read, by
		// the store or by this version; it is set aside, never deleted.
		Beside bool
		// Final asks that no earlier record can be read ever again.
		Final bool
	}

	// SendRequest asks for one exchange with the server. Credential goes into
	// the Authorization header and is absent when zero. Share allows a
	// MintToken to be answered with a token that another process of this
	// device obtained; it is never set while the server's own word is needed.
	SendRequest struct {
		ID            RequestID
		Kind          RequestKind
		Credential    Secret
		SessionID     string
		AttemptID     string
		Identifier    string
		Strategy      Strategy
		FactorID      string
		Password      Secret
		Code          Secret
		SignOutOthers bool
		Share         bool
		// Offer is a device key to which a successor may be bound, and Rotate
		// asks for one of a credential that is bound already: ReadClient only.
		Offer  Secret
		Rotate bool

		Redirect  string
		State     string
		Challenge string
		SignUp    bool
		Nonce     Secret
		Verifier  Secret
	}

	// SetTimer asks for [TimerFired] at Due. A Due of 0 cancels the timer.
	SetTimer struct {
		Timer Timer
		Due   Instant
	}

	// NeedEntropy asks for [EntropyDelivered].
	NeedEntropy struct{}

	// NeedKey asks for a new device key: [KeyMade].
	NeedKey struct{}

	// Publish makes Verdict the current one.
	Publish struct{ Verdict Verdict }

	// PublishToken says which session token may be handed out without asking,
	// before ValidUntil. The zero PublishToken says: none.
	PublishToken struct {
		Token      Secret
		ValidUntil Instant
	}

	// PublishPending says what is still under way beside the verdict.
	PublishPending struct {
		// Attempt is the pending sign-in or sign-up; zero when there is none.
		Attempt AttemptView
		// Flow is the pending browser flow; zero when there is none.
		Flow FlowView
		// Revocations is how many sessions still have to be ended on the server.
		Revocations int
		// Unsaved reports that the store does not yet hold everything.
		Unsaved bool
	}

	// Reply answers the application's call. Each call gets exactly one.
	Reply struct {
		Call    CallID
		Outcome Outcome
		// Cause says more when Outcome is OutcomeUndetermined, OutcomeSignedOut
		// or OutcomePending.
		Cause Cause
		// Evidence is the answer that decided, when one did.
		Evidence Evidence
		// Param and Message are the server's words when Outcome is
		// OutcomeRefused; Message is meant for the user.
		Param   string
		Message string
		// Token is set when a token was asked for and Outcome is OutcomeDone.
		Token Secret
		// Credential is set when it was asked for and there is one.
		Credential Secret
		// Attempt is set when an attempt is pending after the call.
		Attempt AttemptView
		// SecondFactors are the strategies that the server offers when Outcome
		// is OutcomeNeedsSecond, in its order, with spaces between them.
		SecondFactors string
		// URL is the address to open when a browser flow was begun.
		URL Secret
	}

	// Note records one line of the journal.
	Note struct{ Entry Entry }
)

// Outcome is the result of a call.
type Outcome string

const (
	OutcomeDone         Outcome = "done"
	OutcomeNeedsCode    Outcome = "needs-code"          // a code was sent; CodeEntered continues
	OutcomeNeedsSecond  Outcome = "needs-second-factor" // SecondFactorEntered continues
	OutcomeNeedsNewPass Outcome = "needs-new-password"  // PasswordChosen continues
	OutcomeRefused      Outcome = "refused"             // the server refused this call; Evidence.Code says why
	OutcomeUnavailable  Outcome = "unavailable"         // the server could not be asked; Evidence.Trouble says why
	OutcomeSignedOut    Outcome = "signed-out"
	OutcomePending      Outcome = "pending"
	OutcomeUndetermined Outcome = "undetermined"
	OutcomeNoAttempt    Outcome = "no-attempt"     // no attempt is pending, or not at that step
	OutcomeUnsupported  Outcome = "unsupported"    // the server offers no such strategy here
	OutcomePersist      Outcome = "persist-failed" // done in memory, and not durable yet
	OutcomeSuperseded   Outcome = "superseded"     // a later call took the place of this one
	OutcomeInvalid      Outcome = "invalid"        // an argument is missing or malformed
	OutcomeNoFlow       Outcome = "no-flow"        // no browser flow waits for this callback
)

// AttemptView is what an application may know about the pending attempt.
type AttemptView struct {
	ID             string
	SignUp         bool
	Status         string // as published
	Strategy       Strategy
	SafeIdentifier string
	StartedAt      Wall
}

func (LoadRecord) isEffect()     {}
func (SaveRecord) isEffect()     {}
func (SendRequest) isEffect()    {}
func (SetTimer) isEffect()       {}
func (NeedEntropy) isEffect()    {}
func (NeedKey) isEffect()        {}
func (Publish) isEffect()        {}
func (PublishToken) isEffect()   {}
func (PublishPending) isEffect() {}
func (Reply) isEffect()          {}
func (Note) isEffect()           {}
