package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/ratelimit"
	"github.com/perennialauth/perennial/internal/server"
)

// devOptions are the flags of perennial dev.
type devOptions struct {
	listen, data, readyFile string
	host                    string
	application             string
	passwordOptional        bool
	enumerationProtection   bool
	singleSession           bool
	settingsFile            string
	quiet                   bool
}

func newDevCommand() *cobra.Command {
	var o devOptions
	command := &cobra.Command{
		Use:   "dev",
		Short: "run a server for development: no configuration, an inbox instead of mail",
		Long: "Runs a complete server on this machine. Keys are made on the first run and kept in the data folder.\n" +
			"TLS and plain http share one port. Mails are not sent but shown at /dev/inbox, so never expose it.",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return runDev(command.Context(), o, command.OutOrStdout())
		},
	}
	f := command.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:4343", "`HOST:PORT` to listen on; port 0 picks a free one, the last used if possible")
	f.StringVar(&o.data, "data", "perennial-data", "`folder` for database and keys, made when absent")
	f.StringVar(&o.readyFile, "ready-file", "", "write URLs and keys to this `file` as JSON once requests are answered")
	f.StringVar(&o.host, "host", "", "`host` in the publishable key, when devices reach this machine by another name")
	f.StringVar(&o.application, "application", "Perennial", "application `name` in mails and documents")
	f.BoolVar(&o.passwordOptional, "password-optional", true, "let people sign up with an email code alone")
	f.BoolVar(&o.enumerationProtection, "enumeration-protection", false, "answer alike for known and unknown accounts")
	f.BoolVar(&o.singleSession, "single-session", false, "allow one session per client only")
	f.StringVar(&o.settingsFile, "settings", "", "`file` in TOML or JSON with what users have and may do, see docs/serve.md")
	f.BoolVar(&o.quiet, "quiet", false, "log problems only")
	return command
}

// runDev serves until ctx ends. The order is chosen so that whatever cannot
// work is found before anything is written.
func runDev(ctx context.Context, o devOptions, out io.Writer) error {
	setLog(os.Stderr, o.quiet)
	id, err := readIdentity(o.data)
	if err != nil {
		return err
	}
	host, err := keyHost(o.listen, o.host)
	if err != nil {
		return err
	}
	folder, err := openDataFolder(o.data)
	if err != nil {
		return err
	}
	defer folder.close()
	srv, err := listenDev(ctx, o.listen, id.Port)
	if err != nil {
		return err
	}
	defer func() { _ = srv.Close() }()
	before := id
	id = id.complete()
	id.Port = srv.Address().Port
	d, err := newDevServer(ctx, o, folder, id, net.JoinHostPort(host, strconv.Itoa(id.Port)))
	if err != nil {
		return err
	}
	defer func() { _ = d.instance.close() }()
	ca, err := server.LoadLocalCA(folder.path, time.Now)
	if err != nil {
		return err
	}
	listenHost, _, _ := net.SplitHostPort(o.listen)
	srv.UseTLS(ca.TLS(certificateHosts(host, listenHost)...))
	if id != before { // a durable write is most of a quick start
		if err := folder.writeIdentity(id); err != nil {
			return err
		}
	}
	if !srv.Address().IP.IsLoopback() {
		slog.Warn("listening beyond this machine: whoever can connect can read the inbox and sign in as anybody",
			"address", srv.Address().String())
	}
	d.ready.CAFile = ca.File()
	return d.serve(ctx, srv, o.readyFile, out)
}

// settings are the default ones with the flags over them, and the file over
// those.
func (o devOptions) settings(home string) (auth.Settings, error) {
	set := auth.DefaultSettings()
	set.ApplicationName, set.HomeURL, set.TestCodes = o.application, home, true
	set.PasswordRequired, set.SingleSession = !o.passwordOptional, o.singleSession
	set.EnumerationProtection = o.enumerationProtection
	return readSettings(set, o.settingsFile)
}

// devServer is a development instance and what is told about it.
type devServer struct {
	instance *instance
	ready    readyFile
	data     string
}

