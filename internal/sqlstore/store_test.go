package sqlstore_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

func mustOpen(t testing.TB, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSmoke(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	now := time.UnixMilli(1_700_000_000_000).UTC()
	c := auth.Client{ID: "client_1", CreatedAt: now, UpdatedAt: now}
	tok := auth.ClientToken{Hash: [32]byte{1}, Client: c.ID, Generation: 1, CreatedAt: now}
	if err := s.Commit(t.Context(), auth.Change{Clients: []auth.Client{c}, Tokens: []auth.ClientToken{tok}}); err != nil {
		t.Fatal(err)
	}
	got, gen, err := s.ClientByToken(t.Context(), tok.Hash)
	if err != nil || gen != 1 {
		t.Fatal(gen, err)
	}
	c.Version = 1
	if diff := cmp.Diff(c, got.Client); diff != "" {
		t.Error(diff)
	}
	if err := s.Commit(t.Context(), auth.Change{Clients: []auth.Client{{ID: "client_1", Version: 7}}}); !errors.Is(err, auth.ErrConflict) {
		t.Error(err)
	}
}
