package device

import (
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// systemClock reads the clocks of the operating system.
type systemClock struct{}

// started anchors the portable monotonic clock; see clock_linux.go for the
// better one.
var started = time.Now()

func (systemClock) Wall() core.Wall { return core.Wall(time.Now().UnixMilli()) }

func (systemClock) Now() core.Instant { return monotonic() }
