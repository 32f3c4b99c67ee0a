package filevault

import (
	"context"

	"github.com/perennialauth/perennial/device/vault"
)

// Load implements [vault.Vault].
func (v *Vault) Load(ctx context.Context) vault.Loaded {
	late := vault.Loaded{Answer: vault.Failed, Detail: "the file system did not answer in time"}
	return bounded(ctx, late, v.load)
}

func (v *Vault) load() vault.Loaded {
	seen := v.look()
	answer, slot := seen.answer()
	loaded := vault.Loaded{Answer: answer, Detail: seen.detail()}
	if answer == vault.Found {
		loaded.Version, loaded.Body = seen[slot].content.version, seen[slot].content.body
	}
	if answer == vault.TooNew {
		loaded.Schema = seen.schema()
	}
	return loaded
}

// bounded runs work and gives up waiting, not working, when ctx ends: a system
// call on a dead network mount cannot be cancelled, but nobody has to wait.
func bounded[T any](ctx context.Context, late T, work func() T) T {
	if ctx.Err() != nil {
		return late
	}
	if ctx.Done() == nil {
		return work()
	}
	done := make(chan T, 1)
	go func() { done <- work() }()
	select {
	case result := <-done:
		return result
	case <-ctx.Done():
		return late
	}
}
