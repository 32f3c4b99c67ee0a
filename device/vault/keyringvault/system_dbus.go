//go:build unix && !darwin

package keyringvault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
	ss "github.com/zalando/go-keyring/secret_service"

	"github.com/perennialauth/perennial/device/vault"
)

// ready refuses before the library would do something that a session must not
// wait for: start a message bus of its own where there is none, or ask the user
// to open a locked collection in the middle of a cold start.
func ready() error {
	if !busConfigured() {
		return &Refusal{Answer: vault.Failed, Detail: "no session bus, so no secret service"}
	}
	service, err := ss.NewSecretService()
	if err != nil {
		return translate(err)
	}
	locked, err := service.GetLoginCollection().GetProperty("org.freedesktop.Secret.Collection.Locked")
	if err != nil {
		return translate(err)
	}
	if value, ok := locked.Value().(bool); !ok || value {
		return &Refusal{Answer: vault.Locked, Detail: "the collection of the secret service is locked"}
	}
	return nil
}

// busConfigured looks where the bus library looks before it starts a bus.
func busConfigured() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}

// classify knows the errors that mean locked or denied by their names in the
// Secret Service and D-Bus specifications.
func classify(err error) (vault.Answer, string) {
	name := busErrorName(err)
	switch name {
	case "org.freedesktop.Secret.Error.IsLocked":
		return vault.Locked, "the secret service is locked"
	case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.AuthFailed":
		return vault.AccessDenied, "the message bus refuses this program"
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner":
		return vault.Failed, "there is no secret service on the bus"
	case "org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownMethod",
		"org.freedesktop.Secret.Error.NoSuchObject":
		return vault.Failed, "the secret service has no default collection"
	case "":
		// The library's own words for a prompt that was dismissed or could
		// not be shown.
		if strings.HasPrefix(err.Error(), "failed to unlock") {
			return vault.Locked, "the secret service was not unlocked"
		}
		return vault.Failed, "the secret service cannot be reached"
	default:
		return vault.Failed, "the secret service answered " + name
	}
}

func busErrorName(err error) string {
	var value dbus.Error
	if errors.As(err, &value) {
		return value.Name
	}
	var pointer *dbus.Error
	if errors.As(err, &pointer) {
		return pointer.Name
	}
	return ""
}
