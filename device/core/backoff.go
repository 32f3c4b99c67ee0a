package core

import "time"

// maxRetryAfter bounds how long a server can silence a device.
const maxRetryAfter = time.Hour

// pauseFor lengthens q after a failed exchange: doubling, spread by jitter so
// that many devices do not come back in step, and never shorter than the server
// asked for.
func (t *turn) pauseFor(q *quiet, e Responded, evidence Evidence) {
	pause := t.config.BackoffBase
	for range min(q.tries, 30) {
		pause = min(2*pause, t.config.BackoffCap)
	}
	q.tries = min(q.tries+1, 30)
	q.last = t.now
	q.until = t.now.Add(t.spread(pause/2, 1))
	if after := min(e.RetryAfter, maxRetryAfter); after > 0 {
		q.floor = t.now.Add(t.spread(after, 0.5))
	}
	q.trouble, q.evidence = evidence.Trouble, evidence
}
