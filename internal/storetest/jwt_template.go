package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// testJWTTemplates: a template is found by id and by name, which nobody else
// has; a lost update is a conflict; deleting is for good.
func testJWTTemplates(t *testing.T, s Store) {
	ctx := t.Context()
	first := auth.JWTTemplate{
		ID: "jtmp_1", Name: "hasura", Claims: json.RawMessage(`{"a":"{{user.id}}"}`), Lifetime: time.Minute, ClockSkew: 5 * time.Second,
		Algorithm: "HS256", SealedKey: []byte{0, 255}, CreatedAt: at(1), UpdatedAt: at(1),
	}
	second := auth.JWTTemplate{
		ID: "jtmp_2", Name: "other", Claims: json.RawMessage(`{}`), Lifetime: auth.MaxJWTLifetime, Algorithm: "RS256", CreatedAt: at(2), UpdatedAt: at(2),
	}
	mustCommit(t, s, auth.Change{JWTTemplates: []auth.JWTTemplate{first, second}})
	first.Version, second.Version = 1, 1
	got, err := s.JWTTemplateByName(ctx, "hasura")
	if diff := cmp.Diff(first, got); err != nil || diff != "" {
		t.Errorf("by name: %v %s", err, diff)
	}
	page, total, err := s.JWTTemplates(ctx, 10, 0)
	if diff := cmp.Diff([]auth.JWTTemplate{second, first}, page); err != nil || total != 2 || diff != "" {
		t.Errorf("list: %v %d %s", err, total, diff)
	}
	second.Name = "hasura"
	if err := s.Commit(ctx, auth.Change{JWTTemplates: []auth.JWTTemplate{second}}); !errors.Is(err, auth.ErrExists) {
		t.Errorf("a taken name: %v", err)
	}
	first.Name, first.SealedKey, first.Algorithm = "new", nil, "RS256"
	mustCommit(t, s, auth.Change{JWTTemplates: []auth.JWTTemplate{first}})
	if err := s.Commit(ctx, auth.Change{JWTTemplates: []auth.JWTTemplate{first}}); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("a lost update: %v", err)
	}
	first.Version = 2
	got, err = s.JWTTemplate(ctx, "jtmp_1")
	if diff := cmp.Diff(first, got); err != nil || diff != "" {
		t.Errorf("changed: %v %s", err, diff)
	}
	mustCommit(t, s, auth.Change{DeletedJWTTemplates: []auth.JWTTemplateID{"jtmp_1", "jtmp_9"}})
	if _, err := s.JWTTemplate(ctx, "jtmp_1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}
