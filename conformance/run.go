package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/device/vault"
)

// LocalDeadline bounds the first verdict in every scenario; patience is what a
// loaded machine may add, and the longest time that anything else may take.
const (
	LocalDeadline = 500 * time.Millisecond
	slack         = 1500 * time.Millisecond
	patience      = 30 * time.Second
)

// Result is what became of one scenario.
type Result struct {
	Scenario Scenario
	// Err is nil when everything was as required.
	Err error
	// Skipped: the subject has no such thing.
	Skipped bool
	// FirstVerdict is how long the first launch took to say something.
	FirstVerdict time.Duration
	Marks
	// Explanation is what the subject says about it afterwards.
	Explanation string
}

// Marks are what a person would have noticed.
type Marks struct {
	// InTime: a session was shown at the first verdict of every launch that
	// should show one. Ever: it was shown at some time. Lost: a session that
	// should have survived was called signed out. Wrong: one was shown that
	// should not be. Flash: the sign-in screen would have shown although the
	// session was there.
	InTime, Ever, Lost, Wrong, Flash bool
}

// run is one scenario being taken through one subject.
type run struct {
	scenario Scenario
	subject  Subject
	server   *Server
	env      Environment
	key      string // the own publishable key
	storage  *storage
	client   Client
	hanging  chan struct{}
	planted  []byte
	version  vault.Version

	credential, clientID, session string
	flows                         map[string]openFlow
	came                          map[string]string // the callback of each flow
	launched                      func(Client)      // told of a process before its first verdict
	logFrom                       int
	watchers                      []*watcher
	cancels                       []context.CancelFunc // of watchers
	processes                     []Client             // to be closed at the end

	mu      sync.Mutex
	problem error // what a watcher saw
	marks   Marks
	over    bool // nothing counts any more

	first time.Duration
	stop  context.CancelFunc
}

// Run takes one scenario through one subject, on a server of its own.
func Run(subject Subject, scenario Scenario) (result Result) {
	result = Result{Scenario: scenario}
	server, err := StartServer()
	if err != nil {
		result.Err = err
		return result
	}
	key, err := publishablekey.New(server.Host(), false)
	if err != nil {
		result.Err = err
		return result
	}
	r := &run{
		scenario: scenario, subject: subject, server: server, hanging: make(chan struct{}), marks: Marks{InTime: true},
		env: Environment{PublishableKey: key.String(), URL: server.URL(), Storage: scenario.Storage, Clock: new(Clock)},
		key: key.String(), storage: newStorage(scenario.Storage), flows: map[string]openFlow{}, came: map[string]string{},
	}
	r.storage.values.limit = scenario.Limit
	r.env.Store = r.storage.memory
	r.env.Vault = func() (vault.Vault, error) { return r.storage.open(r.env.PublishableKey) }
	defer r.finish()
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		result.Err = err
		return result
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r.env.Journal = filepath.Join(dir, "journal.jsonl")
	r.credential, r.clientID, r.session = server.SignedIn(UserID)
	if scenario.Given == TaskOpen {
		server.SetTask(r.credential, "setup-mfa")
	}
	if !subject.Plant(r.env, scenario.Given, r.credential, r.clientID, r.session) {
		result.Skipped = true
		return result
	}
	r.version, r.planted, _ = r.peek()
	for i, step := range scenario.Steps {
		if err := r.take(step); err != nil {
			result.Err = fmt.Errorf("step %d, %s: %w", i+1, step.Do, err)
			if result.Skipped = errors.Is(err, errNoBrowser); result.Skipped {
				result.Err = nil
			}
			break
		}
	}
	r.mu.Lock()
	if result.Err == nil {
		result.Err = r.problem
	}
	r.over, result.Marks, result.FirstVerdict = true, r.marks, r.first
	r.mu.Unlock()
	for _, process := range r.processes {
		// The dropped ones as well: what they tell may still be on its way.
		result.Explanation = process.Explain()
	}
	return result
}

