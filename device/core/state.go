package core

// State is everything the machine knows. Its zero value is not usable: begin
// with [New]. A State is a value; [Step] returns a new one and leaves its
// argument as it was.
type State struct {
	facts
	waiters []waiter // the calls that wait for a reply; never changed in place
	// callbacks are those of browser flows that wait for the store; never
	// changed in place.
	callbacks []callback
}

// facts is everything in a State but the waiting calls and callbacks. It is
// comparable.
type facts struct {
	config   Config
	launched bool

	// The last reading of the wall clock and when it was taken.
	wall   Wall
	wallAt Instant
	// entropy feeds jitter and lineage names; see entropy.go.
	entropy [2]uint64
	// lastID is the newest RequestID that was given out.
	lastID RequestID

	// verdict is the published one.
	verdict Verdict
	// evidence is what the next verdict will rest on.
	evidence Evidence

	// record is what this process holds to be true; durable is what the store
	// is known to hold. They differ exactly while something needs saving.
	record  Record
	durable Record
	store   storeView

	// What is being asked of the server, one of each at a time.
	confirm flight
	mint    flight
	adopt   flight
	revoke  flight
	attempt attemptFlight
	flow    flowFlight
	redeem  flight
	// deserted is the handed-over credential of which the server said once that
	// there is no session behind it.
	deserted Secret
	// orphans are requests whose purpose is gone and whose answer may still
	// carry a credential that has to be revoked.
	orphans [maxOrphans]flight

	// confirmed: the server confirmed the session in this process.
	confirmed bool
	// wantConfirm and wantMint are what has to be asked next.
	wantConfirm bool
	wantMint    bool
	// keyAsked: a device key is being made, or none can be had. offered is the
	// key that was offered last. wantRotate: a successor was asked for.
	keyAsked   bool
	offered    Secret
	wantRotate bool
	// tokenUsed: the current token was handed out at least once.
	tokenUsed bool
	quiet     quiet
	revoking  quiet
	redeeming quiet
	doubt     doubt
	condemned condemned
	refused   refusedRevocation
	token     token
	// handed is what PublishToken last said.
	handed PublishToken
	// pending is what PublishPending last said.
	pending PublishPending
	// clientSeen is the server's time of the newest client answer.
	clientSeen Wall
	// unconfirmed is when the time without confirmation began to be counted by
	// this process; what was counted before is record.Unconfirmed.
	unconfirmed Instant
	confirmedAt Instant
	// signOutWanted: a person asked to sign out while the record was unknown.
	signOutWanted bool
	// signedOutOf are the credentials that the newest sign-out was about: the
	// one in use and the one handed over. Nothing else may tell of them once
	// they have been revoked.
	signedOutOf [2]Secret

	timers [timers]Instant
}

// New returns the state before [Launch].
func New(config Config) State {
	return State{facts: facts{
		config:  config.withDefaults(),
		verdict: Verdict{Kind: Undetermined, Cause: CauseStarting},
	}}
}

// Verdict returns the verdict that was published last.
func (s State) Verdict() Verdict { return s.verdict }

// storeView is what is known about the store.
type storeView struct {
	// answer is the outcome of the newest read; empty before the first one.
	answer StoreAnswer
	// version is what the store holds when answer is StoreFound.
	version Version
	// foreign is what it holds when the newest read found a record in a form
	// that is not known here.
	foreign Version
	// loading is the read in flight, read the newest one that succeeded.
	loading RequestID
	read    RequestID
	// saving is the write in flight or, when its id is 0, the write that
	// failed and must be repeated unchanged: it may have been done after all.
	saving saving
	// failed is the answer of the newest write when it was not a success.
	failed StoreAnswer
	// critical: the record must not be acted upon before it is durable.
	critical bool
	// anew: what is critical is only what was stored already and has become
	// unreadable since.
	anew bool
	// corrupt counts the reads that found damage and nothing else.
	corrupt int
	// reload: read again as soon as the store is free.
	reload bool
	// late: the local deadline has passed.
	late  bool
	tries int
	// pause is when the store is tried again after a failure.
	pause Instant
}

type saving struct {
	id       RequestID
	prepared bool
	record   Record
	previous Version
	next     Version
	beside   bool
	critical bool
}

