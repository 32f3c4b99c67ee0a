// Package mobile owns the interface of the device for gomobile: the same calls
// as package device, in the types that Java, Kotlin, Objective-C and Swift can
// be given.
//
// It offers [Configuration], [Open], [Device], [State] and the interfaces that
// an app implements, [Store] and [StateListener].
//
// It refuses what the binding tool would leave out in silence: maps, slices
// other than bytes, channels, functions and more than one result. A test runs
// the tool and looks. Calls that wait take a limit in milliseconds and must not
// be made on the app's main thread.
package mobile

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
)

// Configuration is what a device is opened with. Make it with
// [NewConfiguration]; see docs/bindings.md for the options.
type Configuration struct {
	PublishableKey string
	// Dir keeps the session in sealed files. Leave it empty with a Store.
	Dir string
	// Ephemeral keeps nothing beyond the process.
	Ephemeral bool

	Server    string
	CAPEM     string
	UserAgent string
	// Limits in milliseconds; zero means the default.
	OfflineLimitMillis  int64
	LocalDeadlineMillis int64
	RequestLimitMillis  int64
	// StoreMaxValue and StoreLockDir go with a Store.
	StoreMaxValue int
	StoreLockDir  string

	store Store
}

// NewConfiguration returns the configuration for an instance.
func NewConfiguration(publishableKey string) *Configuration {
	return &Configuration{PublishableKey: publishableKey}
}

// UseStore keeps the session in a store of the app.
func (c *Configuration) UseStore(store Store) { c.store = store }

func (c *Configuration) options() bindings.Options {
	o := bindings.Options{
		PublishableKey: c.PublishableKey, Dir: c.Dir, Server: c.Server, CAPEM: c.CAPEM, UserAgent: c.UserAgent,
		OfflineLimitMS: c.OfflineLimitMillis, LocalDeadlineMS: c.LocalDeadlineMillis, RequestLimitMS: c.RequestLimitMillis,
		MaxValue: c.StoreMaxValue, LockDir: c.StoreLockDir,
	}
	switch {
	case c.store != nil:
		o.Vault = bindings.VaultHost
	case c.Ephemeral:
		o.Vault = bindings.VaultMemory
	}
	return o
}

// Device is one client of one instance, in this process.
type Device struct{ inner *device.Device }

// Open begins to restore the session and returns at once.
func Open(configuration *Configuration) (*Device, error) {
	if configuration == nil {
		return nil, failure(device.ErrNotConfigured)
	}
	var store *bindings.Store
	if configuration.store != nil {
		store = hostStore(configuration.store)
	}
	d, err := configuration.options().Open(store)
	if err != nil {
		return nil, failure(err)
	}
	return &Device{d}, nil
}

// Close ends this process's part of the session. Nobody is signed out.
func (d *Device) Close() error { return failure(d.inner.Close()) }

// Current returns what is known now.
func (d *Device) Current() *State { return stateOf(d.inner.State()) }

// Restore waits for the first verdict.
func (d *Device) Restore(timeoutMillis int64) (*State, error) {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	state, err := d.inner.Restore(ctx)
	if err != nil {
		return nil, failure(err)
	}
	return stateOf(state), nil
}

// Token returns a session token that is valid now, with fresh never from
// memory.
func (d *Device) Token(fresh bool, timeoutMillis int64) (string, error) {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	ask := d.inner.Token
	if fresh {
		ask = d.inner.FreshToken
	}
	token, err := ask(ctx)
	return token, failure(err)
}

// SignOut signs out here, durably and at once; the server is told as soon as it
// can be.
func (d *Device) SignOut(timeoutMillis int64) error {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	return failure(d.inner.SignOut(ctx))
}

// Adopt takes over the client credential of another SDK.
func (d *Device) Adopt(credential string, timeoutMillis int64) error {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	return failure(d.inner.Adopt(ctx, credential))
}

// Credential returns the client credential in use, for another SDK beside this
// one; empty when nobody is signed in.
func (d *Device) Credential(timeoutMillis int64) (string, error) {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	credential, err := d.inner.Credential(ctx)
	return credential, failure(err)
}

// Drain waits until all is stored and every queued revocation is delivered.
func (d *Device) Drain(timeoutMillis int64) error {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	return failure(d.inner.Drain(ctx))
}

// Nudge says that the app came to the foreground or that the network changed.
func (d *Device) Nudge() { d.inner.Nudge() }

// Reload says that another process may have changed the record.
func (d *Device) Reload() { d.inner.Reload() }

// Explain tells in words why the current state holds, without secrets.
func (d *Device) Explain() string {
	var b strings.Builder
	if err := d.inner.Explain(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

// limit bounds a call; zero means a minute and a negative number no limit.
func limit(millis int64) (context.Context, context.CancelFunc) {
	const usual = 60_000
	switch {
	case millis < 0:
		return context.WithCancel(context.Background())
	case millis == 0:
		millis = usual
	}
	return context.WithTimeout(context.Background(), bindings.Milliseconds(millis))
}

// failure gives an error the form "kind: message": its text is all of it that
// reaches the other side.
func failure(err error) error {
	if f := bindings.FailureOf(err); f != nil {
		return *f
	}
	return nil
}

// KindOf returns the kind of an error from its text; see docs/bindings.md.
func KindOf(message string) string {
	kind, _, found := strings.Cut(message, ": ")
	if !found || strings.Contains(kind, " ") {
		return bindings.KindInternal
	}
	return kind
}
