package sim

import (
	"fmt"

	"github.com/perennialauth/perennial/device/core"
)

const (
	maxDevices   = 3
	maxProcesses = 3
	tenants      = 2 // publishable keys that a device may be started with

	startInstant core.Instant = 1_000_000
	// StartWall is the true time of day, in milliseconds, when a world begins.
	StartWall core.Wall = 1_790_000_000_000
)

// Config says what kind of world a run takes place in.
type Config struct {
	Seed Dice
	// Server makes the server; nil means the small model.
	Server func(w *World) (Server, error)
	// Disk makes the storage of a device; nil means a record in memory.
	Disk func() Disk
	// Bind has every second seed use device keys, where the server knows them.
	Bind bool
	// Record keeps the transcript.
	Record bool
	// Unfair leaves out the peace at the end, in which everything has to come
	// right: for stories that end in the middle.
	Unfair bool
}

// World is one run.
type World struct {
	config  Config
	dice    Dice
	now     core.Instant
	order   uint64
	agenda  agenda
	server  Server
	devices [maxDevices]*device
	down    core.Instant // the server cannot be reached before then
	trouble core.Instant // its store fails before then
	lag     core.Instant // clients are read from a copy before then
	// bind: devices ask for credentials that are bound to a key of theirs.
	// speaking is the device whose request is being served.
	bind     bool
	speaking *device
	// undone are sessions that were ended before a backup was restored.
	undone map[string]bool
	// exchanges counts the requests of the world.
	exchanges uint64
	broken    error
	log       *transcript
	stats     Stats
}

// Stats is what happened in a run.
type Stats struct {
	Launches int // processes started
	Stored   int // of them, with a session in the store
	Restored int // of those, shown as signed in by the first verdict that followed
	Limited  int // and of those, held back by the offline limit after the clock was moved
	Steps    int // of the machine
	Requests int // that reached the server

	// Calls that were done, by what they asked for, and what else was seen.
	SignIns, Codes, Seconds, Passwords, Adoptions, SignOuts, Tokens int
	Pending                                                         int // verdicts with an open task
	Restores                                                        int // of a backup
	Bound, Rotations                                                int // credentials stored that are bound to a key, and replaced by the next one
}

func (s *Stats) done(op Op) {
	counts := map[Op]*int{
		OpSignIn: &s.SignIns, OpEnterCode: &s.Codes, OpSecond: &s.Seconds, OpPassword: &s.Passwords, OpAdopt: &s.Adoptions,
		OpSignOut: &s.SignOuts, OpToken: &s.Tokens,
	}
	if count := counts[op]; count != nil {
		*count++
	}
}

// Add sums up.
func (s *Stats) Add(o Stats) {
	s.Launches += o.Launches
	s.Stored += o.Stored
	s.Restored += o.Restored
	s.Limited += o.Limited
	s.Steps += o.Steps
	s.Requests += o.Requests
	s.SignIns += o.SignIns
	s.Codes += o.Codes
	s.Seconds += o.Seconds
	s.Passwords += o.Passwords
	s.Adoptions += o.Adoptions
	s.SignOuts += o.SignOuts
	s.Tokens += o.Tokens
	s.Pending += o.Pending
	s.Restores += o.Restores
	s.Bound += o.Bound
	s.Rotations += o.Rotations
}

// Outcome is the end of a run.
type Outcome struct {
	// Broken is the first law that was broken; nil when none was.
	Broken     error
	Transcript string // when it was recorded
	Stats      Stats
}

// Run plays commands in a new world. The error is of the surroundings (a
// database that cannot be made); a broken law is in the outcome.
func Run(config Config, commands []Command) (Outcome, error) {
	w := &World{config: config, dice: config.Seed, now: startInstant, undone: map[string]bool{}}
	w.bind = config.Bind && config.Seed%2 == 0
	if config.Record {
		w.log = newTranscript()
	}
	if config.Server == nil {
		w.server = newModel(w)
	} else {
		server, err := config.Server(w)
		if err != nil {
			return Outcome{}, err
		}
		w.server = server
	}
	defer w.server.Close()
	w.play(commands)
	return Outcome{Broken: w.broken, Transcript: w.log.String(), Stats: w.stats}, nil
}

func (w *World) play(commands []Command) {
	for _, c := range commands {
		w.runUntil(w.now + core.Instant(c.Pause))
		if w.broken != nil {
			return
		}
		w.log.command(w, c)
		w.do(c)
		if w.broken != nil {
			return
		}
	}
	if !w.config.Unfair {
		w.peace()
	}
}

