package sharedtoken

import (
	"context"

	"github.com/perennialauth/perennial/device/vault"
)

// lineage of the item. A token is nothing but the latest one, so there is only
// one line of them.
const lineage = "token"

// load reads what is kept. An item that cannot be read is as good as none.
func (t *Transport) load(ctx context.Context) (vault.Loaded, entry, bool) {
	ctx, cancel := context.WithTimeout(ctx, storing)
	defer cancel()
	loaded := t.config.Vault.Load(ctx)
	if loaded.Answer != vault.Found {
		return loaded, entry{}, false
	}
	kept, ok := decode(loaded.Body)
	return loaded, kept, ok
}

// keep stores a token for the peers. That it could not is nobody's trouble, and
// a caller that gives up has its token already.
func (t *Transport) keep(ctx context.Context, e entry) {
	loaded, _, _ := t.load(context.WithoutCancel(ctx))
	t.replace(ctx, loaded, e, false)
}

// forget erases the token of session, or any when session is empty, from both
// slots.
func (t *Transport) forget(ctx context.Context, session string) {
	loaded, kept, ok := t.load(ctx)
	if ok && (session == "" || kept.Session == session) {
		t.replace(ctx, loaded, entry{}, true)
	}
}

func (t *Transport) replace(ctx context.Context, loaded vault.Loaded, e entry, final bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storing)
	defer cancel()
	change := vault.Change{
		Previous: loaded.Version, Next: vault.Version{Lineage: lineage, Generation: loaded.Version.Generation + 1},
		Body: e.encode(), Final: final,
	}
	switch loaded.Answer {
	case vault.Found, vault.Absent:
	case vault.Corrupt, vault.KeyMissing:
		change.Beside = true
	default:
		return
	}
	t.config.Vault.Save(ctx, change)
}
