package core

import "time"

// Event is anything that happened. The list is closed.
type Event interface{ isEvent() }

// CallID names one call of the application that waits for a [Reply]. The caller
// of [Step] chooses it and never uses it twice.
type CallID uint64

// Strategy is a way to prove oneself, in the published words.
type Strategy string

const (
	StrategyPassword       Strategy = "password"
	StrategyEmailCode      Strategy = "email_code"
	StrategyPhoneCode      Strategy = "phone_code"
	StrategyTOTP           Strategy = "totp"
	StrategyBackupCode     Strategy = "backup_code"
	StrategyResetEmailCode Strategy = "reset_password_email_code"
)

// What the application asks.
type (
	// Launch starts the machine. A second Launch changes nothing: it joins the
	// first, and the current verdict answers it.
	Launch struct {
		Wall Wall
		// Entropy is two words from the system's secure source.
		Entropy [2]uint64
	}
	// TokenAsked asks for a session token. Force asks for a fresh one.
	TokenAsked struct {
		Call  CallID
		Force bool
	}
	// CredentialAsked asks for the client credential in use, for a host that
	// runs another SDK beside this one.
	CredentialAsked struct{ Call CallID }
	// TokenUsed says that the published token was handed out without asking.
	TokenUsed struct{}
	// SignInAsked begins a sign-in attempt: with StrategyPassword it is
	// complete in one exchange, with StrategyEmailCode and
	// StrategyResetEmailCode a code is sent. An older pending attempt is
	// dropped. It is possible from every verdict.
	SignInAsked struct {
		Call       CallID
		Identifier string
		Strategy   Strategy
		Password   Secret // StrategyPassword only
	}
	// SignUpAsked begins a sign-up attempt and sends a code to Email. Password
	// may be empty where the instance does not require one.
	SignUpAsked struct {
		Call     CallID
		Email    string
		Password Secret
	}
	// CodeEntered answers the pending attempt with the code that was sent.
	CodeEntered struct {
		Call CallID
		Code Secret
	}
	// SecondFactorEntered answers a pending attempt that needs a second factor.
	SecondFactorEntered struct {
		Call     CallID
		Strategy Strategy
		Code     Secret
	}
	// PasswordChosen completes a password reset.
	PasswordChosen struct {
		Call          CallID
		Password      Secret
		SignOutOthers bool
	}
	// CodeResendAsked asks the server to send another code.
	CodeResendAsked struct{ Call CallID }
	// SecondFactorCodeAsked asks the server to send the code of a second factor,
	// or another one.
	SecondFactorCodeAsked struct {
		Call     CallID
		Strategy Strategy
	}
	// AttemptAbandoned drops the pending attempt.
	AttemptAbandoned struct{ Call CallID }
	// BrowserFlowAsked begins a sign-in in the browser and asks for the address
	// to open. State, Verifier and its Challenge (RFC 7636, S256) are made from
	// the system's secure source; Redirect is in the form that a callback's
	// Target has.
	BrowserFlowAsked struct {
		Call      CallID
		State     string
		Verifier  Secret
		Challenge string
		Redirect  string
		SignUp    bool
	}
	// CallbackArrived says that the browser came back: to Target, with these
	// parameters. It may come at any time, also before the store was read, and
	// more than once.
	CallbackArrived struct {
		Call      CallID
		Target    string
		State     string
		Nonce     Secret
		SessionID string
	}
	// BrowserFlowAbandoned drops every browser flow.
	BrowserFlowAbandoned struct{ Call CallID }
	// AdoptAsked hands over a client credential that another SDK obtained.
	AdoptAsked struct {
		Call       CallID
		Credential Secret
	}
	// SignOutAsked asks to sign out. An Implicit one, derived from the state of
	// a user interface and not from a person, is refused unless the verdict
	// shows a session.
	SignOutAsked struct {
		Call     CallID
		Implicit bool
	}
	// RotationAsked asks for a successor of a bound credential before its time.
	RotationAsked struct{}
	// CallCancelled says that nobody waits for Call any more. What the call
	// began goes on.
	CallCancelled struct{ Call CallID }
)

