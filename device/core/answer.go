package core

// Class is the transport's judgement of an answer. It says whether an answer
// counts as the server's word; what follows from it is decided here.
type Class string

const (
	// Accepted: a 2xx answer whose body has exactly the shape published for
	// this kind of request.
	Accepted Class = "accepted"
	// Refused: a 4xx answer (429 excepted) of type application/json whose body
	// is the published error envelope with at least one code.
	Refused Class = "refused"
	// Ambiguous: everything else, and no answer at all. It proves nothing.
	Ambiguous Class = "ambiguous"
)

// Trouble says why an answer is [Ambiguous].
type Trouble string

const (
	TroubleNone        Trouble = ""
	TroubleNoRoute     Trouble = "no-route"     // refused, unreachable, no network
	TroubleDNS         Trouble = "dns"          // the name did not resolve
	TroubleTLS         Trouble = "tls"          // certificate or handshake
	TroubleTimeout     Trouble = "timeout"      // no complete answer in time
	TroubleReset       Trouble = "reset"        // the connection broke while answering
	TroubleProxy       Trouble = "proxy"        // a proxy asked for something (407)
	TroubleRedirect    Trouble = "redirect"     // 3xx; the published API never redirects a device
	TroubleNotJSON     Trouble = "not-json"     // HTML or any other type
	TroubleEmpty       Trouble = "empty"        // no body where one is published
	TroubleMalformed   Trouble = "malformed"    // JSON, and not the published shape
	TroubleTooLarge    Trouble = "too-large"    // larger or deeper than any published answer
	TroubleServer      Trouble = "server-error" // 5xx
	TroubleRateLimited Trouble = "rate-limited" // 429
	TroubleForeign     Trouble = "foreign"      // well-formed, about another client
	TroubleStale       Trouble = "stale"        // well-formed, older than what is known
	TroubleUnexplained Trouble = "unexplained"  // an error whose code is not documented as terminal
	TroubleProof       Trouble = "proof"        // the server did not accept the proof of the device key
	TroubleStripped    Trouble = "stripped"     // something on the way dropped the credential of the request
	TroubleUnknown     Trouble = "unknown"      // anything else
)

// ClientDoc is the part of a published client object that the core reads.
type ClientDoc struct {
	ID                  string
	LastActiveSessionID string
	UpdatedAt           Wall // server time
	Sessions            []SessionDoc
}

// SessionDoc is the part of a published session object that the core reads.
type SessionDoc struct {
	ID     string
	Status string // as published: active, pending, ended, expired, removed, replaced, revoked, abandoned
	// Task is the key of the first open task, empty when none is.
	Task     string
	ExpireAt Wall // server time
	User     User
	// Token is the last active token; zero when the answer carried none.
	Token TokenDoc
}

// TokenDoc is a session token with the claims that the core reads. The
// transport reads the claims; it need not verify the signature, for the token
// came from the server over the connection that authenticates it.
type TokenDoc struct {
	JWT       Secret
	SessionID string // claim sid
	UserID    string // claim sub
	IssuedAt  Wall   // claim iat, milliseconds of server time
	ExpiresAt Wall   // claim exp, milliseconds of server time
}

// AttemptDoc is the part of a published sign-in or sign-up attempt that the
// core reads.
type AttemptDoc struct {
	ID     string
	Status string // as published, for example needs_first_factor, missing_requirements, complete
	// CreatedSessionID is set when Status is complete.
	CreatedSessionID string
	// FirstFactors and SecondFactors are the supported ones, in the server's
	// order. A sign-up attempt lists its unverified fields as FirstFactors:
	// strategy email_code for email_address.
	FirstFactors  []FactorDoc
	SecondFactors []FactorDoc
	// MissingFields are the fields a sign-up attempt still needs.
	MissingFields []string
}

// FactorDoc is one way to prove oneself that an attempt offers.
type FactorDoc struct {
	Strategy       Strategy
	ID             string // email_address_id or phone_number_id, empty when the strategy has none
	SafeIdentifier string // masked address, for display
}
