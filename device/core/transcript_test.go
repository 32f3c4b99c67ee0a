package core

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts in testdata anew")

// TestTranscripts plays the stories in testdata. A story opens with prose; then
// come events, one a line, each followed by what the machine does, indented.
// Run with -rewrite after a change, and commit only differences that you can
// explain.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	stories, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, story := range stories {
		t.Run(filepath.Base(story), func(t *testing.T) {
			text, err := os.ReadFile(story)
			if err != nil {
				t.Fatal(err)
			}
			told, err := tellStory(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if *rewrite {
				if err := os.WriteFile(story, []byte(told), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(string(text), "\n"), strings.Split(told, "\n")); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// stage is one machine in a world of the model, played by hand.
type stage struct {
	world world
	out   strings.Builder
}

func tellStory(text string) (string, error) {
	prose, script, found := strings.Cut(text, "\n\n> ")
	if !found {
		return "", fmt.Errorf("no event after the prose")
	}
	s := &stage{world: world{now: modelStart, state: New(modelConfig()), alive: true}}
	s.world.disk = modelDisk{present: true, version: Version{"L0", 10}, record: modelRecord()}
	s.out.WriteString(prose + "\n\n")
	for line := range strings.Lines("> " + script) {
		if command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> "); ok {
			s.out.WriteString("> " + command + "\n")
			if err := s.play(command); err != nil {
				return "", fmt.Errorf("%s: %w", command, err)
			}
		}
	}
	return s.out.String(), nil
}

// play turns one line into an event and writes down the effects.
func (s *stage) play(command string) error {
	words := strings.Fields(command)
	argument := ""
	if len(words) > 1 {
		argument = words[1]
	}
	w := &s.world
	switch words[0] {
	case "wait":
		d, err := time.ParseDuration(argument)
		w.now = w.now.Add(d)
		return err
	case "server":
		switch argument {
		case "ends":
			w.endSession("S1")
		case "forgets":
			w.server.forgotten = true
		case "binds":
			w.bind.on, w.state.config.Bind = true, true
		}
		return nil
	}
	event, err := s.event(words[0], argument)
	if err != nil {
		return err
	}
	var effects []Effect
	w.state, effects = Step(w.state, w.now, event)
	for _, effect := range effects {
		s.show(effect)
	}
	return nil
}

func (s *stage) event(name, argument string) (Event, error) {
	w := &s.world
	call := CallID(7)
	switch name {
	case "launch":
		return Launch{Wall: w.clock(), Entropy: [2]uint64{1, 2}}, nil
	case "token":
		return TokenAsked{Call: call, Force: argument == "fresh"}, nil
	case "sign-out":
		return SignOutAsked{Call: call}, nil
	case "sign-in":
		return SignInAsked{Call: call, Identifier: "u", Strategy: StrategyPassword, Password: NewSecret("p")}, nil
	case "adopt":
		return AdoptAsked{call, NewSecret(argument)}, nil
	case "nudge":
		return Nudged{w.clock()}, nil
	case "loaded":
		e := StoreLoaded{ID: w.op.id, Answer: StoreAnswer(argument)}
		if e.Answer == StoreFound {
			e.Version, e.Data = w.disk.version, EncodeRecord(w.disk.record, "t")
		}
		return e, nil
	case "saved":
		if argument == string(StoreStored) {
			w.disk.version, w.disk.record = w.op.body.Next, w.state.store.saving.record
		}
		return StoreSaved{ID: w.op.id, Answer: StoreAnswer(argument)}, nil
	case "timer":
		for timer, label := range timerNames {
			if label == argument {
				return TimerFired{Timer(timer), w.state.timers[timer], w.clock()}, nil
			}
		}
	case "answer":
		return s.answer(argument)
	case "key":
		return KeyMade{lineCredential(0, 1).Key()}, nil
	}
	return nil, fmt.Errorf("no such event")
}

// answer answers the oldest request, or the one about the handed-over credential:
// honestly, as a further credential of the first session, with a successor
// credential, or as something in the place of the server would.
func (s *stage) answer(how string) (Event, error) {
	w := &s.world
	how, candidate := strings.CutPrefix(how, "candidate-")
	i := slices.IndexFunc(w.reqs[:], func(r SendRequest) bool { return r.ID != 0 && (!candidate || r.ID == w.state.adopt.id) })
	if i < 0 {
		return nil, fmt.Errorf("nothing was asked")
	}
	r := w.reqs[i]
	w.reqs = remove(w.reqs, i)
	switch how {
	case "honestly":
		return w.serve(r, false), nil
	case "alike":
		r.Credential = credA0
		return w.serve(r, false), nil
	case "rotating":
		return w.serve(r, true), nil
	case "foreign", "session_revoked":
		return w.lie(r, 0), nil
	case "odd", "late":
		return w.lie(r, 1), nil
	case "dropped":
		return w.lie(r, 2), nil
	default:
		return Responded{ID: r.ID, Wall: w.clock(), Class: Ambiguous, Trouble: Trouble(how), Status: 0}, nil
	}
}

var timerNames = [timers]string{"local-deadline", "store", "confirm", "refresh", "revoke", "recheck", "offline"}

// show writes one effect down, in words that do not change with its fields.
func (s *stage) show(effect Effect) {
	w := &s.world
	line := ""
	switch e := effect.(type) {
	case LoadRecord:
		w.op = modelOp{id: e.ID}
		line = "load"
	case SaveRecord:
		w.op = modelOp{id: e.ID, save: true, body: e}
		r := w.state.store.saving.record
		line = fmt.Sprintf("save generation %d: credential %q successor %q candidate %q session %q tombstone %q",
			e.Next.Generation, r.Credential.Reveal(), r.Successor.Reveal(), r.Candidate.Reveal(), r.SessionID, r.Tombstone)
		if !r.Offer.IsZero() {
			line += fmt.Sprintf(" offer %q", r.Offer.Reveal())
		}
		for _, rev := range r.Revocations {
			if !rev.IsZero() {
				line += fmt.Sprintf(" revoke %s with %q", rev.SessionID, rev.Credential.Reveal())
			}
		}
	case SendRequest:
		_ = w.judgeRequest(e)
		line = fmt.Sprintf("send %s with %q %s", e.Kind, e.Credential.Reveal(), e.SessionID)
		if !e.Offer.IsZero() {
			line += fmt.Sprintf("offering %q", e.Offer.Reveal())
		}
	case SetTimer:
		line = "timer " + timerNames[e.Timer] + " off"
		if e.Due != 0 {
			line = fmt.Sprintf("timer %s in %v", timerNames[e.Timer], e.Due.Since(w.now))
		}
	case NeedEntropy:
		line = "need entropy"
	case NeedKey:
		line = "need a key"
	case Publish:
		v := e.Verdict
		line = fmt.Sprintf("verdict %d: %s(%s) %s", v.Sequence, v.Kind, v.Cause, v.SessionID)
		if v.Failing != "" {
			line += fmt.Sprintf(" failing: %s", v.Failing)
		}
		if v.PersistFailing {
			line += " not stored yet"
		}
	case PublishToken:
		line = fmt.Sprintf("token in memory: %q", e.Token.Reveal())
	case PublishPending:
		line = fmt.Sprintf("pending: attempt %q, %d revocations, unsaved %v", e.Attempt.ID, e.Revocations, e.Unsaved)
	case Reply:
		line = fmt.Sprintf("reply to %d: %s %s %s %q", e.Call, e.Outcome, e.Cause, e.Evidence.Code, e.Token.Reveal())
	case Note:
		return // the journal is told of in package device
	}
	s.out.WriteString("    " + strings.TrimRight(line, " ") + "\n")
}
