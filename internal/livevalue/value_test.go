package livevalue_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/livevalue"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

var text = livevalue.Coding[string]{
	Name:   "text",
	Decode: func(stored []byte) (string, error) { return string(stored), nil },
	Encode: func(s string) ([]byte, error) { return []byte(s), nil },
}

// slow is a store that calls stored after it has swapped a value for the first time.
type slow struct {
	livevalue.Store
	stored func()
}

func (s *slow) SwapInstanceValue(ctx context.Context, name string, old, value []byte) error {
	err := s.Store.SwapInstanceValue(ctx, name, old, value)
	if then := s.stored; then != nil && err == nil {
		s.stored = nil
		then()
	}
	return err
}

func add(more string) func(string) (string, error) {
	return func(s string) (string, error) { return s + more, nil }
}

// TestLastChangeIsSeen lets a second change begin between storing the first and
// publishing it. What was stored last must be what is seen.
func TestLastChangeIsSeen(t *testing.T) {
	t.Parallel()
	database, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "perennial.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	store := &slow{Store: database}
	v, err := livevalue.Open(t.Context(), store, text)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	done := make(chan struct{})
	store.stored = func() {
		go func() {
			_, err := v.Update(t.Context(), add("b"))
			close(done)
			second <- err
		}()
		select { // it waits for the first; if it did not, it would be over soon
		case <-done:
		case <-time.After(200 * time.Millisecond):
		}
	}
	if got, err := v.Update(t.Context(), add("a")); err != nil || got != "a" {
		t.Fatalf("first: %q, %v", got, err)
	}
	if err := <-second; err != nil {
		t.Fatal(err)
	}
	stored, err := database.InstanceValue(t.Context(), text.Name)
	if err != nil || string(stored) != "ab" || v.Now() != "ab" {
		t.Errorf("stored %q, seen %q, %v", stored, v.Now(), err)
	}
}

func TestRefusedChangeChangesNothing(t *testing.T) {
	t.Parallel()
	database, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "perennial.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	v, err := livevalue.Open(t.Context(), database, text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Update(t.Context(), add("a")); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("refused")
	if _, err := v.Update(t.Context(), func(string) (string, error) { return "b", refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if v.Now() != "a" {
		t.Errorf("seen %q", v.Now())
	}
}
