package core

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestStepProperties drives the machine with arbitrary events, most of them out
// of place, and holds every Step to the properties that need no world: it is a
// function, it leaves its argument alone, it never panics, ids are never used
// twice, verdicts are numbered, and calls are answered at most once.
func TestStepProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := New(Config{Tenant: "t", Bind: rapid.Bool().Draw(t, "bind")})
		d := drawer{t: t, now: 1000}
		used := make(map[RequestID]bool)
		answered := make(map[CallID]bool)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			event := d.event(state)
			d.now += Instant(rapid.SampledFrom([]int{0, 1, 600, 70_000, 40 * 86_400_000}).Draw(t, "later"))
			before, waiting, callbacks := state, slices.Clone(state.waiters), slices.Clone(state.callbacks)
			next, effects := Step(state, d.now, event)
			again, effectsAgain := Step(state, d.now, event)

			if state.facts != before.facts || !slices.Equal(state.waiters, waiting) || !slices.Equal(state.callbacks, callbacks) {
				t.Fatalf("%T altered its argument", event)
			}
			if next.facts != again.facts || !slices.Equal(next.waiters, again.waiters) || !slices.Equal(effects, effectsAgain) {
				t.Fatalf("%T twice gave two results", event)
			}
			d.effects(effects, used, answered, state.verdict.Sequence)
			if next.launched && next.pending.Unsaved != (next.record != next.durable) {
				t.Fatalf("%T: unsaved is said to be %v", event, next.pending.Unsaved)
			}
			state = next
		}
	})
}

// drawer makes up events, aimed at what the machine waits for about half of the
// time.
type drawer struct {
	t     *rapid.T
	now   Instant
	calls CallID
	ids   []RequestID // given out so far
	due   [timers]Instant
}

func (d *drawer) effects(effects []Effect, used map[RequestID]bool, answered map[CallID]bool, sequence uint64) {
	fresh := func(id RequestID) {
		if id == 0 || used[id] {
			d.t.Fatalf("request id %d is used twice", id)
		}
		used[id] = true
		d.ids = append(d.ids, id)
	}
	for _, effect := range effects {
		switch e := effect.(type) {
		case LoadRecord:
			fresh(e.ID)
		case SaveRecord:
			fresh(e.ID)
			if e.Next.Lineage == "" || (e.Next.Lineage == e.Previous.Lineage && e.Next.Generation <= e.Previous.Generation) {
				d.t.Fatalf("a save that cannot follow: %v after %v", e.Next, e.Previous)
			}
		case SendRequest:
			fresh(e.ID)
		case Publish:
			if sequence++; e.Verdict.Sequence != sequence {
				d.t.Fatalf("verdict number %d, want %d", e.Verdict.Sequence, sequence)
			}
		case Reply:
			if answered[e.Call] {
				d.t.Fatalf("call %d is answered twice", e.Call)
			}
			answered[e.Call] = true
		case SetTimer:
			d.due[e.Timer] = e.Due
		}
	}
}

func (d *drawer) event(s State) Event {
	d.calls++
	call := d.calls
	secret := NewSecret(rapid.SampledFrom([]string{"", "A", "B", "C"}).Draw(d.t, "secret"))
	id := RequestID(0)
	if len(d.ids) > 0 {
		id = d.ids[len(d.ids)-1-rapid.IntRange(0, min(3, len(d.ids)-1)).Draw(d.t, "id")]
	}
	timer := Timer(rapid.IntRange(-1, int(timers)).Draw(d.t, "timer"))
	due := Instant(0)
	if timer >= 0 && timer < timers {
		due = d.due[timer]
	}
	wall := Wall(rapid.SampledFrom([]int64{0, 1, 1_700_000_000_000, 4_000_000_000_000}).Draw(d.t, "wall"))
	return rapid.SampledFrom([]Event{
		Launch{Wall: wall, Entropy: [2]uint64{1, 2}},
		TokenAsked{call, rapid.Bool().Draw(d.t, "force")}, TokenUsed{}, CredentialAsked{call},
		SignInAsked{call, "id", StrategyPassword, secret}, SignInAsked{call, "id", StrategyEmailCode, Secret{}},
		SignUpAsked{call, "e", secret}, CodeEntered{call, secret}, SecondFactorEntered{call, StrategyTOTP, secret},
		PasswordChosen{call, secret, true}, CodeResendAsked{call}, SecondFactorCodeAsked{call, "phone_code"}, AttemptAbandoned{call}, AdoptAsked{call, secret},
		BrowserFlowAsked{call, "F", secret, "ch", "app://x", true}, BrowserFlowAsked{call, "G", secret, "ch", "app://x", false},
		CallbackArrived{call, "app://x", "F", secret, "S1"}, CallbackArrived{call, "app://x", "G", secret, "S2"},
		CallbackArrived{call, "app://y", "F", secret, "S1"}, BrowserFlowAbandoned{call},
		SignOutAsked{Call: call}, SignOutAsked{call, true}, CallCancelled{call / 2},
		d.loaded(id, s), d.loaded(id, s), d.loaded(id, s),
		StoreSaved{ID: id, Answer: d.storeAnswer()}, StoreSaved{ID: id, Answer: StoreStored},
		d.responded(id, wall), d.responded(id, wall), d.responded(id, wall),
		TimerFired{timer, due, wall}, EntropyDelivered{[2]uint64{uint64(call), 9}}, Nudged{wall}, PeerChanged{},
		KeyMade{secret}, RotationAsked{},
	}).Draw(d.t, "event")
}

