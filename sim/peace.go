package sim

import "github.com/perennialauth/perennial/device/core"

// peace lets the world behave and expects everything to come right: each living
// session is shown as confirmed, each other one as signed out, nothing waits.
// Processes that are alive get there by themselves; some are started anew.
func (w *World) peace() {
	w.down, w.trouble, w.lag = 0, 0, 0
	for _, d := range w.devices {
		if d == nil {
			continue
		}
		d.net, d.store = nil, diskFault{}
		for i, p := range d.processes {
			if p == nil {
				continue
			}
			p.killIn = -1
			if w.dice.roll(askKill, uint64(d.index), uint64(i), 1<<40)%2 == 0 {
				p.launch()
			}
		}
		for tenant := range d.places {
			d.ensure(tenant)
		}
	}
	const minute = 60_000
	for i := range 200 {
		pause := core.Instant(minute)
		if i < 5 {
			pause = 2_000
		}
		w.runUntil(w.now + pause)
		if w.broken != nil || w.unrest() == "" {
			return
		}
	}
	w.fail("liveness: %s, hours after everything is well", w.unrest())
}

// ensure has a process running at a place where something is stored.
func (d *device) ensure(tenant int) {
	place := d.places[tenant]
	for _, p := range d.processes {
		if p != nil && p.alive && p.place == place {
			return
		}
	}
	if place.acked.version.IsZero() && len(place.maybe) == 0 && !place.ruined {
		return
	}
	for n := 1; n <= len(d.processes); n++ {
		if p := d.process(n); !p.alive {
			before := d.tenant
			d.tenant = tenant
			p.launch()
			d.tenant = before
			return
		}
	}
}

// unrest says what has not come right yet; it is empty when all is well.
func (w *World) unrest() string {
	for _, d := range w.devices {
		if d == nil {
			continue
		}
		for _, p := range d.processes {
			if p != nil && p.alive {
				if what := p.unrest(); what != "" {
					return p.name() + " " + what
				}
			}
		}
		for _, place := range d.places {
			if what := place.unrest(w); what != "" {
				return deviceName(d.index) + " " + what
			}
		}
	}
	return ""
}

func (p *process) unrest() string {
	r, v := p.place.acked.record, p.last
	live := r.Tombstone == "" && p.world.lives(r)
	kind := core.Active
	if live && p.world.server.Pending(r.SessionID) {
		kind = core.Pending
	}
	switch {
	case len(p.calls) > 0:
		return "still owes an answer to " + string(p.calls[0].op)
	case v.PersistFailing || len(p.place.maybe) > 0 && p.op != nil:
		return "has something that is not stored"
	case p.world.lost(r):
		// The server cannot tell, and a person has to sign in again.
	case live && (v.Kind != kind || !v.Confirmed || v.SessionID != r.SessionID):
		return "does not show a living session: " + string(v.Kind) + "(" + string(v.Cause) + ")"
	case !live && v.Kind != core.SignedOut:
		return "shows " + string(v.Kind) + "(" + string(v.Cause) + ") where no session lives"
	}
	return ""
}

// unrest: every sign-out is delivered (law 10).
func (place *place) unrest(w *World) string {
	r := place.acked.record
	for rev := range r.Queued() {
		if w.server.Knows(rev.Credential) {
			return "has a revocation to deliver"
		}
	}
	for _, session := range place.signedOut {
		if w.server.Live(session) && !w.undone[session] && !queued(r, session) {
			return "signed out of " + w.log.name(session) + ", which still lives"
		}
	}
	return ""
}
