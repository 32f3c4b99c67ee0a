package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// Device is the device package of this module as a subject.
type Device struct{}

// Name implements [Subject].
func (Device) Name() string { return "perennial device" }

// Open implements [Subject].
func (Device) Open(env Environment) (Client, error) {
	kept, err := env.Vault()
	if err != nil {
		return nil, err
	}
	d, err := device.Open(device.Config{
		PublishableKey: env.PublishableKey, Server: env.URL, Vault: kept, Journal: env.Journal, Clock: deviceClock{env.Clock},
		Install: env.Install, DiscardForeign: env.DiscardForeign,
		BackoffBase: 40 * time.Millisecond, BackoffCap: 120 * time.Millisecond,
		StoreLimit: 1500 * time.Millisecond, RequestLimit: 3 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return deviceClient{d}, nil
}

type deviceClock struct{ *Clock }

func (c deviceClock) Now() core.Instant { return core.Instant(c.Monotonic().Milliseconds()) }
func (c deviceClock) Wall() core.Wall   { return core.Wall(c.Clock.Wall().UnixMilli()) }

// Plant implements [Subject].
func (Device) Plant(env Environment, given Given, credential, client, session string) bool {
	digest := sha256.Sum256([]byte(env.PublishableKey))
	record := core.Record{
		Lineage: "planted", Install: "A", Credential: core.NewSecret(credential), ClientID: client, SessionID: session,
		SessionStatus: "active", User: core.User{
			ID: UserID, Identifier: Email, FirstName: "First", LastName: "Last", ImageURL: "https://example.com/i.png",
		},
		ConfirmedAt: core.Wall(time.Now().UnixMilli()),
	}
	switch given {
	case Empty:
		return true
	case TaskOpen:
		record.SessionStatus, record.SessionTask = "pending", "setup-mfa"
	case SignedOutStore:
		record = core.Record{Lineage: "planted", Tombstone: core.CauseUser}
	case NoCredential:
		record.Credential = core.Secret{}
	case NoIdentity:
		record = core.Record{Lineage: "planted", Credential: record.Credential}
	case Session, NewerReadable, NewerEnvelope, OtherLineForm, OlderReadable:
	}
	text := core.EncodeRecord(record, hex.EncodeToString(digest[:])).Reveal()
	switch given {
	case NewerReadable:
		text = strings.Replace(text, "perennial record 1 1", "perennial record 2 1", 1) + "colour \"blue\" 7\n"
	case NewerEnvelope:
		text = strings.Replace(text, "perennial record 1 1", "perennial record 9 9", 1)
	case OtherLineForm:
		text = "{\"session\":true}"
	case OlderReadable:
		text = older(text)
	default:
	}
	return env.Put(vault.Version{Lineage: "planted", Generation: 4}, []byte(text)) == nil
}

// older leaves of a record what its first version had.
func older(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		switch key, _, _ := strings.Cut(line, " "); key {
		case "perennial", "tenant", "lineage", "credential", "client", "session", "user":
			kept.WriteString(line)
		}
	}
	return kept.String()
}

type deviceClient struct{ d *device.Device }

func observe(s device.State) Observation {
	return Observation{
		Kind: string(s.Kind), Cause: string(s.Cause), Task: s.Task, Confirmed: s.Confirmed,
		UserID: s.User.ID, SessionID: s.SessionID, Sequence: s.Sequence,
	}
}

func (c deviceClient) Restore(ctx context.Context) (Observation, error) {
	state, err := c.d.Restore(ctx)
	return observe(state), err
}

func (c deviceClient) Watch(ctx context.Context, seen func(Observation)) {
	for state := range c.d.Watch(ctx) {
		seen(observe(state))
	}
}

func (c deviceClient) State() Observation { return observe(c.d.State()) }

func (c deviceClient) Token(ctx context.Context, fresh bool) (string, string) {
	ask := c.d.Token
	if fresh {
		ask = c.d.FreshToken
	}
	token, err := ask(ctx)
	return token, failureClass(err)
}

func (c deviceClient) SignIn(ctx context.Context, user, password string) string {
	_, err := c.d.SignIn(ctx, user, password)
	return failureClass(err)
}

func (c deviceClient) BeginCode(ctx context.Context, user string) string {
	_, err := c.d.SignInWithEmailCode(ctx, user)
	return failureClass(err)
}

func (c deviceClient) EnterCode(ctx context.Context, code string) string {
	_, err := c.d.SubmitCode(ctx, code)
	return failureClass(err)
}

// BeginBrowser implements [Browser].
func (c deviceClient) BeginBrowser(ctx context.Context, redirect string) (string, string) {
	address, err := c.d.StartBrowserFlow(ctx, device.BrowserFlow{RedirectURL: redirect})
	return address, failureClass(err)
}

// Callback implements [Browser].
func (c deviceClient) Callback(ctx context.Context, url string) string {
	return failureClass(c.d.HandleCallback(ctx, url))
}

func (c deviceClient) SignOut(ctx context.Context) string { return failureClass(c.d.SignOut(ctx)) }

func (c deviceClient) Adopt(ctx context.Context, credential string) string {
	return failureClass(c.d.Adopt(ctx, credential))
}

func (c deviceClient) Nudge()                         { c.d.Nudge() }
func (c deviceClient) Reload()                        { c.d.Reload() }
func (c deviceClient) Drain(ctx context.Context) bool { return c.d.Drain(ctx) == nil }
func (c deviceClient) Close()                         { _ = c.d.Close() }

func (c deviceClient) Explain() string {
	var b bytes.Buffer
	_ = c.d.Explain(&b)
	return b.String()
}

var failureClasses = []struct {
	err  error
	name string
}{
	{device.ErrOffline, "offline"},
	{device.ErrSignedOut, "signed-out"},
	{device.ErrPending, "pending"},
	{device.ErrUndetermined, "undetermined"},
	{device.ErrRefused, "refused"},
	{device.ErrVault, "not-stored"},
	{device.ErrNoAttempt, "no-attempt"},
	{device.ErrSuperseded, "superseded"},
	{device.ErrNoFlow, "no-flow"},
	{device.ErrCallback, "callback"},
	{device.ErrClosed, "closed"},
	{context.DeadlineExceeded, "timeout"},
}

func failureClass(err error) string {
	if err == nil {
		return ""
	}
	for _, class := range failureClasses {
		if errors.Is(err, class.err) {
			return class.name
		}
	}
	return err.Error()
}
