// Package vaulttest owns the conformance suite of every vault adapter.
//
// It offers [Run], the behaviour every adapter must show; [Atomicity], which
// cuts the power at every file-system call of an adapter built on a disk; and
// [Processes], which sets real processes upon one vault and kills some.
//
// It refuses to look behind the port: whatever is checked is seen through Load,
// Save and Hold, as the device core sees it.
package vaulttest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device/vault"
)

// Opener returns a further view of one and the same store, as another process
// would get it; each subtest gets an Opener over an empty store.
type Opener func() vault.Vault

// patience bounds every call of the suite; an adapter that needs it has failed.
const patience = 10 * time.Second

// Run holds an adapter to the behaviour of the port. fresh makes a new, empty
// store for each clause.
func Run(t *testing.T, fresh func(t *testing.T) Opener) {
	clauses := []struct {
		name  string
		check func(t *testing.T, open Opener)
	}{
		{"an empty store answers absent", emptyIsAbsent},
		{"a stored record is found by another view", storedIsFound},
		{"a save against the wrong version conflicts and names the stored one", wrongVersionConflicts},
		{"a save of a generation that does not advance is refused", staleGenerationRefused},
		{"another lineage may replace the record at generation one", lineageReplaces},
		{"the same save twice is stored twice", repeatIsStored},
		{"the same version with another body conflicts", sameVersionOtherBody},
		{"bodies are not shared with the caller", bodiesAreCopied},
		{"an empty and a large body survive", sizesSurvive},
		{"a body beyond the limit is refused and changes nothing", tooLargeRefused},
		{"an ended context stops every call and changes nothing", endedContext},
		{"a final save hides its predecessor", finalSave},
		{"beside writes normally when the record can be read", besideReadable},
		{"racing saves have one winner each", racingSaves},
		{"hold excludes a second holder until released", holdExcludes},
		{"hold blocks neither load nor save", holdBlocksNothing},
	}
	for _, clause := range clauses {
		t.Run(clause.name, func(t *testing.T) {
			t.Parallel()
			clause.check(t, fresh(t))
		})
	}
}

func emptyIsAbsent(t *testing.T, open Opener) {
	got := open().Load(within(t))
	if diff := cmp.Diff(vault.Loaded{Answer: vault.Absent}, got); diff != "" {
		t.Errorf("load mismatch (-want +got):\n%s", diff)
	}
}

func storedIsFound(t *testing.T, open Opener) {
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	mustLoad(t, open(), generation(1), []byte("one"))
	mustSave(t, open(), generation(1), generation(2), []byte("two"))
	mustLoad(t, open(), generation(2), []byte("two"))
	mustSave(t, open(), generation(2), generation(7), []byte("seven"))
	mustLoad(t, open(), generation(7), []byte("seven"))
}

func wrongVersionConflicts(t *testing.T, open Opener) {
	v := open()
	got := v.Save(within(t), vault.Change{Previous: generation(4), Next: generation(5), Body: []byte("x")})
	if got.Answer != vault.Conflict || !got.Current.IsZero() {
		t.Errorf("save over nothing: got %+v, want conflict with no version", got)
	}
	mustSave(t, v, vault.Version{}, generation(1), []byte("one"))
	mustSave(t, v, generation(1), generation(2), []byte("two"))
	for _, previous := range []vault.Version{{}, generation(1), {Lineage: "other", Generation: 2}} {
		got := open().Save(within(t), vault.Change{Previous: previous, Next: vault.Version{Lineage: "third", Generation: 1}, Body: []byte("x")})
		if got.Answer != vault.Conflict || got.Current != generation(2) {
			t.Errorf("save over %v: got %+v, want conflict with generation 2", previous, got)
		}
	}
	mustLoad(t, v, generation(2), []byte("two"))
}

func staleGenerationRefused(t *testing.T, open Opener) {
	v := open()
	mustSave(t, v, vault.Version{}, generation(5), []byte("five"))
	for _, next := range []vault.Version{generation(4), generation(5), {}, {Lineage: "x"}, {Generation: 9}} {
		got := v.Save(within(t), vault.Change{Previous: generation(5), Next: next, Body: []byte("other")})
		if got.Answer == vault.Stored {
			t.Errorf("save of %v over generation 5 was stored", next)
		}
	}
	mustLoad(t, v, generation(5), []byte("five"))
}

func lineageReplaces(t *testing.T, open Opener) {
	next := vault.Version{Lineage: "second", Generation: 1}
	mustSave(t, open(), vault.Version{}, generation(9), []byte("nine"))
	mustSave(t, open(), generation(9), next, []byte("fresh"))
	mustLoad(t, open(), next, []byte("fresh"))
}

func repeatIsStored(t *testing.T, open Opener) {
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	for range 3 {
		mustSave(t, open(), generation(1), generation(2), []byte("two"))
	}
	mustLoad(t, open(), generation(2), []byte("two"))
}

func sameVersionOtherBody(t *testing.T, open Opener) {
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	got := open().Save(within(t), vault.Change{Next: generation(1), Body: []byte("two")})
	if got.Answer != vault.Conflict || got.Current != generation(1) {
		t.Errorf("got %+v, want a conflict: another process stored this version first", got)
	}
	mustLoad(t, open(), generation(1), []byte("one"))
}

func bodiesAreCopied(t *testing.T, open Opener) {
	v, body := open(), []byte("mine")
	mustSave(t, v, vault.Version{}, generation(1), body)
	copy(body, "yours")
	loaded := v.Load(within(t))
	if !bytes.Equal(loaded.Body, []byte("mine")) {
		t.Fatalf("the vault kept the caller's slice: %q", loaded.Body)
	}
	clear(loaded.Body)
	mustLoad(t, v, generation(1), []byte("mine"))
}

