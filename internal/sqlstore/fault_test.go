package sqlstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// mustHold checks that the first n people are stored in full.
func mustHold(t *testing.T, s *sqlstore.Store, n int) {
	t.Helper()
	for i := range n {
		if steps, err := (person{0, 0, i}).stored(t.Context(), s); err != nil || steps != stepsPerPerson {
			t.Errorf("person %d: %d of %d steps, %v", i, steps, stepsPerPerson, err)
		}
	}
}

// add commits all steps of person n and returns the first failure.
func add(t *testing.T, s *sqlstore.Store, n int) error {
	t.Helper()
	for _, ch := range (person{0, 0, n}).changes() {
		if err := s.Commit(t.Context(), ch); err != nil {
			return err
		}
	}
	return nil
}

func mustBeUnavailable(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// TestFilesMovedAway takes the files from under a running store and brings them
// back. Nothing may be acknowledged that went into files nobody will find.
func TestFilesMovedAway(t *testing.T) {
	t.Parallel()
	home, away := t.TempDir(), t.TempDir()
	path := filepath.Join(home, "perennial.db")
	s := mustOpen(t, path)
	if err := add(t, s, 0); err != nil {
		t.Fatal(err)
	}
	move := func(from, to string) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			err := os.Rename(filepath.Join(from, "perennial.db"+suffix), filepath.Join(to, "perennial.db"+suffix))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	move(home, away)
	mustBeUnavailable(t, add(t, s, 1))
	mustBeUnavailable(t, add(t, s, 2))
	_, err := s.User(t.Context(), "user_x")
	mustBeUnavailable(t, err)
	mustBeUnavailable(t, s.Ping(t.Context()))
	if _, err := os.Stat(path); err == nil {
		t.Fatal("a new database was made in place of the missing one")
	}
	mustWrite(t, path, []byte("something else"))
	mustBeUnavailable(t, add(t, s, 3))
	if string(mustRead(t, path)) != "something else" {
		t.Error("a foreign file was touched")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	move(away, home)
	if err := add(t, s, 4); err != nil {
		t.Errorf("after the files came back: %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after the files came back: %v", err)
	}
	mustHold(t, s, 1)
}

// TestDatabaseAloneGone takes the database file away and leaves its log, which
// says nothing about it.
func TestDatabaseAloneGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s := mustOpen(t, path)
	if err := add(t, s, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	mustBeUnavailable(t, add(t, s, 1))
	mustBeUnavailable(t, s.Ping(t.Context()))
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := add(t, s, 2); err != nil {
		t.Errorf("after the file came back: %v", err)
	}
	mustHold(t, s, 1)
}

// TestLogDeleted deletes the write-ahead log, which holds acknowledged changes
// that are not in the database file yet.
func TestLogDeleted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s, err := sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := add(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	mustBeUnavailable(t, s.Commit(t.Context(), auth.Change{Messages: []auth.Message{{ID: "msg_1"}}}))
	if err := add(t, s, 3); err != nil {
		t.Errorf("after a new start from the file: %v", err)
	}
	mustHold(t, s, 4)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustHold(t, mustOpen(t, path), 4)
}

// TestErrorsHoldNoSecrets looks for arguments in what a failing store says.
func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s := mustOpen(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil {
			t.Fatal(err)
		}
	}
	const secret = "hunter2@example.com"
	u := auth.User{ID: "user_1", Username: secret, Password: auth.NewPasswordHash(secret), Emails: []auth.EmailAddress{{ID: "idn_1", Address: secret}}}
	errs := []error{s.Commit(t.Context(), auth.Change{Users: []auth.User{u}})}
	_, err := s.UserByEmail(t.Context(), secret)
	errs = append(errs, err)
	for _, err := range errs {
		mustBeUnavailable(t, err)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q shows an argument", err)
		}
	}
}

// TestCancelledWhileQueued gives up changes in all stages of writing: what
// returned a context error must not be stored, what returned nil must.
func TestCancelledWhileQueued(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	const n = 300
	results := make([]error, n)
	done := make(chan int)
	for i := range n {
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*20*time.Microsecond)
			defer cancel()
			results[i] = s.Commit(ctx, person{0, 0, i}.changes()[0])
			done <- i
		}()
	}
	for range n {
		<-done
	}
	cancelled := 0
	for i, err := range results {
		steps, readErr := person{0, 0, i}.stored(t.Context(), s)
		switch {
		case readErr != nil:
			t.Fatal(readErr)
		case err == nil && steps != 1:
			t.Errorf("%d was acknowledged and is not stored", i)
		case errors.Is(err, context.DeadlineExceeded):
			cancelled++
			if steps != 0 {
				t.Errorf("%d returned a context error and is stored", i)
			}
		case err != nil:
			t.Errorf("%d: %v", i, err)
		}
	}
	t.Logf("%d of %d gave up", cancelled, n)
}

// TestCancelledWhileReading ends a context in the middle of a read. The
// connection has to be good for the next one.
func TestCancelledWhileReading(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	for range 20 {
		if err := s.ReadCancelled(t.Context()); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context.Canceled", err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFilesAreForTheirOwnerOnly looks at all files of a store in use.
func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s := mustOpen(t, path)
	if err := add(t, s, 0); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is readable by others: %v", suffix, info.Mode())
		}
	}
}
