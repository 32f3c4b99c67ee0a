package shell

import (
	"context"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// load asks the vault for the record. A vault that panics or outlives its limit
// has failed, which proves nothing.
func (s *Shell) load(e core.LoadRecord) {
	s.stores.Go(func() {
		ctx, cancel := context.WithTimeout(s.requests, s.config.StoreLimit)
		defer cancel()
		found := bounded(ctx, func() vault.Loaded { return s.config.Vault.Load(ctx) },
			vault.Loaded{Answer: vault.Failed, Detail: "no answer within the time limit"},
			vault.Loaded{Answer: vault.Failed, Detail: "the vault panicked"})
		s.Send(core.StoreLoaded{
			ID: e.ID, Answer: core.StoreAnswer(found.Answer), Version: core.Version(found.Version),
			Data: core.NewSecret(string(found.Body)), Detail: found.Detail,
		})
	})
}

// save replaces the record. A save that outlives its limit may have been done:
// the core repeats it unchanged.
func (s *Shell) save(e core.SaveRecord) {
	s.stores.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.config.StoreLimit)
		defer cancel()
		change := vault.Change{
			Previous: vault.Version(e.Previous), Next: vault.Version(e.Next),
			Body: []byte(e.Data.Reveal()), Beside: e.Beside, Final: e.Final,
		}
		saved := bounded(ctx, func() vault.Saved { return s.config.Vault.Save(ctx, change) },
			vault.Saved{Answer: vault.Failed, Detail: "no answer within the time limit"},
			vault.Saved{Answer: vault.Failed, Detail: "the vault panicked"})
		s.Send(core.StoreSaved{
			ID: e.ID, Answer: core.StoreAnswer(saved.Answer), Current: core.Version(saved.Current),
			Detail: saved.Detail,
		})
	})
}

// bounded runs work and returns its result, or late when ctx ends first, or
// broken when work panics. Work that ignores its context is left behind.
func bounded[T any](ctx context.Context, work func() T, late, broken T) T {
	result := make(chan T, 1)
	go func() {
		defer func() {
			if recover() != nil {
				result <- broken
			}
		}()
		result <- work()
	}()
	select {
	case r := <-result:
		return r
	case <-ctx.Done():
	}
	select {
	case r := <-result: // it noticed the end of the context by itself
		return r
	default:
		return late
	}
}
