package core

import (
	"fmt"
	"slices"
	"sync/atomic"
)

// No state is a dead end: from each one a fair world leads to rest, and there
// the verdict is the true one. A fair world does one thing at a time, so each
// state has one fair successor, and all of them together say where every state
// leads. States that were not expanded are walked from, one in sample.

type mark uint8

const (
	markNone mark = iota
	markOpen      // on the way being followed
	markLive
)

// dead finds a state from which a fair world never comes to rest.
func (s *search) dead() *finding {
	marks := make([][]mark, len(s.crew))
	for i, w := range s.crew {
		marks[i] = make([]mark, w.kept)
	}
	var loose []stateID
	var way []stateID
	for i, w := range s.crew {
		for place := range w.kept {
			way = way[:0]
			for id := stateID(place<<workerBits | i); ; {
				m := &marks[id.worker()][id.place()]
				if *m == markLive {
					break
				}
				if *m == markOpen {
					return &finding{fmt.Errorf("liveness: a fair world goes round in a circle"), s.path(id)}
				}
				*m = markOpen
				way = append(way, id)
				next, known := s.ahead(id)
				if !known {
					loose = append(loose, id)
				}
				if next == id {
					break
				}
				id = next
			}
			for _, id := range way {
				marks[id.worker()][id.place()] = markLive
			}
		}
	}
	return s.walkFrom(loose)
}

// ahead is where a fair world goes to from id: id itself when it is at rest
// there, or when that is not known.
func (s *search) ahead(id stateID) (next stateID, known bool) {
	switch fair := s.node(id).fair; fair {
	case 0:
		return id, false
	case atRest:
		return id, true
	default:
		if next, known := s.table.find(fair); known {
			return next, true
		}
		return id, false // there was no room to keep it
	}
}

// walkFrom follows the fair way from states that were not expanded.
func (s *search) walkFrom(loose []stateID) *finding {
	const most = 20_000
	step := max(1, len(loose)/most)
	var next atomic.Int64
	s.together(func(w *worker) {
		for s.finding.Load() == nil {
			i := (int(next.Add(1)) - 1) * step
			if i >= len(loose) {
				return
			}
			s.walked.Add(1)
			from := *w.walk.world(loose[i])
			if way, err := from.fair(); err != nil {
				s.broken(err, loose[i], way...)
			}
		}
	})
	s.loose = len(loose)
	return s.finding.Load()
}

// fair lets the world behave from w on, and expects the machine to get to the
// verdict that is true. It returns the way.
func (w *world) fair() (way []action, err error) {
	for range 80 {
		a, moves := w.nextFair()
		if !moves {
			return way, w.settled()
		}
		way = append(way, a)
		if err := w.safely(a); err != nil {
			return way, fmt.Errorf("on the fair way: %w", err)
		}
	}
	return way, fmt.Errorf("liveness: the machine does not come to rest; verdict %s(%s)", w.state.verdict.Kind, w.state.verdict.Cause)
}

// nextFair picks what a fair world does next: answers first, then the earliest
// of the timers that stand for trying again.
func (w *world) nextFair() (action, bool) {
	if !w.alive {
		return action{do: doLaunch}, true
	}
	if w.op.id != 0 {
		return action{do: doStore}, true
	}
	if w.proxy.there {
		return action{do: doProxyLeaves}, true
	}
	for i := range w.reqs {
		if w.reqs[i].ID != 0 {
			return action{do: doServe, arg: uint8(i)}, true
		}
	}
	if w.bind.wanted {
		return action{do: doKeyMade}, true
	}
	first, due := Timer(0), Instant(0)
	for _, timer := range []Timer{TimerStore, TimerConfirm, TimerRevoke, TimerFlow, TimerLocalDeadline} {
		if at := w.state.timers[timer]; at != 0 && (due == 0 || at < due) {
			first, due = timer, at
		}
	}
	return action{do: doTimer, arg: uint8(first)}, due != 0
}

// settled says what must be true when a fair world has come to rest.
func (w *world) settled() error {
	s, v := &w.state, w.state.verdict
	if !v.Settled() {
		return fmt.Errorf("liveness: no verdict: %s", v.Cause)
	}
	if s.record != s.durable || s.store.failed != "" || s.store.critical {
		return fmt.Errorf("liveness: something was never stored (verdict %s(%s))", v.Kind, v.Cause)
	}
	if !s.record.Revocations[0].IsZero() {
		return fmt.Errorf("law 10: a revocation was never delivered")
	}
	if !s.record.Candidate.IsZero() {
		return fmt.Errorf("liveness: a handed-over credential was never identified")
	}
	if returned(&s.record.Flows) >= 0 {
		return fmt.Errorf("liveness: a browser flow that came back was never redeemed")
	}
	if call := slices.Index(w.ghost.open[:], true); call >= 0 {
		return fmt.Errorf("liveness: call %d was never answered (verdict %s(%s))", call, v.Kind, v.Cause)
	}
	if v.Kind == Undetermined {
		return fmt.Errorf("liveness: the verdict stays undetermined(%s)", v.Cause)
	}
	client := w.clientOf(s.record.Credential)
	known := w.liveSession(client, s.record.SessionID)
	if v.SignedIn() && v.Kind != Active && known {
		return fmt.Errorf("liveness: a living session stays %s", v.Kind)
	}
	ended := w.bind.lines[0].ended || w.bind.lines[1].ended
	if v.SignedIn() && !known && !ended && !w.server.forgottenBetween() {
		return fmt.Errorf("liveness: a session that is over stays %s", v.Kind)
	}
	return nil
}

// forgottenBetween: the last exchange may have been before the session ended, or
// before another process rotated the credential;
// the machine learns of it when it next asks.
func (s modelServer) forgottenBetween() bool {
	return s.over != [modelSessions]bool{} || s.forgotten || s.presented
}
