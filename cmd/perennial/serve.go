package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/server"
)

func newServeCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "serve",
		Short: "run a server for production",
		Long: "Runs the server with live keys. Settings come from a TOML file, the environment and flags, the later over\n" +
			"the earlier; secrets are never flags. `perennial keygen` makes the keys.",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			k, err := loadServeSettings(command.Flags(), os.Getenv)
			if err != nil {
				return err
			}
			c, err := resolveServe(k)
			if err != nil {
				return fmt.Errorf("configuration: %w", err)
			}
			return runServe(command.Context(), c, os.Stderr)
		},
	}
	addServeFlags(command.Flags())
	return command
}

// runServe serves until ctx ends.
func runServe(ctx context.Context, c serveConfig, log io.Writer) error {
	var h slog.Handler = slog.NewJSONHandler(log, nil)
	if c.textLog {
		h = slog.NewTextHandler(log, nil)
	}
	slog.SetDefault(slog.New(h))
	config, err := serveTLS(c)
	if err != nil {
		return err
	}
	sender, err := serveSender(c)
	if err != nil {
		return err
	}
	folder, err := openDataFolder(c.data)
	if err != nil {
		return err
	}
	defer folder.close()
	srv, err := server.Listen(ctx, c.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program; stop it or choose another address with --listen", c.listen)
	}
	if err != nil {
		return err
	}
	defer func() { _ = srv.Close() }()
	if config != nil {
		srv.UseTLS(config)
	}
	in, err := newInstance(ctx, instanceConfig{
		database: folder.file("perennial.db"), assets: folder.file(assetsFolder),
		masterKey: givenKey(c.master), instanceID: instanceID(c.master), secretKey: c.secretKey,
		publishableKey: c.key.String(), publicURL: "https://" + c.host, settings: c.settings, allowedOrigins: c.origins, sender: sender, limits: serveLimits,
		front: server.Config{AllowedOrigin: originAllowed(c.host, c.origins), TrustedProxies: c.proxies, Places: c.places, HSTS: true},
	})
	if err != nil {
		return err
	}
	defer func() { _ = in.close() }()
	slog.Info("serving", "address", srv.Address().String(), "publishable_key", c.key.String(), "version", version())
	defer slog.Info("stopped")
	return in.run(ctx, srv)
}

// serveLimits bound guessing from one address and mail to one account; a
// person who mistypes meets neither.
var serveLimits = limits{
	address: ratelimit.Config{Burst: 60, Every: time.Second},
	codes:   ratelimit.Config{Burst: 5, Every: time.Minute},
}

// serveSender delivers mails and texts, as far as somebody was named who does.
func serveSender(c serveConfig) (notify.Sender, error) {
	var (
		r   notify.Router
		err error
	)
	if c.smtp.Host == "" {
		slog.Warn("no mail server is configured: codes cannot be delivered; set smtp.host")
	} else if r.Mail, err = notify.NewSMTP(c.smtp); err != nil {
		return nil, err
	}
	if c.sms.URL == "" {
		if c.settings.Phone.On() {
			slog.Warn("phone numbers are in use and nobody sends texts: set sms.webhook_url")
		}
	} else if r.Texts, err = notify.NewSMSWebhook(c.sms); err != nil {
		return nil, err
	}
	if r.Mail == nil && r.Texts == nil {
		return nil, nil //nolint:nilnil // no sender is a configuration, not a failure
	}
	return r, nil
}

// serveTLS returns nil behind a proxy. A certificate that is renewed on disk
// is picked up without a restart.
func serveTLS(c serveConfig) (*tls.Config, error) {
	if c.tlsCert == "" {
		return nil, nil //nolint:nilnil // no TLS is a configuration, not a failure
	}
	r := &certificateFile{cert: c.tlsCert, key: c.tlsKey}
	if _, err := r.get(nil); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: r.get}, nil
}

// certificateFile is a certificate on disk, read again every minute.
type certificateFile struct {
	cert, key string

	mu      sync.Mutex
	current *tls.Certificate
	readAt  time.Time
}

func (c *certificateFile) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && time.Since(c.readAt) < time.Minute {
		return c.current, nil
	}
	c.readAt = time.Now()
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil && c.current != nil {
		// Half a renewal: the pair is whole again in a moment.
		slog.Warn("certificate cannot be read again", "error", err)
		return c.current, nil
	}
	if err != nil {
		return nil, err
	}
	c.current = &pair
	return c.current, nil
}

// instanceID names the instance. It is derived from the master key, which
// every replica shares.
func instanceID(master *secret.MasterKey) string {
	return fmt.Sprintf("ins_%x", master.Derive("instance-id", 12))
}

func newKeygenCommand() *cobra.Command {
	return &cobra.Command{
		Use: "keygen", Short: "make the keys of a production instance", Args: cobra.NoArgs,
		Long: "Prints a fresh master key and secret key as environment variables. Keep both: without the master key\n" +
			"the data cannot be read.",
		RunE: func(command *cobra.Command, _ []string) error {
			master, err := secret.NewMasterKey(nil)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "PERENNIAL_MASTER_KEY=%s\nPERENNIAL_SECRET_KEY=sk_live_%s\n",
				master.Encode(), randomText(40))
			return err
		},
	}
}
