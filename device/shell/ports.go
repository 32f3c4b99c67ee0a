package shell

import (
	"context"

	"github.com/perennialauth/perennial/device/core"
)

// Transport performs requests and judges what kind of answer each one got.
//
//   - What is absent? Nothing: a request that got no answer is a Responded of
//     class [core.Ambiguous] with the trouble that was met.
//   - Is it durable? An exchange may have reached the server whatever is
//     returned.
//   - Is it atomic? One call is one exchange; redirects are not followed.
//   - Is it safe for concurrent use? Yes.
//   - What may it not do? Outlive its context, retry, keep a credential, judge
//     what an answer means for a session. [core.Accepted] and [core.Refused]
//     are its word that the answer has exactly the published shape.
//
// The shell sets ID and Wall of the result; an implementation leaves them zero.
type Transport interface {
	Do(ctx context.Context, request core.SendRequest) core.Responded
}

// Clock tells monotonic and wall time. The monotonic part should go on while
// the device is suspended, where the platform has such a clock. Both must be
// safe for concurrent use and must not block.
type Clock interface {
	Now() core.Instant
	Wall() core.Wall
}

// Journal keeps lines for a later explanation. Append must not block for long
// and has nowhere to report a failure to: the journal is an account of what
// happened, and losing it must never change what happens. It is called from
// one goroutine, never after Close of the shell has returned.
type Journal interface {
	Append(entry core.Entry)
}

// Keys makes device keys. Make returns a reference that the transport can sign
// with; it is kept in the record. It may take its time, and is given up when ctx
// ends.
type Keys interface {
	Make(ctx context.Context) (reference string, err error)
}
