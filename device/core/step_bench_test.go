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

// commonEvent is one that a running application causes all the time.
type commonEvent struct {
	name string
	at   State
	what Event
}

func commonEvents(tb testing.TB) []commonEvent {
	tb.Helper()
	confirmed := benched(tb)
	asked, _ := Step(confirmed, modelStart, TokenAsked{Call: 1, Force: true})
	launched := Launch{Wall: modelWall + Wall(modelStart), Entropy: [2]uint64{1, 2}}
	loading, _ := Step(New(modelConfig()), modelStart, launched)
	load := StoreLoaded{
		ID: loading.store.loading, Answer: StoreFound, Version: Version{"L0", 10}, Data: EncodeRecord(modelRecord(), "t"),
	}
	found, _ := Step(loading, modelStart, load)
	out, _ := Step(confirmed, modelStart, SignOutAsked{Call: 7})
	with := confirmed
	with.token = token{jwt: NewSecret("jwt-S1"), validUntil: modelStart.Add(time.Minute), renewAt: modelStart.Add(time.Minute)}
	w := world{now: modelStart, state: asked}
	wall := modelWall + Wall(modelStart) + 9
	return []commonEvent{
		{"launch", New(modelConfig()), launched},
		{"record-found", loading, load},
		{"client-confirmed", found, Responded{ID: found.confirm.id, Wall: wall, Class: Accepted, Status: 200, Client: w.clientDoc("C1")}},
		{"token-from-memory", with, TokenAsked{Call: 7}},
		{"token-minted", asked, Responded{ID: asked.mint.id, Class: Accepted, Status: 200, Token: w.tokenDoc("S1")}},
		{"request-failed", asked, Responded{ID: asked.mint.id, Class: Ambiguous, Trouble: TroubleNoRoute}},
		{"sign-out", confirmed, SignOutAsked{Call: 7}},
		{"record-saved", out, StoreSaved{ID: out.store.saving.id, Answer: StoreStored}},
		{"late-answer", confirmed, Responded{ID: 9999, Class: Accepted}},
		{"nudge", confirmed, Nudged{wall}},
	}
}

// TestCommonEventsAllocateLittle holds the budget of ten allocations.
func TestCommonEventsAllocateLittle(t *testing.T) {
	for _, event := range commonEvents(t) {
		if n := testing.AllocsPerRun(100, func() { Step(event.at, modelStart+5, event.what) }); n > 10 {
			t.Errorf("%s: %v allocations, at most 10 allowed", event.name, n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, event := range commonEvents(b) {
		b.Run(event.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Step(event.at, modelStart+5, event.what)
			}
		})
	}
}
