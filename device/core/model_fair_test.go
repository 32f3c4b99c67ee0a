package core

import (
	"fmt"
	"slices"
	"strings"
)

// fair lets the world behave from w on, and expects the machine to get to the
// verdict that is true.
func (w world) fair() error {
	if !w.alive {
		if err := w.take(action{do: doLaunch}); err != nil {
			return err
		}
	}
	if !w.state.launched {
		if err := w.take(action{do: doLaunch}); err != nil {
			return err
		}
	}
	var way []string
	for range 80 {
		a, ok := w.nextFair()
		if !ok {
			if err := w.settled(); err != nil {
				return fmt.Errorf("%w, on the fair way (%s)", err, strings.Join(way, "; "))
			}
			return nil
		}
		way = append(way, w.describe(a))
		if err := w.safely(a); err != nil {
			return fmt.Errorf("on the fair way (%s): %w", strings.Join(way, "; "), err)
		}
	}
	return fmt.Errorf("liveness: the machine does not come to rest; verdict %s(%s)", w.state.verdict.Kind, w.state.verdict.Cause)
}

// nextFair picks what a fair world does next: answers first, then the timers
// that stand for trying again.
func (w *world) nextFair() (action, bool) {
	if w.op.id != 0 {
		return action{do: doStore}, true
	}
	for i := range w.reqs {
		if w.reqs[i].ID != 0 {
			return action{do: doServe, arg: uint8(i)}, true
		}
	}
	for _, timer := range []Timer{TimerStore, TimerConfirm, TimerRevoke, TimerLocalDeadline} {
		if w.state.timers[timer] != 0 {
			return action{do: doTimer, arg: uint8(timer)}, true
		}
	}
	return action{}, false
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
	if v.SignedIn() && !known && !w.server.forgottenBetween() {
		return fmt.Errorf("liveness: a session that is over stays %s", v.Kind)
	}
	return nil
}

// forgottenBetween: the last exchange may have been before the session ended, or
// before another process rotated the credential;
// the machine learns of it when it next asks.
func (s modelServer) forgottenBetween() bool {
	return s.ended || s.forgotten || s.presented || s.ended2 || s.ended3
}
