//go:build !unix

package core

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