func sizesSurvive(t *testing.T, open Opener) {
	previous := vault.Version{}
	for i, size := range []int{0, 1, 1023, 1024, 2048, 2560, 4096, 65_537, 1 << 20, vault.MaxBody} {
		next := generation(uint64(i + 1))
		body := bytes.Repeat([]byte("é\x00"), size/3+1)[:size]
		mustSave(t, open(), previous, next, body)
		mustLoad(t, open(), next, body)
		previous = next
	}
}

func tooLargeRefused(t *testing.T, open Opener) {
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	got := open().Save(within(t), vault.Change{Previous: generation(1), Next: generation(2), Body: make([]byte, vault.MaxBody+1)})
	if got.Answer != vault.Failed {
		t.Errorf("got %+v, want failed", got)
	}
	mustLoad(t, open(), generation(1), []byte("one"))
}

func endedContext(t *testing.T, open Opener) {
	v := open()
	mustSave(t, v, vault.Version{}, generation(1), []byte("one"))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if got := v.Load(ended); got.Answer != vault.Failed {
		t.Errorf("load: got %+v, want failed", got)
	}
	if got := v.Save(ended, vault.Change{Previous: generation(1), Next: generation(2)}); got.Answer != vault.Failed {
		t.Errorf("save: got %+v, want failed", got)
	}
	mustLoad(t, v, generation(1), []byte("one"))
}

func finalSave(t *testing.T, open Opener) {
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	change := vault.Change{Previous: generation(1), Next: generation(2), Body: []byte("over"), Final: true}
	for range 2 {
		if got := open().Save(within(t), change); got.Answer != vault.Stored {
			t.Fatalf("got %+v, want stored", got)
		}
	}
	mustLoad(t, open(), generation(2), []byte("over"))
}

func besideReadable(t *testing.T, open Opener) {
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	change := vault.Change{Next: vault.Version{Lineage: "second", Generation: 1}, Body: []byte("x"), Beside: true}
	if got := open().Save(within(t), change); got.Answer != vault.Conflict {
		t.Errorf("beside a readable record: got %+v, want conflict", got)
	}
	change.Previous = generation(1)
	if got := open().Save(within(t), change); got.Answer != vault.Stored {
		t.Errorf("got %+v, want stored", got)
	}
	mustLoad(t, open(), change.Next, change.Body)
}

// racingSaves has many views advance one counter; a lost update would leave
// the counter below the number of successes.
func racingSaves(t *testing.T, open Opener) {
	const writers, each = 8, 5
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() { advance(t, open(), writer, each) })
	}
	group.Wait()
	got := open().Load(within(t))
	if want := generation(writers * each); got.Version != want {
		t.Errorf("counter is %v, want %v", got.Version, want)
	}
}

// advance adds n to the counter kept in the vault, by compare-and-set. The body
// names the writer: two equal changes would rightly both be told Stored.
func advance(t *testing.T, v vault.Vault, writer, n int) {
	for n > 0 {
		loaded := v.Load(within(t))
		if loaded.Answer != vault.Found && loaded.Answer != vault.Absent {
			t.Errorf("load during a race: %+v", loaded)
			return
		}
		next := generation(loaded.Version.Generation + 1)
		saved := v.Save(within(t), vault.Change{Previous: loaded.Version, Next: next, Body: fmt.Append(nil, writer, n)})
		switch saved.Answer {
		case vault.Stored:
			n--
		case vault.Conflict, vault.Locked:
		default:
			t.Errorf("save during a race: %+v", saved)
			return
		}
	}
}

func holdExcludes(t *testing.T, open Opener) {
	release, answer := open().Hold(within(t))
	if answer != vault.Stored {
		t.Fatalf("hold: got %s, want stored", answer)
	}
	short, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, answer := open().Hold(short); answer != vault.Locked {
		t.Errorf("second hold: got %s, want locked", answer)
	}
	release()
	release, answer = open().Hold(within(t))
	if answer != vault.Stored {
		t.Fatalf("hold after release: got %s, want stored", answer)
	}
	release()
}

func holdBlocksNothing(t *testing.T, open Opener) {
	release, answer := open().Hold(within(t))
	if answer != vault.Stored {
		t.Fatalf("hold: got %s, want stored", answer)
	}
	defer release()
	mustSave(t, open(), vault.Version{}, generation(1), []byte("one"))
	mustLoad(t, open(), generation(1), []byte("one"))
}

// generation is a version of the suite's one lineage.
func generation(n uint64) vault.Version { return vault.Version{Lineage: "first", Generation: n} }

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func mustSave(t testing.TB, v vault.Vault, previous, next vault.Version, body []byte) {
	t.Helper()
	got := v.Save(within(t), vault.Change{Previous: previous, Next: next, Body: body})
	if want := (vault.Saved{Answer: vault.Stored, Current: next}); got != want {
		t.Fatalf("save of %v: got %+v, want %+v", next, got, want)
	}
}

func mustLoad(t testing.TB, v vault.Vault, version vault.Version, body []byte) {
	t.Helper()
	got := v.Load(within(t))
	if got.Answer != vault.Found || got.Version != version || !bytes.Equal(got.Body, body) {
		t.Fatalf("load: got %s %v (%d bytes) %s, want found %v (%d bytes)",
			got.Answer, got.Version, len(got.Body), got.Detail, version, len(body))
	}
}
