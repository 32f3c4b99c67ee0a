//go:build unix

package processes_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device"
)

// job tells a copy of the test binary what to do instead of running tests.
type job struct {
	// Name appears in requests, so that the parent knows who made them.
	Name, Dir, Server, Key string
	// Once ends the process after its first verdict and one token, as an
	// extension of an app does.
	Once bool
	// Newest makes a newer version write what today's cannot read.
	Newest bool
	// Hold takes every lock of the folder, says so, and does nothing more.
	Hold bool
}

const jobVariable = "PERENNIAL_PROCESSES_JOB"

// order is a line that the parent writes, and report one that it reads.
type order struct {
	ID       int
	Do       string // sign-in, sign-out, send-code, token, fresh, stored, drain, close
	User     string `json:",omitempty"`
	Password string `json:",omitempty"`
}

type report struct {
	Sort    string // verdict, token, reply, stuck, gap
	At      time.Time
	Kind    string `json:",omitempty"`
	Cause   string `json:",omitempty"`
	Session string `json:",omitempty"`
	To      int    `json:",omitempty"` // the order that a reply is to
	Failure string `json:",omitempty"`
	Left    time.Duration
}

func TestMain(m *testing.M) {
	if text := os.Getenv(jobVariable); text != "" {
		os.Exit(work(text))
	}
	status := m.Run()
	removeBuilt()
	os.Exit(status)
}

// callLimit is far above everything that a call may take by its own limits.
const callLimit = 25 * time.Second

type worker struct {
	job    job
	device *device.Device
	mu     sync.Mutex // of the output
}

func work(text string) int {
	w := &worker{}
	if err := json.Unmarshal([]byte(text), &w.job); err != nil {
		return complain(err)
	}
	if w.job.Hold {
		return w.hold()
	}
	d, err := device.Open(device.Config{
		PublishableKey: w.job.Key, Server: w.job.Server, Dir: w.job.Dir, UserAgent: w.job.Name, PeerInterval: 50 * time.Millisecond,
	})
	if err != nil {
		return complain(err)
	}
	w.device = d
	defer func() { _ = d.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if w.job.Once {
		return w.once(ctx)
	}
	go w.watch(ctx)
	go w.useTokens(ctx)
	w.obey(ctx)
	return 0
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func (w *worker) say(r report) {
	r.At = time.Now()
	line, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = os.Stdout.Write(append(line, '\n'))
}

func (w *worker) sayVerdict(s device.State) {
	w.say(report{Sort: "verdict", Kind: string(s.Kind), Cause: string(s.Cause), Session: s.SessionID})
}

// once is an extension: it restores, uses one token, and is gone.
func (w *worker) once(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	state, err := w.device.Restore(ctx)
	if err != nil {
		return complain(err)
	}
	w.sayVerdict(state)
	if state.Kind == device.Active || state.Kind == device.ActiveUnverified {
		w.useToken(ctx, "")
	}
	return 0
}

func (w *worker) watch(ctx context.Context) {
	last := uint64(0)
	for state := range w.device.Watch(ctx) {
		if last != 0 && state.Sequence != last+1 {
			w.say(report{Sort: "gap"})
		}
		last = state.Sequence
		w.sayVerdict(state)
	}
}

// useTokens asks for a token all the time, as an app does for each request.
func (w *worker) useTokens(ctx context.Context) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	last := ""
	for {
		last = w.useToken(ctx, last)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// useToken reports a token that is another one than before.
func (w *worker) useToken(ctx context.Context, last string) string {
	token, failure := call(ctx, w.device.Token)
	if failure == stuck {
		w.say(report{Sort: stuck, Failure: "token"})
	}
	if failure != "" {
		return last
	}
	session, left := claims(token)
	if left <= 0 {
		// It may have been good when it was handed out, and the process stopped
		// since. Asked again at once, there is no such excuse.
		if token, failure = call(ctx, w.device.Token); failure != "" {
			return last
		}
		if session, left = claims(token); left <= 0 {
			w.say(report{Sort: expired, Session: session, Left: left})
		}
	}
	if token == last {
		return last
	}
	w.say(report{Sort: "token", Session: session, Left: left})
	return token
}

// What a worker has to complain of.
const (
	stuck   = "stuck"
	expired = "expired"
)

// call runs a call of the device under a limit and names its failure.
func call[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, string) {
	limited, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	result, err := ask(limited)
	for sentinel, name := range map[error]string{
		device.ErrSignedOut: "signed-out", device.ErrUndetermined: "undetermined", device.ErrOffline: "offline",
		device.ErrRefused: "refused", device.ErrVault: "not-stored", device.ErrSuperseded: "superseded", device.ErrPending: "pending",
		device.ErrClosed: "closed", context.DeadlineExceeded: stuck, context.Canceled: "closed",
	} {
		if errors.Is(err, sentinel) {
			return result, name
		}
	}
	if err != nil {
		return result, err.Error()
	}
	return result, ""
}

// obey does what the parent says until its input ends.
func (w *worker) obey(ctx context.Context) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o order
		if json.Unmarshal(lines.Bytes(), &o) != nil || o.Do == "close" {
			return
		}
		w.say(report{Sort: "reply", To: o.ID, Failure: w.do(ctx, o), Session: w.device.State().SessionID})
	}
}

func (w *worker) do(ctx context.Context, o order) string {
	var failure string
	switch o.Do {
	case "sign-in":
		_, failure = call(ctx, func(ctx context.Context) (device.Step, error) { return w.device.SignIn(ctx, o.User, o.Password) })
	case "sign-out":
		_, failure = call(ctx, func(ctx context.Context) (any, error) { return nil, w.device.SignOut(ctx) })
	case "fresh":
		_, failure = call(ctx, w.device.FreshToken)
	case "token":
		_, failure = call(ctx, w.device.Token)
	case "send-code":
		_, failure = call(ctx, func(ctx context.Context) (device.Step, error) { return w.device.SignInWithEmailCode(ctx, o.User) })
	case "stored":
		_, failure = call(ctx, func(ctx context.Context) (any, error) { return nil, w.device.Stored(ctx) })
	case "drain":
		_, failure = call(ctx, func(ctx context.Context) (any, error) { return nil, w.device.Drain(ctx) })
	default:
		failure = "no such order"
	}
	return failure
}

// claims reads whose a token is, and how long it lives from now on.
func claims(token string) (session string, left time.Duration) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", 0
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var c struct {
		SID string `json:"sid"`
		Exp int64  `json:"exp"`
	}
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return "", 0
	}
	return c.SID, time.Until(time.Unix(c.Exp, 0))
}
