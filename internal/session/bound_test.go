package session_test

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/internal/token"
)

var keyA, keyB = auth.KeyThumbprint{0xa}, auth.KeyThumbprint{0xb}

// boundWorld is a world whose clients get bound credentials.
func boundWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.Bound = token.NewBoundTokens(master)
	return w
}

// present does what a request for the client does with a proof of key.
func (w *world) present(t *testing.T, raw string, key auth.KeyThumbprint, rotate bool) session.Caller {
	t.Helper()
	caller, err := w.ResolveProven(t.Context(), raw, &session.Proof{Key: key, Rotate: rotate})
	if err != nil {
		t.Fatal(err)
	}
	if caller, err = w.Renew(t.Context(), caller); err != nil {
		t.Fatal(err)
	}
	return caller
}

// born returns the first credential of a new client, bound to key.
func (w *world) born(t *testing.T, key auth.KeyThumbprint) (string, auth.ClientID) {
	t.Helper()
	nobody := w.present(t, "", key, false)
	got, err := w.Ensure(t.Context(), nobody, session.Device{})
	if err != nil || got.Standing != session.Known || got.IssuedKey != key || !w.Bound.Is(got.Issued) {
		t.Fatalf("standing %d, %v", got.Standing, err)
	}
	return got.Issued, got.Client.Client.ID
}

// rotated presents raw, asks for its successor and presents that.
func (w *world) rotated(t *testing.T, raw string) string {
	t.Helper()
	w.now = w.now.Add(auth.RotationInterval)
	next := w.present(t, raw, keyA, true).Issued
	if next == "" || next == raw {
		t.Fatalf("no successor: %q", next)
	}
	if got := w.present(t, next, keyA, false); got.Standing != session.Known || got.Issued != "" {
		t.Fatalf("the successor has standing %d and is answered with %q", got.Standing, got.Issued)
	}
	return next
}

// Until the successor was presented, everybody who asks with the key gets the
// same one: the answer may have been lost, the device killed, two of its
// processes may ask at once.
func TestSuccessorStaysTheSameUntilItIsPresented(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	one, client := w.born(t, keyA)
	if got := w.present(t, one, keyA, true); got.Issued != "" {
		t.Error("rotated again at once")
	}
	w.now = w.now.Add(auth.RotationInterval)
	two := w.present(t, one, keyA, true).Issued
	for _, later := range []time.Duration{0, time.Second, time.Hour, 7 * 24 * time.Hour} {
		w.now = w.now.Add(later)
		got := w.present(t, one, keyA, true)
		if got.Standing != session.Known || got.Client.Client.ID != client || got.Issued != two || got.IssuedKey != keyA {
			t.Fatalf("after %v: standing %d, another successor", later, got.Standing)
		}
	}
	if got := w.present(t, one, keyA, false); got.Standing != session.Known || got.Issued != "" {
		t.Error("a successor that nobody asked for")
	}
	// The successor is presented twice: its first answer was lost.
	for range 2 {
		if got := w.present(t, two, keyA, false); got.Standing != session.Known || got.Issued != "" || got.Client.Client.ID != client {
			t.Fatalf("the successor: standing %d, issued %q", got.Standing, got.Issued)
		}
	}
	// A slow answer, a process that slept, a restored backup: the predecessor.
	for _, rotate := range []bool{false, true} {
		if got := w.present(t, one, keyA, rotate); got.Standing != session.Known || got.Issued != two {
			t.Errorf("the predecessor: standing %d, not answered with the current one", got.Standing)
		}
	}
}

func TestOldPredecessorsAreWorthNothing(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	first, _ := w.born(t, keyA)
	current := first
	for n := range auth.LineageMemory {
		current = w.rotated(t, current)
		if got := w.present(t, first, keyA, false); got.Issued != current {
			t.Fatalf("%d rotations later the first one is not answered with the current one", n+1)
		}
	}
	current = w.rotated(t, current)
	if got := w.present(t, first, keyA, true); got.Standing != session.Nobody || got.Issued != "" {
		t.Errorf("standing %d: a copy of long ago still works", got.Standing)
	}
	if got := w.present(t, current, keyA, false); got.Standing != session.Known {
		t.Error("and the current one no longer does")
	}
}

