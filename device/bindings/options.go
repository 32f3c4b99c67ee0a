package bindings

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/trace"
	"github.com/perennialauth/perennial/device/vault/callbackvault"
	"github.com/perennialauth/perennial/device/vault/keyringvault"
)

// Where a device keeps its session.
const (
	VaultFile    = "file"    // sealed files in Dir; the default
	VaultKeyring = "keyring" // the same, the key in the system's secret store
	VaultMemory  = "memory"  // nothing survives the process
	VaultHost    = "host"    // a store that the host brings
)

// Options are those of [device.Config] that a host in another language can
// give. PublishableKey and, for the vaults in files, Dir are needed.
type Options struct {
	PublishableKey string `json:"publishable_key"`
	// Server overrides the base URL that the key names.
	Server string `json:"server,omitempty"`
	// CAFile and CAPEM add a trusted authority, for development servers.
	CAFile string `json:"ca_file,omitempty"`
	CAPEM  string `json:"ca_pem,omitempty"`
	// Vault is one of the Vault constants.
	Vault string `json:"vault,omitempty"`
	Dir   string `json:"dir,omitempty"`
	// Service names the host to the system's secret store (VaultKeyring).
	Service string `json:"service,omitempty"`
	// MaxValue and LockDir are those of [callbackvault.Config] (VaultHost).
	MaxValue int    `json:"max_value,omitempty"`
	LockDir  string `json:"lock_dir,omitempty"`

	UserAgent string `json:"user_agent,omitempty"`
	// The limits are in milliseconds; zero means the default of
	// [device.Config], and a negative OfflineLimitMS no limit.
	OfflineLimitMS  int64 `json:"offline_limit_ms,omitempty"`
	LocalDeadlineMS int64 `json:"local_deadline_ms,omitempty"`
	RequestLimitMS  int64 `json:"request_limit_ms,omitempty"`

	// Unbound keeps the credential usable by another SDK; see [device.Config].
	Unbound bool `json:"unbound,omitempty"`

	// Trace has the launch told to standard error, as the environment variable
	// PERENNIAL_TRACE does; Tracer has it told to an account of the caller's.
	Trace  bool         `json:"trace,omitempty"`
	Tracer *trace.Trace `json:"-"`
}

// Tracing returns the trace that the options or the environment ask for, nil if
// none.
func (o Options) Tracing() *trace.Trace {
	switch {
	case o.Tracer != nil:
		return o.Tracer
	case o.Trace:
		return trace.New(os.Stderr)
	default:
		return trace.FromEnvironment()
	}
}

// Store is the host's part of VaultHost.
type Store struct {
	Get    func(name string) ([]byte, error)
	Set    func(name string, value []byte) error
	Delete func(name string) error
}

// Open begins to restore the session. store is needed for VaultHost and must be
// nil otherwise. Every error is a [device.ErrNotConfigured].
func (o Options) Open(store *Store) (*device.Device, error) {
	config := device.Config{
		PublishableKey: o.PublishableKey, Server: o.Server, UserAgent: o.UserAgent,
		OfflineLimit: Milliseconds(o.OfflineLimitMS), LocalDeadline: Milliseconds(o.LocalDeadlineMS),
		RequestLimit: Milliseconds(o.RequestLimitMS), Trace: o.Tracing(), Unbound: o.Unbound,
	}
	for _, step := range []func(*device.Config) error{
		o.trust, func(c *device.Config) error { return o.choose(c, store) },
	} {
		if err := step(&config); err != nil {
			return nil, &device.Error{Kind: device.ErrNotConfigured, Message: err.Error()}
		}
	}
	return device.Open(config)
}

// Milliseconds is a duration of n milliseconds, held within what a duration can
// express.
func Milliseconds(n int64) time.Duration {
	const most = int64(1) << 40 // 34 years
	return time.Duration(max(-most, min(n, most))) * time.Millisecond
}

func (o Options) trust(config *device.Config) error {
	text := []byte(o.CAPEM)
	if o.CAFile != "" {
		data, err := readBounded(o.CAFile)
		if err != nil {
			return fmt.Errorf("ca_file: %w", err)
		}
		text = append(append(text, '\n'), data...)
	}
	if len(text) == 0 {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return errors.New("ca_file and ca_pem hold no certificate")
	}
	config.RootCAs = pool
	return nil
}

// readBounded reads a file of certificates. The path is the host's, and a
// device or a pipe there must neither fill the memory nor hold anybody up.
func readBounded(path string) ([]byte, error) {
	const limit = 1 << 20
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%s is not a file of at most %d bytes", path, limit)
	}
	return os.ReadFile(path)
}

func (o Options) choose(config *device.Config, store *Store) error {
	if (store != nil) != (o.Vault == VaultHost) {
		return errors.New(`a store of the host goes with the vault "host"`)
	}
	switch o.Vault {
	case "", VaultFile:
		config.Dir = o.Dir
	case VaultMemory:
		config.Ephemeral = true
	case VaultKeyring:
		if o.Dir == "" {
			return errors.New(`the vault "keyring" needs dir: only the key goes to the secret store`)
		}
		kept, err := keyringvault.Open(keyringvault.Config{Dir: o.Dir, Tenant: o.PublishableKey, Service: o.Service})
		if err != nil {
			return err
		}
		config.Vault = kept
		tenant := sha256.Sum256([]byte(o.PublishableKey))
		config.Journal = filepath.Join(o.Dir, "journal-"+hex.EncodeToString(tenant[:8])+".jsonl")
	case VaultHost:
		kept, err := callbackvault.Open(callbackvault.Config{
			Get: store.Get, Set: store.Set, Delete: store.Delete,
			Tenant: o.PublishableKey, MaxValue: o.MaxValue, LockDir: o.LockDir,
		})
		if err != nil {
			return err
		}
		config.Vault = kept
	default:
		return fmt.Errorf("vault %q is not one of file, keyring, memory and host", o.Vault)
	}
	return nil
}
