package core

import "time"

// Instant is a point on a monotonic clock, in milliseconds since an arbitrary
// start. It is supplied by the caller of [Step] and never runs backwards within
// one process; it says nothing about the time of day.
type Instant int64

// Add returns the instant d later, rounded up to a millisecond. It saturates,
// so that an absurd duration from a server cannot wrap into the past.
func (i Instant) Add(d time.Duration) Instant {
	ms := int64(d / time.Millisecond)
	if d%time.Millisecond > 0 {
		ms++
	}
	if ms > 0 && int64(i) > maxInstant-ms {
		return maxInstant
	}
	return i + Instant(ms)
}

// Since returns how much later i is than earlier.
func (i Instant) Since(earlier Instant) time.Duration {
	return time.Duration(i-earlier) * time.Millisecond
}

// maxInstant leaves room so that differences of two instants, in nanoseconds,
// still fit an int64 (about 290 years).
const maxInstant = 9_000_000_000_000

// Wall is a time of day in milliseconds since 1970, as a device or a server
// told it. Zero means unknown. Nothing in this package ends a session because
// of it.
type Wall int64

func (w Wall) since(earlier Wall) time.Duration {
	ms := int64(w) - int64(earlier)
	return time.Duration(min(max(ms, -maxInstant), maxInstant)) * time.Millisecond
}
