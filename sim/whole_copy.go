package sim

import (
	"context"
	"os"
	"path/filepath"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/internal/auth"
)

// database stops the server for as long as it takes to copy what it has stored.
func (s *whole) database() []byte {
	s.settle()
	s.check(s.store.Close())
	s.store = nil
	data, err := os.ReadFile(s.path())
	s.check(err)
	s.settle()
	return data
}

// Backup implements [Server].
func (s *whole) Backup() { s.backup = s.database() }

// Restore implements [Server]. Whose the sessions are that it does not know any
// more is remembered: the devices still have them.
func (s *whole) Restore() {
	if s.backup == nil {
		return
	}
	s.settle()
	all, _, err := s.store.Sessions(context.Background(), auth.SessionQuery{Limit: 500})
	s.check(err)
	for _, row := range all {
		s.owners[string(row.ID)] = string(row.Client)
	}
	s.check(s.store.Close())
	s.store = nil
	for _, name := range []string{s.path() + "-wal", s.path() + "-shm"} {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			s.check(err)
		}
	}
	s.check(os.WriteFile(s.path(), s.backup, 0o600))
	s.restored = s.world.wall()
	clear(s.deleted)
	s.settle()
}

// Lag implements [Server].
func (s *whole) Lag() {
	if s.lagging != nil {
		s.lagging.Close()
	}
	dir := filepath.Join(s.dir, "lagging")
	s.check(os.MkdirAll(dir, 0o700))
	lagging, err := s.house.on(s.world, dir, s.database(), 1<<40)
	s.check(err)
	s.lagging = lagging
}

// Knows implements [Server].
func (s *whole) Knows(credential core.Secret) bool {
	s.settle()
	text := credential.Token().Reveal()
	if bound, err := s.bound.Parse(text); err == nil && s.bound.Is(text) {
		_, line, err := s.store.BoundClient(context.Background(), bound)
		if err != nil {
			return false
		}
		_, what := line.Present(bound, s.clock())
		return what != auth.PresentedEnded && what != auth.PresentedOutdated
	}
	_, hash, err := s.clientsOf.Tokens.Parse(text)
	if err != nil {
		return false
	}
	_, _, err = s.store.ClientByToken(context.Background(), hash)
	return err == nil
}

// SetTask implements [Server].
func (s *whole) SetTask(id string, isOpen bool) {
	row, ok := s.session(id)
	if !ok || !row.SignedIn(s.clock()) {
		return
	}
	of, err := s.store.ClientByID(context.Background(), row.Client)
	s.check(err)
	of.Client.UpdatedAt = s.clock()
	s.check(s.store.Commit(context.Background(), auth.Change{
		Sessions: []auth.Session{row.SetTask(auth.TaskSetupMFA, isOpen, s.clock())}, Clients: []auth.Client{of.Client},
	}))
}

// Pending implements [Server].
func (s *whole) Pending(id string) bool {
	row, ok := s.session(id)
	return ok && row.SignedIn(s.clock()) && row.Status == auth.SessionPending
}
