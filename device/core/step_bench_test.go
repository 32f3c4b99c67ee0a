package core

import (
	"testing"
	"time"
)

// benched is a machine with a confirmed session and a token.
func benched(b testing.TB) State {
	b.Helper()
	w := world{now: modelStart}
	w.disk = modelDisk{present: true, version: Version{"L0", 10}, record: modelRecord()}
	for _, a := range []action{{do: doLaunch}, {do: doStore}, {do: doServe}} {
		if err := w.take(a); err != nil {
			b.Fatal(err)
		}
	}
	if w.state.verdict.Kind != Active {
		b.Fatalf("verdict %s", w.state.verdict.Kind)
	}
	return w.state
}

// commonEvents are those that a running application causes all the time.
func commonEvents(tb testing.TB) map[string]func() {
	tb.Helper()
	confirmed := benched(tb)
	asked, _ := Step(confirmed, modelStart, TokenAsked{Call: 1, Force: true})
	w := world{now: modelStart, state: asked}
	doc := w.tokenDoc("S1")
	with := confirmed
	with.token = token{jwt: NewSecret("jwt-S1"), validUntil: modelStart.Add(time.Minute), renewAt: modelStart.Add(time.Minute)}
	step := func(s State, e Event) func() { return func() { Step(s, modelStart+5, e) } }
	return map[string]func(){
		"launch":            step(New(modelConfig()), Launch{Wall: modelWall}),
		"token-from-memory": step(with, TokenAsked{Call: 7}),
		"token-minted":      step(asked, Responded{ID: asked.mint.id, Class: Accepted, Status: 200, Token: doc}),
		"request-failed":    step(asked, Responded{ID: asked.mint.id, Class: Ambiguous, Trouble: TroubleNoRoute}),
		"late-answer":       step(confirmed, Responded{ID: 9999, Class: Accepted}),
		"nudge":             step(confirmed, Nudged{modelWall + Wall(modelStart)}),
	}
}

// TestCommonEventsAllocateLittle holds the budget of ten allocations.
func TestCommonEventsAllocateLittle(t *testing.T) {
	for name, event := range commonEvents(t) {
		if n := testing.AllocsPerRun(100, event); n > 10 {
			t.Errorf("%s: %v allocations, at most 10 allowed", name, n)
		}
	}
}

func benchStep(b *testing.B, state State, event func(State) Event) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		Step(state, modelStart+5, event(state))
	}
}

func BenchmarkStep(b *testing.B) {
	confirmed := benched(b)
	loading, _ := Step(New(modelConfig()), modelStart, Launch{Wall: modelWall + Wall(modelStart), Entropy: [2]uint64{1, 2}})
	data := EncodeRecord(modelRecord(), "t")
	asked, _ := Step(confirmed, modelStart, TokenAsked{Call: 1, Force: true})
	w := world{now: modelStart, state: asked}

	b.Run("launch", func(b *testing.B) {
		benchStep(b, New(modelConfig()), func(State) Event { return Launch{Wall: modelWall} })
	})
	b.Run("record-found", func(b *testing.B) {
		benchStep(b, loading, func(s State) Event {
			return StoreLoaded{ID: s.store.loading, Answer: StoreFound, Version: Version{"L0", 10}, Data: data}
		})
	})
	b.Run("client-confirmed", func(b *testing.B) {
		found, _ := Step(loading, modelStart, StoreLoaded{ID: loading.store.loading, Answer: StoreFound, Version: Version{"L0", 10}, Data: data})
		doc := w.clientDoc("C1")
		benchStep(b, found, func(s State) Event {
			return Responded{ID: s.confirm.id, Wall: modelWall + Wall(modelStart) + 9, Class: Accepted, Status: 200, Client: doc}
		})
	})
	b.Run("token-from-memory", func(b *testing.B) {
		with := confirmed
		with.token = token{jwt: NewSecret("jwt-S1"), validUntil: modelStart.Add(time.Minute), renewAt: modelStart.Add(time.Minute)}
		benchStep(b, with, func(State) Event { return TokenAsked{Call: 7} })
	})
	b.Run("token-minted", func(b *testing.B) {
		doc := w.tokenDoc("S1")
		benchStep(b, asked, func(s State) Event {
			return Responded{ID: s.mint.id, Class: Accepted, Status: 200, Token: doc}
		})
	})
	b.Run("request-failed", func(b *testing.B) {
		benchStep(b, asked, func(s State) Event {
			return Responded{ID: s.mint.id, Class: Ambiguous, Trouble: TroubleNoRoute}
		})
	})
	b.Run("sign-out", func(b *testing.B) {
		benchStep(b, confirmed, func(State) Event { return SignOutAsked{Call: 7} })
	})
	b.Run("late-answer", func(b *testing.B) {
		benchStep(b, confirmed, func(State) Event { return Responded{ID: 9999, Class: Accepted} })
	})
}
