// Package launch owns the instant at which this process began.
//
// It offers [Elapsed], by which a command reports how long its user has waited.
//
// It refuses to import anything but the clock: the fewer packages it needs, the
// sooner after the start of the process its variable is set.
package launch

import "time"

var began = time.Now()

// Elapsed is the time since the process began, by the monotonic clock. The few
// hundred microseconds in which the runtime starts are not in it.
func Elapsed() time.Duration { return time.Since(began) }