// What the world answers.
type (
	// StoreLoaded answers [LoadRecord].
	StoreLoaded struct {
		ID      RequestID
		Answer  StoreAnswer
		Version Version // when Answer is StoreFound
		Data    Secret  // when Answer is StoreFound
		Detail  string
	}
	// StoreSaved answers [SaveRecord].
	StoreSaved struct {
		ID      RequestID
		Answer  StoreAnswer
		Current Version // when Answer is StoreStored or StoreConflict
		Detail  string
	}
	// Responded answers [SendRequest], also when there was no answer.
	Responded struct {
		ID      RequestID
		Wall    Wall
		Class   Class
		Trouble Trouble // when Class is Ambiguous
		Status  int     // 0 when there was none
		Trace   string  // the server's id of the exchange, at most 64 bytes
		// RetryAfter is the server's wish, 0 when it made none. It is honoured
		// with every class.
		RetryAfter time.Duration
		// ServerTime is the Date header, 0 when absent or unreadable.
		ServerTime Wall
		// Credential is the Authorization header of the answer, zero when
		// absent, empty or the bare word Bearer.
		Credential Secret
		// Code, Param and Message come from the first error of an error
		// envelope, also when Class is Ambiguous.
		Code, Param, Message string

		// Binds: the server binds credentials to device keys. Credential is then
		// a bound one (see [Bind]) if it answers a request that proved or
		// offered a key.
		Binds bool

		// Presented: the server said that the credential of the request reached
		// it. Servers that do not say so leave it to [doubt] to find out.
		Presented bool

		// Shared: the Token is one that another process of this device
		// obtained. The server has said nothing to this process.
		Shared bool

		// Which of these is set depends on the request; see [RequestKind].
		Client  *ClientDoc
		Session *SessionDoc
		Token   TokenDoc
		Attempt *AttemptDoc
		URL     Secret
	}
	// TimerFired answers [SetTimer]. Due is copied from the effect; a firing
	// whose Due is not the current one is ignored.
	TimerFired struct {
		Timer Timer
		Due   Instant
		Wall  Wall
	}
	// EntropyDelivered answers [NeedEntropy].
	EntropyDelivered struct{ Words [2]uint64 }
	// KeyMade answers [NeedKey]. A zero Key says that none can be had.
	KeyMade struct{ Key Secret }
	// Nudged says that trying now may be worthwhile: the application came to
	// the foreground, or the network changed. It can bring an attempt forward
	// and never forbids one.
	Nudged struct{ Wall Wall }
	// PeerChanged says that another process may have changed the record.
	PeerChanged struct{}
)

func (Launch) isEvent()                {}
func (TokenAsked) isEvent()            {}
func (CredentialAsked) isEvent()       {}
func (TokenUsed) isEvent()             {}
func (SignInAsked) isEvent()           {}
func (SignUpAsked) isEvent()           {}
func (CodeEntered) isEvent()           {}
func (SecondFactorEntered) isEvent()   {}
func (PasswordChosen) isEvent()        {}
func (CodeResendAsked) isEvent()       {}
func (SecondFactorCodeAsked) isEvent() {}
func (AttemptAbandoned) isEvent()      {}
func (BrowserFlowAsked) isEvent()      {}
func (CallbackArrived) isEvent()       {}
func (BrowserFlowAbandoned) isEvent()  {}
func (AdoptAsked) isEvent()            {}
func (SignOutAsked) isEvent()          {}
func (CallCancelled) isEvent()         {}
func (StoreLoaded) isEvent()           {}
func (StoreSaved) isEvent()            {}
func (Responded) isEvent()             {}
func (TimerFired) isEvent()            {}
func (EntropyDelivered) isEvent()      {}
func (KeyMade) isEvent()               {}
func (RotationAsked) isEvent()         {}
func (Nudged) isEvent()                {}
func (PeerChanged) isEvent()           {}
