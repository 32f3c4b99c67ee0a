package sim

import "github.com/perennialauth/perennial/device/core"

// Server is what devices talk to, and what is true about it.
type Server interface {
	// Serve takes a request, does fault to it or to its answer, and judges what
	// comes back as a device does.
	Serve(r core.SendRequest, fault string) core.Responded
	// Elsewhere takes a request as another SDK makes it, which has no keys.
	Elsewhere(r core.SendRequest) core.Responded
	// Crash ends the server and starts it again on the same database.
	Crash()
	// Revoke ends a session and DeleteUser the user of one.
	Revoke(session string)
	DeleteUser(session string)
	// SetTask opens a task of a session, or says that it is done, and Pending
	// reports whether there is one.
	SetTask(session string, isOpen bool)
	Pending(session string) bool
	// Backup copies what is stored, and Restore puts the latest copy in its
	// place, if there is one. Lag begins to read clients from a copy of now.
	Backup()
	Restore()
	Lag()
	// Live says whether a session is signed in now, and EndedAt since when not.
	Live(session string) bool
	EndedAt(session string) core.Wall
	// Owner is the client of a session, and ClientOf that of a credential;
	// empty when there is none.
	Owner(session string) string
	ClientOf(credential core.Secret) string
	// Knows reports whether a credential works now. One that was handed out
	// after the backup that was restored does not.
	Knows(credential core.Secret) bool
	// SecondFactor is the code of whoever has a second factor.
	SecondFactor(person string) string
	// SessionOf is the session that a token is for.
	SessionOf(token core.Secret) string
	Close()
}

// netFault is what happens to some exchanges.
type netFault struct {
	kind  string
	times int
}

// Faults of the network. Those before netPortal are about whether and when
// something arrives, the others about who answers.
const (
	netOffline   = "offline"    // no route, known at once
	netLost      = "lost"       // the request never arrives
	netReplyLost = "reply-lost" // it is served, and the answer never arrives
	netReset     = "reset"      // it is served, and the connection breaks
	netSlow      = "slow"       // both ways take many seconds
	netTwice     = "twice"      // the request arrives twice, and so does the answer

	netPortal      = "portal"       // a page, with status 200
	netPortalToken = "portal-token" // the same, with a credential in its header
	netRedirect    = "redirect"
	netPage503     = "page-503"
	netBusy        = "503" // with Retry-After
	netBroken      = "500"
	netLimited     = "429" // with Retry-After
	netGateway     = "401" // a gateway that knows nobody
	netPage401     = "page-401"
	netEmpty       = "empty"
	netCut         = "cut"       // half of the answer
	netRotate      = "rotate"    // the server's own: a successor credential
	netStale       = "stale"     // an older answer to the same question
	netDate1970    = "date-1970" // the answer says that it is of another time
	netDate2100    = "date-2100"

	netNoCredential = "no-credential" // a proxy keeps Authorization for itself
	netNoProof      = "no-proof"      // it drops the proof that it does not know
	netBare         = "bare"          // it does both
)

// NetFaults lists them.
func NetFaults() []string {
	return []string{
		netOffline, netLost, netReplyLost, netReset, netSlow, netTwice, netPortal, netPortalToken, netRedirect, netPage503,
		netBusy, netBroken, netLimited, netGateway, netPage401, netEmpty, netCut, netRotate, netStale, netDate1970, netDate2100,
		netNoCredential, netNoProof, netBare,
	}
}

// exchange is one request and its answer, on their way.
type exchange struct {
	process *process
	life    uint32
	request core.SendRequest
	fault   string
	sent    core.Instant
	back    int64 // how long the answer takes
	served  bool
	answer  core.Responded
	stale   bool
}

// send lets a request leave a device.
func (w *World) send(p *process, r core.SendRequest) {
	w.exchanges++
	d := p.device
	d.requests++
	n := w.dice.roll(askWay, uint64(d.index), uint64(p.index)<<32|p.launches, d.requests)
	x := &exchange{process: p, life: p.life, request: r, sent: w.now, fault: d.nextFault()}
	out, back := int64(5+n%60), int64(5+n>>8%120)
	if n>>16%16 == 0 {
		back += int64(n >> 24 % 4_000)
	}
	if x.fault == netSlow {
		out += int64(n >> 32 % 20_000)
		back += int64(n >> 40 % 20_000)
	}
	x.back = back
	w.plan(out, due{exchange: x})
}

// nextFault takes the next fault of the device's network.
func (d *device) nextFault() string {
	if len(d.net) == 0 {
		return ""
	}
	f := &d.net[0]
	kind := f.kind
	if f.times--; f.times == 0 {
		d.net = d.net[1:]
	}
	return kind
}

// bare reports whether requests arrive without their credential.
func bare(fault string) bool { return fault == netNoCredential || fault == netBare }

// unproven reports whether they arrive without the proof of a device key.
func unproven(fault string) bool { return fault == netNoProof || fault == netBare }

// advance moves an exchange to its next stage.
func (w *World) advance(x *exchange) {
	if x.served {
		w.deliver(x)
		return
	}
	x.served = true
	x.answer = core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}
	waited := int64(w.now - x.sent)
	switch {
	case x.fault == netOffline || w.now < w.down:
		x.answer.Trouble = core.TroubleNoRoute
	case x.fault == netLost:
		x.back = requestLimit - waited
	case x.fault == netReplyLost:
		w.serve(x)
		x.answer, x.back = core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}, requestLimit-waited
	case x.fault == netReset:
		w.serve(x)
		x.answer = core.Responded{Class: core.Ambiguous, Trouble: core.TroubleReset}
	case x.fault == netTwice:
		w.serve(x)
		first := x.answer
		w.serve(x)
		again := *x
		w.plan(x.back+x.back/2, due{exchange: &again})
		x.answer = first
	case waited+x.back > requestLimit:
		w.serve(x)
		x.answer, x.back = core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout}, max(requestLimit-waited, 0)
	default:
		w.serve(x)
	}
	w.plan(x.back, due{exchange: x})
}

func (w *World) serve(x *exchange) {
	w.stats.Requests++
	w.log.served(w, x)
	if w.now < w.lag {
		x.stale = true
	}
	if x.fault == netGateway && w.now < w.lag {
		x.fault = "" // two lies that agree, see docs/simulation.md
	}
	x.stale = x.stale || x.fault == netStale
	w.speaking = x.process.device
	x.answer = w.server.Serve(x.request, x.fault)
	w.speaking = nil
}

// deliver hands an answer to the process that asked, if it still runs.
func (w *World) deliver(x *exchange) {
	p := x.process
	if p.life != x.life {
		return
	}
	p.stale = p.stale || x.stale
	answer := x.answer
	answer.ID, answer.Wall = x.request.ID, p.device.wall()
	p.take(answer)
}
