package shell

import (
	"context"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// Config says what the machine runs against. Every field but Journal and Keys is needed,
// except that zero limits mean their defaults.
type Config struct {
	Vault     vault.Vault
	Transport Transport
	Clock     Clock
	// Journal may be nil.
	Journal Journal
	// Keys may be nil: then no credential becomes a bound one.
	Keys Keys
	// Entropy returns two words from the system's secure source.
	Entropy func() [2]uint64
	// Listener receives what the machine tells the application.
	Listener Listener
	// StoreLimit bounds one call to the vault and RequestLimit one exchange
	// with the server, whatever they do. Defaults 5 s and 30 s.
	StoreLimit   time.Duration
	RequestLimit time.Duration
}

// Listener receives what the machine says. Its methods are called from the
// machine's goroutine, in order, and must not block.
type Listener interface {
	Published(verdict core.Verdict)
	TokenPublished(token core.PublishToken)
	PendingPublished(pending core.PublishPending)
	Replied(reply core.Reply)
}

// Shell runs one machine. Its methods are safe for concurrent use.
type Shell struct {
	config Config
	queue  *queue
	timers map[core.Timer]*time.Timer          // of the loop only
	asked  map[core.RequestID]core.RequestKind // and not answered; of the loop only

	requests context.Context // ends with Close
	cancel   context.CancelFunc
	stores   sync.WaitGroup // calls to the vault that have not been answered
	done     chan struct{}  // closed when the loop has returned
}

// Start begins to run state. The machine does nothing before it is sent a
// [core.Launch].
func Start(config Config, state core.State) *Shell {
	if config.StoreLimit == 0 {
		config.StoreLimit = 5 * time.Second
	}
	if config.RequestLimit == 0 {
		config.RequestLimit = 30 * time.Second
	}
	s := &Shell{
		config: config, queue: newQueue(), timers: make(map[core.Timer]*time.Timer),
		asked: make(map[core.RequestID]core.RequestKind), done: make(chan struct{}),
	}
	s.requests, s.cancel = context.WithCancel(context.Background())
	go s.run(state)
	return s
}

// Send hands event to the machine. It never blocks, and does nothing after
// Close.
func (s *Shell) Send(event core.Event) { s.queue.put(event) }

// Close stops the machine: requests are given up, writes that have begun are
// waited for within their time limit. The record stays as it is; nothing is
// signed out.
func (s *Shell) Close() {
	s.queue.close()
	<-s.done
	s.cancel()
	s.stores.Wait()
}

func (s *Shell) run(state core.State) {
	defer close(s.done)
	for {
		event, ok := s.queue.take()
		if !ok {
			break
		}
		if answer, is := event.(core.Responded); is {
			s.heard(answer)
		}
		var effects []core.Effect
		state, effects = core.Step(state, s.config.Clock.Now(), event)
		for _, effect := range effects {
			s.perform(effect)
		}
	}
	for _, timer := range s.timers {
		timer.Stop()
	}
}

// perform carries out one effect. Whatever takes time is begun here and
// answered by an event.
func (s *Shell) perform(effect core.Effect) {
	switch e := effect.(type) {
	case core.LoadRecord:
		s.load(e)
	case core.SaveRecord:
		s.save(e)
	case core.SendRequest:
		s.asked[e.ID] = e.Kind
		go s.exchange(e)
	case core.SetTimer:
		s.setTimer(e)
	case core.NeedEntropy:
		s.Send(core.EntropyDelivered{Words: s.config.Entropy()})
	case core.NeedKey:
		go s.makeKey()
	case core.Publish:
		s.config.Listener.Published(e.Verdict)
	case core.PublishToken:
		s.config.Listener.TokenPublished(e)
	case core.PublishPending:
		s.config.Listener.PendingPublished(e)
	case core.Reply:
		s.config.Listener.Replied(e)
	case core.Note:
		if s.config.Journal != nil {
			s.config.Journal.Append(e.Entry)
		}
	}
}

// heard writes down that a request was answered, whatever that meant, so that a
// request without such a line is known to have had no answer.
func (s *Shell) heard(answer core.Responded) {
	kind, asked := s.asked[answer.ID]
	delete(s.asked, answer.ID)
	if asked && s.config.Journal != nil {
		s.config.Journal.Append(core.Entry{
			At: s.config.Clock.Wall(), Happening: core.HappenedHeard,
			Evidence: core.Evidence{Request: kind, Trace: answer.Trace, Status: answer.Status},
		})
	}
}

func (s *Shell) setTimer(e core.SetTimer) {
	if timer := s.timers[e.Timer]; timer != nil {
		timer.Stop()
		delete(s.timers, e.Timer)
	}
	if e.Due == 0 {
		return
	}
	delay := max(e.Due.Since(s.config.Clock.Now()), 0)
	s.timers[e.Timer] = time.AfterFunc(delay, func() {
		s.Send(core.TimerFired{Timer: e.Timer, Due: e.Due, Wall: s.config.Clock.Wall()})
	})
}

// makeKey asks for a device key under the time limit of a store, for it may be
// one that a person has to unlock. No key is an answer, too.
func (s *Shell) makeKey() {
	if s.config.Keys == nil {
		s.Send(core.KeyMade{})
		return
	}
	ctx, cancel := context.WithTimeout(s.requests, s.config.StoreLimit)
	defer cancel()
	key := bounded(ctx, func() string {
		reference, err := s.config.Keys.Make(ctx)
		if err != nil {
			return ""
		}
		return reference
	}, "", "")
	s.Send(core.KeyMade{Key: core.NewSecret(key)})
}

// exchange performs one request under its time limit. A transport that panics
// has answered nothing.
func (s *Shell) exchange(request core.SendRequest) {
	ctx, cancel := context.WithTimeout(s.requests, s.config.RequestLimit)
	defer cancel()
	answer := bounded(ctx, func() core.Responded { return s.config.Transport.Do(ctx, request) },
		core.Responded{Class: core.Ambiguous, Trouble: core.TroubleTimeout},
		core.Responded{Class: core.Ambiguous, Trouble: core.TroubleUnknown})
	answer.ID, answer.Wall = request.ID, s.config.Clock.Wall()
	s.Send(answer)
}