func TestWithoutTheKeyNothing(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	one, _ := w.born(t, keyA)
	for name, raw := range map[string]string{"genuine": one, "made up": "pcb_AAAA", "cut": one[:len(one)-1]} {
		got, err := w.ResolveProven(t.Context(), raw, nil)
		if err != nil || got.Standing != session.Unproven || got.Issued != "" || got.Client.Client.ID != "" {
			t.Errorf("%s: standing %d, %v", name, got.Standing, err)
		}
		if got, err = w.Renew(t.Context(), got); err != nil || got.Issued != "" {
			t.Errorf("%s: renewed to %q, %v", name, got.Issued, err)
		}
	}
	if got := w.present(t, one, keyA, false); got.Standing != session.Known {
		t.Error("asking without a proof ended something")
	}
	for _, raw := range []string{"pcb_AAAA", one[:len(one)-1], one + "A"} {
		if got := w.present(t, raw, keyA, true); got.Standing != session.Unproven || got.Stolen != "" {
			t.Errorf("%.12s…: standing %d", raw, got.Standing)
		}
	}
}

// A proof by another key is theft, and ends the line it was stolen from: at any
// generation, also one that the device has not presented yet.
func TestForeignKeyEndsOnlyItsLineage(t *testing.T) {
	t.Parallel()
	for _, which := range []string{"current", "predecessor", "successor"} {
		w := boundWorld(t)
		caller, sid := w.signedIn(t)
		origin := caller.Presented
		w.now = w.now.Add(time.Hour)
		mine := w.present(t, origin, keyA, true).Issued
		neighbour := w.present(t, origin, keyB, true).Issued
		if mine == neighbour || w.present(t, neighbour, keyB, false).Standing != session.Known ||
			w.present(t, mine, keyA, false).Standing != session.Known {
			t.Fatal("two keys do not get two lineages")
		}
		before := mine
		mine = w.rotated(t, mine)
		w.now = w.now.Add(time.Hour)
		after := w.present(t, mine, keyA, true).Issued
		stolen := map[string]string{"current": mine, "predecessor": before, "successor": after}[which]
		thief := w.present(t, stolen, keyB, true)
		if thief.Standing != session.Nobody || thief.Issued != "" || thief.Stolen != caller.Client.Client.ID {
			t.Errorf("%s: the thief has standing %d and gets %q", which, thief.Standing, thief.Issued)
		}
		if again := w.present(t, stolen, keyB, true); again.Standing != session.Nobody || again.Stolen != "" {
			t.Errorf("%s: a second time: %+v", which, again)
		}
		for _, raw := range []string{before, mine, after} {
			if got := w.present(t, raw, keyA, true); got.Standing != session.Nobody || got.Issued != "" {
				t.Errorf("%s: the lineage lives, with standing %d", which, got.Standing)
			}
		}
		if got := w.present(t, origin, keyA, true); got.Standing != session.Known || got.Issued != "" {
			t.Errorf("%s: the origin has standing %d and brings back %q", which, got.Standing, got.Issued)
		}
		for name, got := range map[string]session.Caller{
			"the origin": w.present(t, origin, auth.KeyThumbprint{}, false), "another lineage": w.present(t, neighbour, keyB, false),
		} {
			if _, err := w.sessions(w.store).Find(got, sid); err != nil {
				t.Errorf("%s: %s of the client lost the session: %v", which, name, err)
			}
		}
	}
}

// Whoever has an unbound credential goes on with it; a device branches a line of
// its own off it, and always the same one.
func TestBranchLeavesTheOriginAlone(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	caller, sid := w.signedIn(t)
	origin := caller.Presented
	if got := w.present(t, origin, keyA, false); got.Issued != "" {
		t.Error("a proof alone made a credential")
	}
	one := w.present(t, origin, keyA, true).Issued
	if again := w.present(t, origin, keyA, true).Issued; one == "" || again != one {
		t.Fatalf("asked again: %q, then %q", one, again)
	}
	got := w.present(t, one, keyA, false)
	if _, err := w.sessions(w.store).Find(got, sid); err != nil {
		t.Fatalf("the branch does not find the session: %v", err)
	}
	two := w.rotated(t, one)
	if got := w.present(t, origin, keyA, true).Issued; got != two {
		t.Error("a device that was restored to before the branch does not get what is current")
	}
	plain, err := w.Resolve(t.Context(), origin)
	if err != nil || plain.Standing != session.Known || plain.Issued != "" {
		t.Errorf("the origin: standing %d, %v", plain.Standing, err)
	}
}