func newDevServer(ctx context.Context, o devOptions, folder *dataFolder, id identity, host string) (*devServer, error) {
	key, err := publishablekey.New(host, false)
	if err != nil {
		return nil, fmt.Errorf("%w; give one with --host", err)
	}
	set, err := o.settings("http://" + host)
	if err != nil {
		return nil, err
	}
	in, err := newInstance(ctx, instanceConfig{
		database: folder.file("perennial.db"), assets: folder.file(assetsFolder),
		masterKey: keyInFile(folder.file("master.key")), instanceID: id.InstanceID, secretKey: id.SecretKey,
		publishableKey: key.String(), publicURL: "https://" + host, inbox: true, limits: devLimits,
		settings: set,
	})
	if err != nil {
		return nil, err
	}
	return &devServer{instance: in, data: folder.path, ready: readyFile{
		URL: "http://" + host, TLSURL: "https://" + host, PublishableKey: key.String(),
		SecretKey: id.SecretKey, InboxURL: "http://" + host + "/dev/inbox", PID: os.Getpid(),
	}}, nil
}

// devLimits let test suites through that all come from one address, and can
// still be met on purpose.
var devLimits = limits{
	address: ratelimit.Config{Burst: 300, Every: time.Second / 20},
	codes:   ratelimit.Config{Burst: 60, Every: time.Second},
}

// serve runs until ctx ends. The ready file appears once a request was
// answered and goes with the server.
func (d *devServer) serve(ctx context.Context, srv *server.Server, file string, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		err := awaitAnswer(ctx, "http://"+loopback(srv.Address()))
		if err == nil && file != "" {
			err = d.ready.write(file)
		}
		if err == nil {
			d.banner(out)
		} else {
			stop() // nobody would learn that this server exists
		}
		failed <- err
	}()
	err := d.instance.run(ctx, srv)
	stop()
	if startErr := <-failed; err == nil && !errors.Is(startErr, context.Canceled) {
		err = startErr
	}
	if file != "" {
		removeReadyFile(file)
	}
	return err
}

// loopback is how this process reaches its own listener.
func loopback(a *net.TCPAddr) string {
	if a.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port))
	}
	return a.String()
}

func (d *devServer) banner(out io.Writer) {
	r := d.ready
	_, _ = fmt.Fprintf(out, `
Perennial is running for development.

  URL              %s   (TLS: %s)
  Publishable key  %s
  Secret key       %s
  Inbox            %s   (open it in a browser)
  CA certificate   %s
  Data             %s

Next: sign up on this machine, in another terminal
  %s login --publishable-key %s --server %s --sign-up --email you@example.com

`, r.URL, r.TLSURL, r.PublishableKey, r.SecretKey, r.InboxURL, r.CAFile, d.data, os.Args[0], r.PublishableKey, r.URL)
}

// keyHost is the host that the publishable key names. Published SDKs refuse a
// host without a dot, and nobody can connect to "any address", so both become
// the loopback address.
func keyHost(listen, given string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("--listen %q: want HOST:PORT", listen)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 65535 {
		return "", fmt.Errorf("--listen %q: the port must be a number from 0 to 65535", listen)
	}
	if given != "" {
		return given, nil
	}
	switch host {
	case "", "localhost", "0.0.0.0", "::":
		return "127.0.0.1", nil
	}
	return host, nil
}

// listenDev binds the address. A port of 0 takes the one used last if it is
// free, so that keys handed to apps stay valid.
func listenDev(ctx context.Context, listen string, lastPort int) (*server.Server, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, err
	}
	if port == "0" && lastPort != 0 {
		if srv, err := server.Listen(ctx, net.JoinHostPort(host, strconv.Itoa(lastPort))); err == nil {
			return srv, nil
		}
	}
	srv, err := server.Listen(ctx, listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program; stop it or choose another address with --listen", listen)
	}
	return srv, err
}

func certificateHosts(hosts ...string) []string {
	out := []string{"localhost", "127.0.0.1", "::1"}
	for _, h := range hosts {
		if h != "" && h != "0.0.0.0" && h != "::" && h != "localhost" && h != "127.0.0.1" && h != "::1" {
			out = append(out, h)
		}
	}
	return out
}

// setLog makes the process log to w: everything, or problems only.
func setLog(w io.Writer, quiet bool) {
	level := slog.LevelInfo
	if quiet {
		level = slog.LevelWarn
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})))
}
