package device

import (
	"time"

	"github.com/perennialauth/perennial/device/vault"
)

const defaultPeerInterval = time.Second

// followPeers reloads when another process has changed the stored record: an
// extension that signed out, a command line that signed in. This process's own
// saves are noticed too and cost one more read. It ends with Close; a mark that
// never comes (a dead network mount) holds up nothing but the looking.
func (d *Device) followPeers(v vault.Vault, interval time.Duration) {
	peeker, ok := v.(vault.Peeker)
	if !ok || interval < 0 {
		return
	}
	if interval == 0 {
		interval = defaultPeerInterval
	}
	go func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		// The first mark is taken after the first read and may already hide a
		// change, so it counts as one.
		seen := ""
		for {
			select {
			case <-ticker.C:
			case <-d.states.over():
				return
			}
			if mark, ok := peeker.Peek(); ok && mark != seen {
				seen = mark
				d.Reload()
			}
		}
	}()
}