// The server's own backup was restored: it has not heard of what the device
// holds, and the credential proves itself.
func TestRestoredServerBackup(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	caller, sid := w.signedIn(t)
	says := auth.BoundToken{Client: caller.Client.Client.ID, Lineage: auth.LineageID{7}, Key: keyA, Generation: 5}
	got := w.present(t, w.Bound.Text(says), keyA, false)
	if _, err := w.sessions(w.store).Find(got, sid); err != nil {
		t.Fatalf("standing %d: %v", got.Standing, err)
	}
	says.Generation = 3
	if got := w.present(t, w.Bound.Text(says), keyA, false); got.Issued == "" {
		t.Error("the predecessor is not answered with what was presented")
	}
	says.Client = "client_gone"
	lost := w.present(t, w.Bound.Text(says), keyA, true)
	if lost.Standing != session.Lost {
		t.Fatalf("standing %d", lost.Standing)
	}
	if _, err := w.Ensure(t.Context(), lost, session.Device{}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a fresh client over the device's own: %v", err)
	}
	admitted, err := w.Admit(t.Context(), lost, session.Device{})
	if err != nil || admitted.Standing != session.Known || admitted.IssuedKey != keyA {
		t.Errorf("a person who signs in: %+v, %v", admitted, err)
	}
}

// A store that can be read and not written: the session comes back, and what was
// not noted is noted later.
func TestSuccessorOnAReadOnlyStore(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	one, _ := w.born(t, keyA)
	w.now = w.now.Add(time.Hour)
	two := w.present(t, one, keyA, true).Issued
	w.Store = readOnly{w.store}
	if got := w.present(t, two, keyA, false); got.Standing != session.Known {
		t.Errorf("standing %d", got.Standing)
	}
	w.Store = w.store
	if got := w.present(t, one, keyA, true); got.Issued != two {
		t.Error("the predecessor gets another successor")
	}
	if _, err := (&session.Clients{Store: readOnly{w.store}, Tokens: w.Tokens, Bound: w.Bound, Now: w.Now, Entropy: w.Entropy}).
		ResolveProven(t.Context(), two, &session.Proof{Key: keyB}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a theft that could not be noted: %v", err)
	}
}

// Eight requests over two servers of one store rotate and present at once: one
// line comes of it, and nobody is turned away.
func TestConcurrentRotation(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	servers := []*session.Clients{
		w.Clients,
		{Store: w.store, Tokens: w.Tokens, Bound: w.Bound, Now: w.Now, Entropy: rand.Reader},
	}
	current, client := w.born(t, keyA)
	for round := range 5 {
		w.now = w.now.Add(time.Hour)
		next := make([]string, 8)
		var wg sync.WaitGroup
		for i := range next {
			wg.Go(func() {
				c := servers[i%2]
				asked, err := c.ResolveProven(t.Context(), current, &session.Proof{Key: keyA, Rotate: true})
				if err == nil {
					asked, err = c.Renew(t.Context(), asked)
				}
				if err != nil || asked.Standing != session.Known || asked.Client.Client.ID != client {
					t.Errorf("standing %d, %v", asked.Standing, err)
				}
				next[i] = asked.Issued
				used, err := c.ResolveProven(t.Context(), asked.Issued, &session.Proof{Key: keyA})
				if err != nil || used.Standing != session.Known || used.Issued != "" {
					t.Errorf("the successor: standing %d, issued %q, %v", used.Standing, used.Issued, err)
				}
			})
		}
		wg.Wait()
		for _, text := range next {
			if text != next[0] {
				t.Fatalf("round %d: more than one successor", round)
			}
		}
		current = next[0]
	}
}

func TestBoundCreationIsPerKey(t *testing.T) {
	t.Parallel()
	w := boundWorld(t)
	device := session.Device{ID: "device", App: "app", Address: "192.0.2.1"}
	create := func(key auth.KeyThumbprint) session.Caller {
		got, err := w.Ensure(t.Context(), w.present(t, "", key, false), device)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := create(keyA)
	if again := create(keyA); again.Issued != first.Issued || again.IssuedKey != keyA {
		t.Error("a repeated creation made another client")
	}
	if other := create(keyB); other.Issued == first.Issued || other.IssuedKey != keyB {
		t.Error("one key got the credential of another")
	}
	plain, err := w.Resolve(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.Ensure(t.Context(), plain, device); err != nil || w.Bound.Is(got.Issued) {
		t.Errorf("without a key: %v", err)
	}
}
