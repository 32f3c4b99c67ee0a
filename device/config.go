package device

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/perennialauth/perennial/device/proofkey"
	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/sharedtoken"
	"github.com/perennialauth/perennial/device/shell"
	"github.com/perennialauth/perennial/device/trace"
	"github.com/perennialauth/perennial/device/transport"
	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/filevault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// Config says which instance, and where the session is kept. PublishableKey and
// exactly one of Dir, Vault and Ephemeral are needed.
type Config struct {
	// PublishableKey names the instance and is the tenant of everything stored.
	PublishableKey string
	// Server overrides the base URL that the key names.
	Server string
	// RootCAs are the trusted certificate authorities; nil means the system's.
	RootCAs *x509.CertPool

	// Dir keeps the session in sealed files of this folder, made with mode 0700.
	Dir string
	// Vault keeps it in a store that the host brings.
	Vault vault.Vault
	// Journal is the file of the journal that Explain reads when Vault is set;
	// empty means memory only. With Dir there is one in that folder.
	Journal string
	// Ephemeral keeps it in memory only: every start is signed out.
	Ephemeral bool

	// Install names this installation of the application, where the host keeps
	// such a name outside the store (a store can outlive an uninstalled
	// application, or come from another device's backup). Leave it empty when
	// it cannot be read: then nothing follows from it.
	Install string
	// DiscardForeign begins signed out when the store holds the record of
	// another installation. Without it that record is adopted, and its user is
	// shown only after the server has confirmed the session.
	DiscardForeign bool

	// OfflineLimit is how long a session is shown without a word from the
	// server. Default 30 days; negative means no limit.
	OfflineLimit time.Duration
	// LocalDeadline bounds the first verdict. Default 500 ms.
	LocalDeadline time.Duration
	// BackoffBase and BackoffCap bound the pause after a failed exchange.
	// Defaults 1 s and 5 min.
	BackoffBase time.Duration
	BackoffCap  time.Duration
	// StoreLimit bounds one call to the vault (default 5 s), RequestLimit one
	// exchange with the server (default 30 s).
	StoreLimit   time.Duration
	RequestLimit time.Duration

	// PeerInterval is how often a process looks whether another one has changed
	// the stored record, where the vault can tell. Default 1 s; negative means
	// never, and [Device.Reload] is then the only way to learn of it.
	PeerInterval time.Duration

	// Unbound keeps credentials that are not bound to a key of this device. A
	// host needs it that shares the credential of a sign-in made here with
	// another SDK ([Device.Credential]). What is bound already stays so.
	Unbound bool
	// Keys is a key store of the platform. Nil means keys in software, which
	// are kept in the sealed record.
	Keys proofkey.Keys
	// RotateEvery is how long a bound credential is used before a successor is
	// asked for. Default 7 days; negative means never.
	RotateEvery time.Duration

	// UserAgent names the application to the server.
	UserAgent string
	// Trace is told what happens during the launch; nil means standard error
	// when the environment variable PERENNIAL_TRACE is set to 1, else nobody.
	Trace *trace.Trace
	// RoundTripper, Transport and Clock replace the network, the whole
	// transport and the clocks, for tests and simulations.
	RoundTripper http.RoundTripper
	Transport    shell.Transport
	Clock        shell.Clock
}

// parts are what a Device is assembled from.
type parts struct {
	vault     vault.Vault
	transport shell.Transport
	clock     shell.Clock
	keys      shell.Keys // nil: nothing is bound
	journal   *journal
	closers   []func()
}

func (c Config) build() (parts, error) {
	if _, err := publishablekey.Parse(c.PublishableKey); err != nil {
		return parts{}, notConfigured("%v", err)
	}
	p := parts{transport: c.Transport, clock: c.Clock}
	if p.clock == nil {
		p.clock = systemClock{}
	}
	if c.Keys == nil {
		c.Keys = proofkey.Software{}
	}
	if !c.Unbound {
		p.keys = c.Keys
	}
	if p.transport == nil {
		speaker, err := transport.New(transport.Config{
			PublishableKey: c.PublishableKey, Server: c.Server, RootCAs: c.RootCAs,
			RoundTripper: c.RoundTripper, Timeout: c.RequestLimit, UserAgent: c.UserAgent,
			Bind: !c.Unbound, Keys: c.Keys,
		})
		if err != nil {
			return parts{}, notConfigured("%v", err)
		}
		p.transport, p.closers = speaker, append(p.closers, func() { speaker.Close() })
	}
	// Last, because the journal that comes with it has to be closed.
	if err := c.chooseVault(&p); err != nil {
		return parts{}, err
	}
	c.shareTokens(&p)
	return p, nil
}

// shareTokens has the processes of a device ask for one token between them,
// where the vault has room for it. A clock of the host's own is not known to be
// the same in all of them.
func (c Config) shareTokens(p *parts) {
	shelf, ok := p.vault.(vault.Shelf)
	if !ok || c.Clock != nil {
		return
	}
	if item, err := shelf.Item("token"); err == nil {
		p.transport = sharedtoken.New(sharedtoken.Config{Next: p.transport, Vault: item, Clock: p.clock, Boot: bootID})
	}
}

func (c Config) chooseVault(p *parts) error {
	chosen := 0
	for _, set := range []bool{c.Dir != "", c.Vault != nil, c.Ephemeral} {
		if set {
			chosen++
		}
	}
	if chosen != 1 {
		return notConfigured("exactly one of Dir, Vault and Ephemeral must be set: a session that is to " +
			"survive a restart needs a store, and one that is not must say so")
	}
	switch {
	case c.Vault != nil:
		p.vault = c.Vault
		p.journal = newJournal(c.Journal)
	case c.Ephemeral:
		p.vault = memvault.New()
		p.journal = newJournal("")
	default:
		files, err := filevault.Open(filevault.Config{Dir: c.Dir, Tenant: c.PublishableKey})
		if err != nil {
			return notConfigured("%v", err)
		}
		p.vault = files
		p.journal = newJournal(filepath.Join(c.Dir, journalName(c.PublishableKey)))
	}
	return nil
}

func notConfigured(format string, args ...any) error {
	return &Error{Kind: ErrNotConfigured, Message: fmt.Sprintf(format, args...)}
}