// runUntil lets everything happen that is due until then.
func (w *World) runUntil(then core.Instant) {
	for w.broken == nil {
		at, ok := w.agenda.next()
		if !ok || at > then {
			break
		}
		d := w.agenda.take()
		w.now = max(w.now, d.at)
		w.happen(d)
	}
	w.now = max(w.now, then)
}

func (w *World) happen(d due) {
	switch {
	case d.exchange != nil:
		w.advance(d.exchange)
	case d.process != nil && d.process.life != d.life:
		// It was for a process that is gone.
	case d.store != nil:
		d.process.perform(d.store)
	case d.answer != nil:
		d.process.answered(d.answer)
	case d.timerDue != 0:
		d.process.fire(d.timer, d.timerDue)
	case d.event != nil:
		d.process.take(d.event)
	}
}

func (w *World) plan(after int64, d due) {
	w.order++
	d.at, d.order = w.now+core.Instant(after), w.order
	w.agenda.add(d)
}

// fail remembers the first law that was broken.
func (w *World) fail(format string, args ...any) {
	if w.broken == nil {
		w.broken = fmt.Errorf(format, args...)
		w.log.printf(w, "BROKEN", "%v", w.broken)
	}
}

// Now is the true time of day.
func (w *World) wall() core.Wall { return StartWall + core.Wall(w.now-startInstant) }

func (w *World) device(i int) *device {
	if w.devices[i] == nil {
		w.devices[i] = newDevice(w, i)
	}
	return w.devices[i]
}

func (w *World) do(c Command) {
	switch c.Op {
	case OpDown:
		w.down = w.now + core.Instant(c.N)
	case OpTrouble:
		w.trouble = w.now + core.Instant(c.N)
	case OpCrash:
		w.server.Crash()
	case OpBackup:
		w.server.Backup()
	case OpRestore:
		w.restore()
	case OpLag:
		w.lag = w.now + core.Instant(c.N)
		w.server.Lag()
	case OpRevoke, OpDelete, OpTask:
		w.changeOnServer(c)
	case OpDisk, OpPowerCut, OpNet, OpClock, OpSwitchKey, OpDestroy:
		w.device(c.Device).do(c)
	case OpLaunch, OpKill, OpKillAfter, OpSignIn, OpSendCode, OpEnterCode, OpSecond, OpSignUp, OpReset, OpPassword, OpAbandon,
		OpAdopt, OpSignOut, OpToken, OpFreshToken, OpNudge, OpExpect:
		d := w.device(c.Device)
		d.process(max(c.Process, 1)).do(c)
	default:
		w.fail("no such command: %s", c)
	}
}

// changeOnServer does something to the session that a device has, from the side
// of the server.
func (w *World) changeOnServer(c Command) {
	session := w.device(c.Device).current().acked.record.SessionID
	switch {
	case session == "":
	case c.Op == OpRevoke:
		w.server.Revoke(session)
	case c.Op == OpDelete:
		w.server.DeleteUser(session)
	default:
		w.server.SetTask(session, !w.server.Pending(session))
	}
}

// restore puts the backup in the place of what the server has stored. Sessions
// that it had ended by then may be back, and no device can know.
func (w *World) restore() {
	for _, d := range w.devices {
		if d == nil {
			continue
		}
		for _, place := range d.places {
			for _, session := range place.sessions() {
				if !w.server.Live(session) {
					w.undone[session] = true
				}
			}
		}
	}
	w.stats.Restores++
	w.server.Restore()
}

// lives reports whether the session of a record is signed in and its credential
// one that the server knows: after it was restored from a backup the two need
// not go together.
func (w *World) lives(r core.Record) bool {
	return r.SessionID != "" && w.server.Live(r.SessionID) && w.server.Knows(r.Credential)
}

// lost reports whether the server has lost the client of a record with its
// restored backup. It says that it cannot tell, then, and not that it is over. A
// credential that was handed over counts where none is in use.
func (w *World) lost(r core.Record) bool {
	presented := r.Credential
	switch {
	case r.Credential.IsZero():
		presented = r.Candidate
	case !r.Successor.IsZero():
		presented = r.Successor
	}
	return !presented.IsZero() && !w.server.Knows(presented) && w.stats.Restores > 0
}

// certainlyLives leaves out what the server had ended once and has again: an
// answer from before may be on its way.
func (w *World) certainlyLives(r core.Record) bool { return w.lives(r) && !w.undone[r.SessionID] }
