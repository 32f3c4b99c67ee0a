package sqlstore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// TestCachedClientIsTheStoredOne reads people all the time while others change
// them. Whoever changed somebody must see exactly that from then on, and nothing
// of it before.
func TestCachedClientIsTheStoredOne(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	const workers, each = 8, 8
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				name := person{0, n % workers, n / workers % each}.name()
				if _, _, err := s.ClientByToken(t.Context(), sha256.Sum256([]byte(name))); err != nil && !errors.Is(err, auth.ErrNotFound) {
					t.Error(err)
					return
				}
				runtime.Gosched()
			}
		})
	}
	for w := range workers {
		writers.Go(func() {
			for n := range each {
				p := person{0, w, n}
				for step, change := range p.changes() {
					if err := s.Commit(t.Context(), change); err != nil {
						t.Error(err)
						return
					}
					for range 3 { // from the file, then perhaps from memory
						if got, err := p.stored(t.Context(), s); err != nil || got != step+1 {
							t.Errorf("after step %d of %s: step %d is shown, %v", step+1, p.name(), got, err)
							return
						}
					}
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if got := s.CachedClients(); got != workers*each {
		t.Errorf("%d clients are cached, want all %d", got, workers*each)
	}
}

// TestCachedClientAnswersOnlyWhileOpen keeps a store that was closed, or a caller
// who gave up, from being answered out of memory.
func TestCachedClientAnswersOnlyWhileOpen(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	p := person{0, 0, 0}
	if err := s.Commit(t.Context(), p.changes()[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ClientByID(t.Context(), "client_0_0_0"); err != nil || s.CachedClients() != 1 {
		t.Fatalf("%v, %d cached", err, s.CachedClients())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.ClientByID(ended, "client_0_0_0"); err == nil {
		t.Error("answered a caller who gave up")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ClientByID(t.Context(), "client_0_0_0"); err == nil {
		t.Error("answered after it was closed")
	}
}

// TestCachedClientIsForgottenAfterForeignWrites changes the file with another
// program's means, which nobody should do to a database in use.
func TestCachedClientIsForgottenAfterForeignWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "perennial.db")
	s := mustOpen(t, path)
	if err := s.Commit(t.Context(), person{0, 0, 0}.changes()[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ClientByID(t.Context(), "client_0_0_0"); err != nil || s.CachedClients() != 1 {
		t.Fatalf("%v, %d cached", err, s.CachedClients())
	}
	foreign, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = foreign.Close() }()
	if err := foreign.Exec(`PRAGMA foreign_keys=OFF; DELETE FROM clients`); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := s.ClientByID(t.Context(), "client_0_0_0")
		if errors.Is(err, auth.ErrNotFound) {
			return
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("still answered from memory, %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestCachedClientIsNobodysElse changes what a caller got, down to the last
// byte; the next caller must not see it.
func TestCachedClientIsNobodysElse(t *testing.T) {
	t.Parallel()
	var whole auth.ClientAggregate
	fillIn(reflect.ValueOf(&whole).Elem())
	secrets := cmp.AllowUnexported(auth.PasswordHash{})
	before := map[uintptr]string{}
	references(reflect.ValueOf(whole), "", func(at uintptr, path string) { before[at] = path })
	got := sqlstore.CloneClient(whole)
	if cmp.Diff(whole, got, secrets) != "" {
		t.Fatalf("the copy differs (-want +got)\n%s", cmp.Diff(whole, got, secrets))
	}
	if len(before) < 20 {
		t.Fatalf("only %d references were found", len(before))
	}
	references(reflect.ValueOf(got), "", func(at uintptr, path string) {
		if shared, ok := before[at]; ok {
			t.Errorf("%s is shared with %s", path, shared)
		}
	})
}

// fillIn gives every member that can be changed in place something to change.
func fillIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillIn(v.Index(i))
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fillIn(key)
		fillIn(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != reflect.TypeFor[time.Time]() && v.Field(i).CanSet() {
				fillIn(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("x")
	default:
	}
}

// references calls f for everything that v leads to and that can be changed in
// place.
func references(v reflect.Value, path string, f func(at uintptr, path string)) {
	switch v.Kind() {
	case reflect.Pointer:
		f(v.Pointer(), path)
		references(v.Elem(), path, f)
	case reflect.Slice:
		f(v.Pointer(), path)
		for i := range v.Len() {
			references(v.Index(i), path+"[]", f)
		}
	case reflect.Map:
		f(v.Pointer(), path)
		for _, key := range v.MapKeys() {
			references(v.MapIndex(key), path+"{}", f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != reflect.TypeFor[time.Time]() {
				references(v.Field(i), path+"."+v.Type().Field(i).Name, f)
			}
		}
	default:
	}
}

// TestEveryKindOfChangeIsWeighed makes a change of each kind alone. It has to make
// the clients it is about be read again, unless no client shows its kind.
func TestEveryKindOfChangeIsWeighed(t *testing.T) {
	t.Parallel()
	unseen := map[string]bool{
		"Tokens": true, "Lineages": true, "Lockouts": true, "Messages": true, "Reverifications": true, "SignInTokens": true,
		"BrowserFlows": true, "EmailLinks": true, "OAuthFlows": true, "Webhooks": true,
	}
	shown := auth.ClientAggregate{Client: auth.Client{ID: "x"}, Users: map[auth.UserID]auth.User{"x": {ID: "x"}}}
	for i := range reflect.TypeFor[auth.Change]().NumField() {
		var change auth.Change
		fillIn(reflect.ValueOf(&change).Elem().Field(i)) // every id is "x"
		name := reflect.TypeFor[auth.Change]().Field(i).Name
		if got := sqlstore.Touches(change, shown); got == unseen[name] {
			t.Errorf("%s: read again: %v", name, got)
		}
	}
}
