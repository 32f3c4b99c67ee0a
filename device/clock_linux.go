package device

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/perennialauth/perennial/device/core"
)

// monotonic reads the clock that goes on while the machine is suspended. Go's
// own stands still then, and a token that ended during the night would look
// fresh in the morning.
func monotonic() core.Instant {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return core.Instant(time.Since(started).Milliseconds())
	}
	return core.Instant(ts.Sec*1000 + ts.Nsec/1_000_000)
}
