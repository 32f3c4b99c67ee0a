package conformance

import (
	"sync/atomic"
	"time"
)

// Clock is the clock of a device under test. It runs with ours, and can be set.
type Clock struct {
	ahead  atomic.Int64 // of the wall clock
	asleep atomic.Int64 // time that passed while nothing ran
}

var begun = time.Now()

// Wall is the time of day as the device believes it.
func (c *Clock) Wall() time.Time {
	return time.Now().Add(time.Duration(c.ahead.Load() + c.asleep.Load()))
}

// Monotonic counts upwards from some instant, also while the device is
// suspended.
func (c *Clock) Monotonic() time.Duration {
	return time.Second + time.Since(begun) + time.Duration(c.asleep.Load())
}

// set moves the wall clock alone, and sleep lets time pass.
func (c *Clock) set(by time.Duration)      { c.ahead.Add(int64(by)) }
func (c *Clock) sleep(until time.Duration) { c.asleep.Add(int64(until)) }
