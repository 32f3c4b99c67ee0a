package instance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/instance"
	"github.com/perennialauth/perennial/internal/livevalue"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

func mustStore(t *testing.T) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "perennial.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func mustOpen(t *testing.T, s livevalue.Store, base auth.Settings) *instance.Live {
	t.Helper()
	l, err := instance.Open(t.Context(), s, base)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestOnlyChangesAreKept changes a setting, then starts again with another
// configuration: what was changed stays, everything else follows.
func TestOnlyChangesAreKept(t *testing.T) {
	t.Parallel()
	store, base := mustStore(t), auth.DefaultSettings()
	l := mustOpen(t, store, base)
	changed, err := l.Update(t.Context(), func(s *auth.Settings) error {
		s.Phone, s.SecondFactors.PhoneCode = auth.UseOptional, true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(changed, l.Settings()); d != "" {
		t.Error(d)
	}
	base.ApplicationName, base.SecondFactors.BackupCodes = "Another", false
	again := mustOpen(t, store, base).Settings()
	if again.Phone != auth.UseOptional || !again.SecondFactors.PhoneCode {
		t.Errorf("what was changed is lost: %+v", again)
	}
	if again.ApplicationName != "Another" || again.SecondFactors.BackupCodes {
		t.Errorf("what nobody changed does not follow the configuration: %+v", again)
	}
}

// TestRefusedChangesNothing asks for settings that nobody could sign up with.
func TestRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	l := mustOpen(t, mustStore(t), auth.DefaultSettings())
	_, err := l.Update(t.Context(), func(s *auth.Settings) error {
		s.Email = auth.UseOff
		return nil
	})
	var refused *auth.Error
	if !errors.As(err, &refused) || refused.Code != auth.CodeParamInvalid {
		t.Errorf("got %v", err)
	}
	if d := cmp.Diff(auth.DefaultSettings(), l.Settings()); d != "" {
		t.Error(d)
	}
}

// elsewhere is a store in which another process makes one change first.
type elsewhere struct {
	livevalue.Store
	value []byte
}

func (e *elsewhere) SwapInstanceValue(ctx context.Context, name string, old, value []byte) error {
	if e.value != nil {
		first := e.value
		e.value = nil
		if err := e.Store.SwapInstanceValue(ctx, name, old, first); err != nil {
			return err
		}
	}
	return e.Store.SwapInstanceValue(ctx, name, old, value)
}

// TestChangesOfTwoAreBothKept lets another change win the race.
func TestChangesOfTwoAreBothKept(t *testing.T) {
	t.Parallel()
	store := &elsewhere{Store: mustStore(t), value: []byte(`{"home_url":"https://example.com"}`)}
	l := mustOpen(t, store, auth.DefaultSettings())
	got, err := l.Update(t.Context(), func(s *auth.Settings) error {
		s.SupportEmail = "help@example.com"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.HomeURL != "https://example.com" || got.SupportEmail != "help@example.com" {
		t.Errorf("got %+v", got)
	}
	raw, err := store.InstanceValue(t.Context(), "settings")
	if err != nil || !json.Valid(raw) || bytes.Contains(raw, []byte("sign_up_mode")) {
		t.Errorf("stored is %s, %v", raw, err)
	}
}
