package keyringvault

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/perennialauth/perennial/device/vault"
)

// Unverified: this file compiles and has not been run on such a system.

const errorNoSuchLogonSession = syscall.Errno(1312)

func ready() error { return nil }

func classify(err error) (vault.Answer, string) {
	var code syscall.Errno
	if !errors.As(err, &code) {
		return vault.Failed, "the credential manager cannot be reached"
	}
	switch code {
	case syscall.ERROR_ACCESS_DENIED:
		return vault.AccessDenied, "the credential manager refuses this program"
	case errorNoSuchLogonSession:
		// A service or a network logon has no credential set; an interactive
		// logon of the same user has.
		return vault.AccessDenied, "this logon session has no credential set"
	default:
		return vault.Failed, fmt.Sprintf("the credential manager answered error %d", uint32(code))
	}
}
