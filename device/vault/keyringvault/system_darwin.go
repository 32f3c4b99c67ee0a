package keyringvault

import (
	"errors"
	"fmt"
	"os/exec"

	"github.com/perennialauth/perennial/device/vault"
)

// Unverified: this file compiles and has not been run on such a system.

func ready() error { return nil }

// classify reads the exit status of the security tool, which is the low byte of
// the Security framework's status.
func classify(err error) (vault.Answer, string) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return vault.Failed, "the security tool cannot be run"
	}
	switch code := exit.ExitCode(); code {
	case 36: // errSecInteractionNotAllowed (-25308): locked, and nobody may be asked
		return vault.Locked, "the keychain is locked"
	case 51, 128: // errSecAuthFailed (-25293), userCanceledErr (-128)
		return vault.AccessDenied, "the keychain refuses this program"
	default:
		return vault.Failed, fmt.Sprintf("the security tool ended with status %d", code)
	}
}