func (d *drawer) storeAnswer() StoreAnswer {
	return rapid.SampledFrom([]StoreAnswer{
		StoreFound, StoreAbsent, StoreStored, StoreConflict, StoreLocked, StoreAccessDenied, StoreFailed, StoreCorrupt,
		StoreKeyMissing, StoreTooNew, "nonsense",
	}).Draw(d.t, "answer")
}

func (d *drawer) loaded(id RequestID, s State) Event {
	e := StoreLoaded{ID: id, Answer: d.storeAnswer()}
	if e.Answer == StoreFound {
		r := modelRecord()
		switch rapid.IntRange(0, 4).Draw(d.t, "record") {
		case 1:
			r = Record{Lineage: "L0", Tombstone: CauseUser}
		case 2:
			r = s.record
		case 4:
			r.Flows = s.record.Flows
		case 3:
			r.Successor, r.Candidate = credA1, credK0
			r.Revocations[0] = Revocation{credB0, "C9", "S9"}
		}
		e.Version = Version{r.Lineage, uint64(rapid.IntRange(0, 9).Draw(d.t, "generation"))}
		e.Data = EncodeRecord(r, rapid.SampledFrom([]string{"t", "t", "other"}).Draw(d.t, "tenant"))
	}
	return e
}

func (d *drawer) responded(id RequestID, wall Wall) Event {
	id64 := func(name string) int64 { return rapid.Int64().Draw(d.t, name) }
	e := Responded{
		ID: id, Wall: wall,
		Class:      rapid.SampledFrom([]Class{Accepted, Refused, Ambiguous, "nonsense"}).Draw(d.t, "class"),
		Status:     rapid.SampledFrom([]int{0, 200, 401, 404, 500}).Draw(d.t, "status"),
		Code:       rapid.SampledFrom([]string{"", "session_revoked", "odd"}).Draw(d.t, "code"),
		RetryAfter: time.Duration(rapid.SampledFrom([]int64{0, 1, int64(time.Minute), -1 << 63, 1<<63 - 1}).Draw(d.t, "retry")),
		ServerTime: Wall(id64("server time")),
		Credential: NewSecret(rapid.SampledFrom([]string{"", "A0", "A1", "X", "A2 key", "A3 key"}).Draw(d.t, "credential")),
		Binds:      rapid.Bool().Draw(d.t, "binds"),
	}
	session := func() SessionDoc {
		return SessionDoc{
			ID:     rapid.SampledFrom([]string{"S1", "S2", ""}).Draw(d.t, "session"),
			Status: rapid.SampledFrom([]string{"active", "pending", "ended", ""}).Draw(d.t, "session status"),
			User:   User{ID: rapid.SampledFrom([]string{"U1", ""}).Draw(d.t, "user")},
			Token:  TokenDoc{NewSecret("jwt"), "S1", "U1", Wall(id64("iat")), Wall(id64("exp"))},
		}
	}
	if rapid.Bool().Draw(d.t, "with client") {
		e.Client = &ClientDoc{
			ID:        rapid.SampledFrom([]string{"C1", "C2", ""}).Draw(d.t, "client"),
			UpdatedAt: Wall(rapid.Int64Range(0, 9).Draw(d.t, "updated")), LastActiveSessionID: "S1",
			Sessions: []SessionDoc{session()}[:rapid.IntRange(0, 1).Draw(d.t, "sessions")],
		}
	}
	if rapid.Bool().Draw(d.t, "with attempt") {
		e.Attempt = &AttemptDoc{
			ID: "AT", CreatedSessionID: rapid.SampledFrom([]string{"", "S1", "S2"}).Draw(d.t, "created"),
			Status: rapid.SampledFrom([]string{
				"complete", "needs_first_factor", "needs_second_factor", "needs_new_password", "missing_requirements", "odd",
			}).Draw(d.t, "attempt status"),
			FirstFactors: []FactorDoc{{Strategy: StrategyEmailCode, ID: "F"}},
		}
	}
	if rapid.Bool().Draw(d.t, "with address") {
		e.URL = NewSecret("https://id.example.com/")
	}
	if rapid.Bool().Draw(d.t, "with session") {
		doc := session()
		e.Session, e.Token = &doc, doc.Token
	}
	return e
}

// TestEveryEffectCanBePrinted: an effect is data, also for a log.
func TestEveryEffectCanBePrinted(t *testing.T) {
	t.Parallel()
	state := New(Config{})
	_, effects := Step(state, 5, Launch{Wall: 1})
	if text := fmt.Sprintf("%+v", effects); text == "" {
		t.Fatal("nothing printed")
	}
}
