package device

import (
	"os"
	"strings"
	"sync"
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

// bootID names the run of the operating system during which monotonic is the
// same clock for every process; empty when that is not known.
var bootID = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
})
