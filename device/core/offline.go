package core

import "time"

// implausible is how far a wall clock may be ahead of the last confirmation
// before it is taken for broken rather than for elapsed time.
const implausible = 5 * 365 * 24 * time.Hour

// offlineDue is when the offline limit is reached: the earlier one by the
// monotonic clock, which setting the clock back does not delay, and by the wall
// clock, which goes on while the device is off. 0 means never.
func (t *turn) offlineDue() Instant {
	limit := t.config.OfflineLimit
	if limit < 0 || t.record.Tombstone != "" || t.record.Credential.IsZero() {
		return 0
	}
	due := t.unconfirmed.Add(limit) - Instant(t.record.Unconfirmed)
	if t.wall != 0 && t.record.ConfirmedAt != 0 {
		gone := t.wall.since(t.record.ConfirmedAt)
		if gone > 0 && gone < implausible {
			due = min(due, t.wallAt.Add(limit)-Instant(gone/time.Millisecond))
		}
	}
	if due == 0 {
		due = -1
	}
	return due
}

// overLimit reports whether the offline limit is reached.
func (t *turn) overLimit() bool {
	due := t.offlineDue()
	return due != 0 && due <= t.now
}

// foldUnconfirmed moves the time counted by this process into the record that
// is about to be stored, so that a restart does not begin to count anew.
func (t *turn) foldUnconfirmed() {
	if t.record.Credential.IsZero() || t.confirmed {
		return
	}
	t.record.Unconfirmed += int64(t.now - t.unconfirmed)
	t.unconfirmed = t.now
}
