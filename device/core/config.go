package core

import "time"

// Config is fixed for the life of a State. The zero value of every duration
// means its default.
type Config struct {
	// Tenant is the digest of the whole publishable key; it is stored in every
	// record and verified when one is read.
	Tenant string
	// Install names this installation of the application; empty when the host
	// has no such name or cannot read it now, and then nothing follows from
	// it. A record of another installation was left behind by an uninstalled
	// one, or restored from a backup.
	Install string
	// DiscardForeign begins signed out on a record of another installation.
	// Without it the record is adopted, and its user is shown only after the
	// server has confirmed the session.
	DiscardForeign bool
	// LocalDeadline bounds the first verdict. Default 500 ms.
	LocalDeadline time.Duration
	// OfflineLimit is how long a session may be shown without a word from the
	// server. Default 30 days; negative means no limit.
	OfflineLimit time.Duration
	// BackoffBase and BackoffCap bound the pause between attempts. Defaults
	// 1 s and 5 min; pauses double and are spread by jitter.
	BackoffBase time.Duration
	BackoffCap  time.Duration
	// StoreRetry is the pause before a failed read or write is repeated; it
	// doubles up to 30 times itself. Default 250 ms.
	StoreRetry time.Duration
	// RefreshAhead is how long before its end a token is renewed, and a token
	// with less left is not handed out. Default 10 s.
	RefreshAhead time.Duration
	// Recheck is the pause between confirmations of an active session.
	// Default 10 min.
	Recheck time.Duration
	// Bind asks for credentials that are bound to a device key, where the
	// server has such.
	Bind bool
	// RotateEvery is how long a bound credential is used before a successor is
	// asked for, by the server's time. Default 7 days; negative means never.
	RotateEvery time.Duration
}

func (c Config) withDefaults() Config {
	orDefault(&c.LocalDeadline, 500*time.Millisecond)
	orDefault(&c.OfflineLimit, 30*24*time.Hour)
	orDefault(&c.BackoffBase, time.Second)
	orDefault(&c.BackoffCap, 5*time.Minute)
	orDefault(&c.StoreRetry, 250*time.Millisecond)
	orDefault(&c.RefreshAhead, 10*time.Second)
	orDefault(&c.Recheck, 10*time.Minute)
	orDefault(&c.RotateEvery, 7*24*time.Hour)
	return c
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}
