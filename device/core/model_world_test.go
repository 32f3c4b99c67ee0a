package core

import (
	"slices"
	"time"
)

// The model is the world around one machine, cut down to what can make a
// difference: one store, one server with one client, one device whose process
// can be killed, and a person. Every choice the world has is an action; a
// budget bounds how often it may misbehave. See modelcheck_test.go.

const (
	modelWall    Wall    = 1_700_000_000_000
	modelStart   Instant = 1_000_000
	modelMinute  Instant = 120_000
	modelMonth   Instant = 31 * 86_400_000
	modelCentury Wall    = 100 * 365 * 86_400_000
	maxModelReqs         = 6
)

// Names of the model. A0 is the stored credential and A1 its successor, B0
// belongs to a sign-in made in the model, K0 is handed over by the host, D0
// belongs to a sign-in that another process began, N0 is what a server hands
// out with a fresh, empty client, R0 is a further credential of A's session. The sessions S1 to S4 of the clients C1 to C4
// belong to A, B, K and D.
var (
	credA0, credA1 = NewSecret("A0"), NewSecret("A1")
	credB0, credK0 = NewSecret("B0"), NewSecret("K0")
	credD0, credN0 = NewSecret("D0"), NewSecret("N0")
	credR0         = NewSecret("R0")
)

const modelSessions = 5 // and none has the number 0

type modelDisk struct {
	present bool
	keyGone bool
	version Version
	record  Record
}

type modelOp struct {
	id   RequestID
	save bool
	body SaveRecord
}

type modelServer struct {
	rotated   bool // A1 was handed out
	presented bool // A1 was accepted: A0 is unknown from now on
	forgotten bool // C1 is unknown
	attempt   bool // C2 exists, with an attempt
	created   bool // S2 exists
	attempt4  bool // C4 exists, with an attempt
	created4  bool // S4 exists
	over      [modelSessions]bool
	// listed: a session that is over is still listed, as ended.
	listed bool
	// second: an attempt needs a second factor. task: a session begins with an
	// open task.
	second, task bool
}

// budget is how often each kind of trouble or wish is left.
type budget struct {
	kill, storeFault, trouble, lie, drop, signOut, signIn, adopt, peer, token, rotate, end, forget, nudge, clock, key, erase, task, bind, flow int8
}

// ghost is what the laws need to know about the past.
type ghost struct {
	lastRead StoreAnswer // what the store last told the process
	// foreign and terminal: what the server said in the running round about
	// the credential in question. refused: the same as terminal, also when the
	// credential had not arrived.
	foreign, terminal, refused Secret
	// heard: the two said that the credential had arrived. knowing: the code of
	// the refusal says so. arrives: something else does; shown: the third question.
	foreignHeard, terminalHeard, knowing, arrives, shown bool
	// gone: a session that the server itself no longer listed.
	gone [modelSessions]bool
	// accepted: the server accepted the credential for its own session.
	acceptedA1, acceptedK0, acceptedR0 bool

	asked bool // a person asked to sign out
	// over: sessions that must never be shown again. forever survives the
	// process, because the tombstone was durable.
	over, forever [modelSessions]bool
	// meant: sessions, and what may become one, that a sign-out in this process
	// or another one was about.
	meant    [modelSessions]bool
	open     [8]bool // calls without a reply
	deadline bool    // the local deadline has passed in this process
	// revRefused and revBelieved: the same two answers about a revocation. Several
	// may have been delivered before the next save says so of all of them.
	revRefused  Secret
	revBelieved credentialSet

	peerOut bool // another process signed out
	shown4  bool // S4 was shown in this process
	keyLost bool
	// told is what the store last said that it holds.
	told Version
	// late: so much time has passed that the offline limit may be reached.
	late bool
}

// credentialSet holds credentials of the model, a bit for each, so that worlds
// that differ in the order only are the same.
type credentialSet uint16

func (s *credentialSet) add(c Secret)     { *s |= credentialBit(c) }
func (s *credentialSet) drop(c Secret)    { *s &^= credentialBit(c) }
func (s credentialSet) has(c Secret) bool { return s&credentialBit(c) != 0 }

func credentialBit(c Secret) credentialSet {
	single := []Secret{credA0, credA1, credB0, credK0, credD0, credN0, credR0}
	if key, generation, ok := line(c); ok {
		return 1 << (len(single) + int(key)*modelGenerations + int(generation) - 1)
	}
	i := slices.Index(single, c)
	if i < 0 {
		panic("model: a credential without a name")
	}
	return 1 << i
}