// flight is a request on its way, with the stamp that its answer must match.
type flight struct {
	id         RequestID
	kind       RequestKind
	sentAt     Instant
	credential Secret
	lineage    string
	clientID   string
	sessionID  string
}

const maxOrphans = 4

// attemptFlight is the step of a sign-in or sign-up attempt being taken.
type attemptFlight struct {
	flight flight
	// of is the attempt as it was when the step was sent: a peer may have put
	// another one into the record since.
	of Attempt
	// code is the one being tried.
	code Secret
	// begin is set while a first request is on its way and no attempt exists.
	begin Attempt
	// next is the request to send once the attempt is durable.
	next RequestKind
	// created is the session to look for when the attempt is complete.
	created string
}

// quiet is a pause after a failed exchange.
type quiet struct {
	until   Instant // 0: no pause
	floor   Instant // the server asked for silence until then; nothing overrides it
	last    Instant // when the newest exchange failed
	tries   int
	trouble Trouble
	// evidence is that of the newest failure.
	evidence Evidence
}

// doubt is one round of checking a rejection before it is believed. It needs
// two answers from the server about the same credential: that a token for
// exactly this session is refused with a terminal code, and that the client
// behind the credential is another one. Any other answer ends the round.
//
// A server that never got the credential says the same two things. So each of
// them has to show that the credential arrived; and where the server does not
// say, the round ends with a third question, asked with the credential that came
// with the other client: if the server knows that client again, credentials do
// arrive, and the client behind the one in question is asked for once more.
type doubt struct {
	credential Secret // the one in question
	refused    bool   // a token was refused in this round
	terminal   bool   // with a documented terminal code
	foreign    bool   // the client was another one
	// unheard: an answer did not say that the credential arrived. knowing: the
	// code of the refusal does by itself. named: an answer named our client, so
	// credentials do arrive.
	// arrives: the third question said so.
	unheard, knowing, named, arrives bool
	// stranger and spare are the other client and its credential, to find out
	// with; checking: they are being asked about.
	stranger string
	spare    Secret
	checking bool
	evidence Evidence
	// message and param are the words of the refusal, for its caller.
	message string
	param   string
}

// shown reports whether the answers of the round are about the credential in
// question, and not about a request that lost it on the way.
func (d *doubt) shown() bool { return !d.unheard || d.knowing || d.named || d.arrives }

// condemned is a credential that the server rejected, while the store is being
// read to see whether it is still the one in use: another process may have
// rotated it, and a rejection may end only what it names.
type condemned struct {
	credential Secret
	evidence   Evidence
}

// refusedRevocation is a credential with which a revocation was refused, while
// its client is asked whether the session is over.
type refusedRevocation struct {
	credential Secret
	terminal   bool
	// heard: the refusal shows that the credential arrived. stranger and spare
	// are what to find it out with otherwise, as in [doubt].
	heard    bool
	stranger string
	spare    Secret
}

// token is the session token in memory.
type token struct {
	jwt        Secret
	validUntil Instant
	renewAt    Instant
	serial     uint64 // counts the tokens of a process
}

// waiter is a call that waits for its reply.
type waiter struct {
	call CallID
	want want
	// serial is the token serial that a forced call has seen.
	serial uint64
	force  bool
}

type want string

const (
	wantToken   want = "token"
	wantSignOut want = "sign-out"

	wantCredential want = "credential"
	wantAdopt      want = "adopt"
	wantAttempt    want = "attempt" // the next step of the pending attempt
	wantSignIn     want = "sign-in" // complete, waiting to be durable
	wantFlowURL    want = "flow-url"
	wantFlow       want = "flow" // the outcome of the flow that came back
)

// pausing reports whether q asks for silence at now.
func (q quiet) pausing(now Instant) bool { return now < q.until || now < q.floor }

// shorten ends the pause at now, but never before the server's own wish.
func (q quiet) shorten(now Instant) quiet {
	q.until = min(q.until, max(now, q.floor))
	return q
}

// wallNow extends the last wall reading by the monotonic clock.
func (s *State) wallNow(now Instant) Wall {
	if s.wall == 0 {
		return 0
	}
	return s.wall + Wall(now-s.wallAt)
}
