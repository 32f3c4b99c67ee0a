//go:build !linux

package device

import (
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// monotonic reads Go's monotonic clock. On platforms where it stands still
// during suspension the host should call Nudge on resume.
func monotonic() core.Instant { return core.Instant(time.Since(started).Milliseconds()) }

// bootID is empty: this clock is each process's own.
func bootID() string { return "" }