type world struct {
	state  State
	alive  bool
	now    Instant
	wall   Wall // what the device's clock adds to now
	disk   modelDisk
	op     modelOp
	reqs   [maxModelReqs]SendRequest
	server modelServer
	bind   modelBinding
	flow   modelFlow
	proxy  modelProxy
	alike  bool // what the host hands over is a credential of the session in use
	budget budget
	ghost  ghost
	calls  CallID
	names  uint64 // lineages so far
}

// normalise makes worlds equal that differ only in names: request ids, sequence
// numbers, generations, evidence and the state of the jitter.
func (w *world) normalise() {
	s := &w.state
	s.entropy = [2]uint64{1, w.names}
	s.verdict.Sequence, s.verdict.Evidence = 0, Evidence{}
	blur(&s.evidence)
	blur(&s.doubt.evidence)
	blur(&s.condemned.evidence)
	s.doubt.message, s.doubt.param = "", ""
	s.quiet.evidence, s.revoking.evidence, s.redeeming.evidence = Evidence{}, Evidence{}, Evidence{}
	for _, r := range []*Record{&s.record, &s.durable, &s.store.saving.record, &w.disk.record} {
		blur(&r.TombstoneEvidence)
	}
	w.op.body.Data = Secret{}
	s.store.tries = min(s.store.tries, 6) // pauses grow no longer
	if len(s.waiters) == 0 {
		s.token.serial = 0
	}
	w.renumber()
	if w.disk.present {
		w.shiftGenerations(10 - int64(w.disk.version.Generation))
	}
}

// blur forgets which evidence there is, and not that there is some.
func blur(e *Evidence) {
	if *e != (Evidence{}) {
		*e = Evidence{Detail: "some"}
	}
}

func (w *world) shiftGenerations(by int64) {
	s := &w.state
	for _, v := range []*Version{
		&w.disk.version, &s.store.version, &s.store.foreign, &s.store.saving.previous, &s.store.saving.next,
		&w.op.body.Previous, &w.op.body.Next, &w.ghost.told,
	} {
		if v.Lineage != "" {
			v.Generation = uint64(int64(v.Generation) + by)
		}
	}
	if s.verdict.Generation != 0 {
		s.verdict.Generation = uint64(int64(s.verdict.Generation) + by)
	}
}

// renumber gives the requests that are still of interest the lowest ids, in
// their order.
func (w *world) renumber() {
	s := &w.state
	slots := []*RequestID{
		&s.store.loading, &s.store.saving.id, &s.confirm.id, &s.mint.id, &s.adopt.id, &s.revoke.id,
		&s.attempt.flight.id, &s.flow.flight.id, &s.redeem.id, &w.op.id, &w.op.body.ID,
	}
	for i := range s.orphans {
		if !w.outstanding(s.orphans[i].id) {
			s.orphans[i] = flight{}
		}
		slots = append(slots, &s.orphans[i].id)
	}
	for i := range w.reqs {
		slots = append(slots, &w.reqs[i].ID)
	}
	if len(s.callbacks) == 0 {
		s.store.read = 0 // it matters to those that wait
	} else {
		s.callbacks = slices.Clone(s.callbacks)
		slots = append(slots, &s.store.read)
		for i := range s.callbacks {
			slots = append(slots, &s.callbacks[i].since)
		}
	}
	// The used ones, in their order; there are few.
	used := make([]*RequestID, 0, 24)
	for _, slot := range slots {
		if *slot == 0 {
			continue
		}
		at := len(used)
		for at > 0 && *used[at-1] > *slot {
			at--
		}
		used = slices.Insert(used, at, slot)
	}
	var next, last RequestID
	for _, slot := range used {
		if *slot != last {
			last = *slot
			next++
		}
		*slot = next
	}
	s.lastID = next
}

func (w *world) outstanding(id RequestID) bool {
	if id == 0 {
		return false
	}
	for i := range w.reqs {
		if w.reqs[i].ID == id {
			return true
		}
	}
	return false
}

func modelConfig() Config {
	return Config{Tenant: "t", Recheck: 10 * time.Minute}
}

// modelRecord is what the store holds before the first launch.
func modelRecord() Record {
	return Record{
		Lineage: "L0", Credential: credA0, ClientID: "C1", ClientUpdatedAt: 5, SessionID: "S1", SessionStatus: "active",
		User: User{ID: "U1"}, ConfirmedAt: modelWall + Wall(modelStart), ConfirmedServer: 1,
	}
}

func sessionIndex(id string) int {
	switch id {
	case "S1":
		return 1
	case "S2":
		return 2
	case "S3":
		return 3
	case "S4":
		return 4
	default:
		return 0
	}
}
