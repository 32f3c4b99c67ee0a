package conformance

import (
	"time"

	"github.com/perennialauth/perennial/device/vault/memvault"
)

// Scenario is one way to lose a session, or to show one that should not be
// there, with what has to happen instead. Everything in it is data.
type Scenario struct {
	// Slug names the entry of the failure catalogue, Case the variant.
	Slug, Case string
	// Given is what the store holds at the beginning.
	Given Given
	// Storage is what it is kept in, and Limit the longest value when that is
	// SmallValues, in bytes.
	Storage Storage
	Limit   int
	// Steps are taken in order; the first that goes wrong fails the scenario.
	Steps []Step
	// MayEnd allows a signed-out verdict. Everywhere else one that is seen by
	// any watcher, at any time, fails the scenario.
	MayEnd bool
	// Slow is how long the first verdict may take beyond the local deadline,
	// for scenarios whose store hangs. Zero means the deadline itself.
	Slow time.Duration
}

// Name is the slug with the case.
func (s Scenario) Name() string {
	if s.Case == "" {
		return s.Slug
	}
	return s.Slug + "/" + s.Case
}

// Given is what a store holds before the first launch.
type Given string

// What a store can hold.
const (
	Empty          Given = "empty"           // nothing, provably
	Session        Given = "session"         // a valid record of a living session
	TaskOpen       Given = "task-open"       // a valid record whose session has an open task
	SignedOutStore Given = "signed-out"      // what a user's sign-out leaves
	NoCredential   Given = "no-credential"   // the identity without the credential
	NoIdentity     Given = "no-identity"     // the credential without the identity
	OlderReadable  Given = "older-readable"  // a session as the first version wrote it
	NewerReadable  Given = "newer-readable"  // a session in a newer form, readable, with unknown lines
	NewerEnvelope  Given = "newer-envelope"  // a session in a form this version cannot read
	OtherLineForm  Given = "unreadable-form" // bytes that are no record at all
)

// Step is one thing that is done, and what it must lead to. Which fields count
// depends on Do.
type Step struct {
	Do Deed

	Kind   string        // verdict expected: active, active-unverified, pending, signed-out, undetermined
	Cause  string        // its cause; empty means any
	Err    string        // error class expected of a call; empty means none, Any whatever
	Within time.Duration // how long it may take; zero means half a minute
	For    time.Duration // Stay, Age: how long

	User    string       // SignIn: which; Becomes and Starts: who must be shown
	Status  string       // EndSession
	Task    string       // SetTask
	Text    string       // Adopt: "same", "other", "useless"
	N       int          // Requests, Calls: how many
	Route   string       // Requests
	Server  []Fault      // Script
	Store   []StoreFault // StoreScript
	Stored  Stored       // Stores
	Implied bool         // Calls: every caller is cancelled at once but one
}

// Any as Step.Err lets a call end as it likes.
const Any = "any"

// Nobody as Step.User requires that no user is shown.
const Nobody = "nobody"

// Deed is what a step does.
type Deed string

// Deeds.
const (
	Starts      Deed = "starts"       // launch; the first verdict must be Kind within the local deadline
	Becomes     Deed = "becomes"      // the verdict must become Kind
	Stays       Deed = "stays"        // the verdict must be Kind, now and for the time For
	Token       Deed = "token"        // ask for a token: Err
	FreshToken  Deed = "fresh-token"  // the same, not from memory
	Calls       Deed = "calls"        // N concurrent calls for a token, all with the same outcome
	SignIn      Deed = "sign-in"      // with a password, as User
	BeginCode   Deed = "begin-code"   // sign in by e-mail code: the code is sent
	EnterCode   Deed = "enter-code"   // and entered
	SignOut     Deed = "sign-out"     //
	Adopt       Deed = "adopt"        // hand over a credential
	Restart     Deed = "restart"      // close; the next Starts opens again
	Kill        Deed = "kill"         // drop the process as it is; the next Starts opens again
	Nudge       Deed = "nudge"        // foreground or connectivity
	Reload      Deed = "reload"       // another process says that it changed the record
	Script      Deed = "script"       // set the server's faults
	StoreScript Deed = "store-script" // set the store's faults
	EndSession  Deed = "end-session"  // on the server, with Status
	Forget      Deed = "forget"       // the server forgets the client
	SetTask     Deed = "set-task"     // on the server
	Rotates     Deed = "rotates"      // the server hands out a successor credential
	Binds       Deed = "binds"        // the server binds credentials to device keys from now on
	ServerAhead Deed = "server-ahead" // the server's clock is For ahead
	Comes       Deed = "comes"        // what the store must hold in the end, while tokens are asked for
	Installs    Deed = "installs"     // the next launch is of installation Text; Status "discard" is the policy
	Life        Deed = "life"         // session tokens live For
	Age         Deed = "age"          // move the device's wall clock by For
	Sleeps      Deed = "sleeps"       // the device is suspended For
	Swells      Deed = "swells"       // new credentials are N bytes longer
	PowerCut    Deed = "power-cut"    // the disk's power fails after N more writing calls
	PowerBack   Deed = "power-back"   // and is back: way N of losing what was not flushed
	DiskFills   Deed = "disk-fills"   // Text "full", or not any more
	Secrets     Deed = "secrets"      // the secret store is Text: work, missing, locked, denied
	MovesTo     Deed = "moves-to"     // the next launch keeps its record in a storage of kind Text
	// Watches subscribes once more, as Text: plain, slow, panics. WatchersAgree
	// waits until all have seen the verdict of now, without a gap.
	Watches       Deed = "watches"
	WatchersAgree Deed = "watchers-agree"
	Explains      Deed = "explains" // the explanation says Text

	Plants     Deed = "plants"      // another program stores the record Text
	Tenant     Deed = "tenant"      // the next launch has the key Text: other, own
	Fits       Deed = "fits"        // no value was refused for its length, and one had at least N bytes
	Stores     Deed = "stores"      // what the store must hold now
	Requests   Deed = "requests"    // at most N requests of Route since the last Requests or the start
	ServerSays Deed = "server-says" // Status "alive" or "ended": the session on the server
	Drains     Deed = "drains"      // queued revocations are delivered
	PeerOut    Deed = "peer-out"    // another process of the same device signs out
	PeerUses   Deed = "peer-uses"   // another process asks for some tokens
	PeerIn     Deed = "peer-in"     // another process signs in as User
)

// Stored is a condition on the store.
type Stored string

// Conditions.
const (
	Unchanged   Stored = "unchanged"    // byte for byte as given
	Tombstone   Stored = "tombstone"    // a durable sign-out
	HasSession  Stored = "session"      // a session that a launch restores
	QuarantineN Stored = "set-aside"    // the unreadable remains were kept aside
	Rotated     Stored = "rotated"      // the successor is the credential
	HasBranch   Stored = "branch"       // a bound credential, proved or not
	Bound       Stored = "bound"        // a bound credential in use, and none to be proved
	BoundNext   Stored = "bound-next"   // the same, of a later generation
	HasBoth     Stored = "both"         // the successor beside the credential
	KeepsLines  Stored = "unknown-kept" // unknown lines survived
)

// StoreFault is one fault of the store.
type StoreFault struct {
	Operation memvault.Operation
	Fault     memvault.Fault
	// Lasting makes the record unreadable with Fault.Answer until cleared or
	// set aside, instead of failing one operation.
	Lasting bool
	// Hang blocks the operation until the scenario is over.
	Hang bool
}