func (r *run) finish() {
	close(r.hanging)
	r.env.Store.Clear()
	if r.stop != nil {
		r.stop()
	}
	for _, cancel := range r.cancels {
		cancel()
	}
	r.server.Close()
	for _, process := range r.processes {
		process.Close()
	}
}

// see is called by the watcher for every verdict.
func (r *run) see(o Observation, last *Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	if last.Kind != "" && o.Sequence != last.Sequence+1 && r.problem == nil {
		r.problem = fmt.Errorf("a watcher saw verdict %d after verdict %d", o.Sequence, last.Sequence)
	}
	*last = o
	if o.Kind == "signed-out" && !r.scenario.MayEnd {
		r.marks.Lost, r.marks.Flash = true, true
		if r.problem == nil {
			r.problem = fmt.Errorf("a watcher saw signed-out(%s)", o.Cause)
		}
	}
	r.marks.Ever = r.marks.Ever || o.SignedIn()
}

func (r *run) expect(step Step, o Observation) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marks.Ever = r.marks.Ever || o.SignedIn()
	if o.Kind == step.Kind && (step.Cause == "" || o.Cause == step.Cause) && o.shows(step.User) &&
		(step.Task == "" || o.Task == step.Task) {
		if !o.SignedIn() && o.Kind != "pending" && (o.UserID != "" || o.SessionID != "") {
			r.marks.Wrong = true
			return fmt.Errorf("%s shows user %q and session %q", o.Kind, o.UserID, o.SessionID)
		}
		return nil
	}
	want := Observation{Kind: step.Kind}
	if o.Kind == "signed-out" && !r.scenario.MayEnd {
		r.marks.Lost, r.marks.Flash = true, true
	}
	switch {
	case want.SignedIn() && !o.SignedIn():
		r.marks.InTime = false
	case o.SignedIn() && !want.SignedIn():
		r.marks.Wrong = true
	}
	return fmt.Errorf("verdict %s(%s) %s of user %q, want %s(%s) %s %s",
		o.Kind, o.Cause, o.Task, o.UserID, step.Kind, step.Cause, step.Task, step.User)
}

// shows reports whether the user shown is as wanted; empty means any.
func (o Observation) shows(user string) bool {
	return user == "" || o.UserID == user || (user == Nobody && o.UserID == "")
}

// becomes waits until the verdict is as wanted.
func (r *run) becomes(step Step) error {
	within := step.Within
	if within == 0 {
		within = patience
	}
	watching, stop := context.WithTimeout(context.Background(), within)
	defer stop()
	last := r.client.State()
	found := false
	r.client.Watch(watching, func(o Observation) {
		if found {
			return // it may have moved on since
		}
		last = o
		if o.Kind == step.Kind && (step.Cause == "" || o.Cause == step.Cause) && o.shows(step.User) {
			found = true
			stop()
		}
	})
	return r.expect(step, last)
}

// stays polls, as many an application does, and must never see anything else.
func (r *run) stays(step Step) error {
	for end := time.Now().Add(step.For); ; time.Sleep(time.Millisecond) {
		if err := r.expect(step, r.client.State()); err != nil || time.Now().After(end) {
			return err
		}
	}
}

// calls asks for N tokens at once.
func (r *run) calls(step Step) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	failures := make(chan string, step.N)
	for i := range step.N {
		go func() {
			one := ctx
			if step.Implied && i%2 == 1 {
				given, stop := context.WithTimeout(ctx, time.Millisecond)
				defer stop()
				one = given
			}
			_, failure := r.client.Token(one, false)
			if one != ctx && failure == "timeout" {
				failure = step.Err
			}
			failures <- failure
		}()
	}
	for range step.N {
		if failure := <-failures; failure != step.Err {
			return fmt.Errorf("a call ended with %q, want %q", failure, step.Err)
		}
	}
	return nil
}
