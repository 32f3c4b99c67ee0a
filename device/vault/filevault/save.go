package filevault

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"github.com/perennialauth/perennial/device/vault"
)

// Save implements [vault.Vault].
func (v *Vault) Save(ctx context.Context, change vault.Change) vault.Saved {
	if len(change.Body) > vault.MaxBody {
		return vault.Saved{Answer: vault.Failed, Detail: "body is larger than the limit"}
	}
	if !change.Next.Succeeds(change.Previous) {
		return vault.Saved{Answer: vault.Failed, Detail: "next version does not succeed the previous one"}
	}
	// The save may outlive this call, so it needs a body of its own.
	change.Body = bytes.Clone(change.Body)
	late := vault.Saved{Answer: vault.Failed, Detail: "the file system did not answer in time"}
	return bounded(ctx, late, func() vault.Saved { return v.save(ctx, change) })
}

func (v *Vault) save(ctx context.Context, change vault.Change) vault.Saved {
	if err := v.disk.MakeDir(v.dir); err != nil {
		return refused(err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	release, err := v.disk.Lock(ctx, v.lockPath())
	if err != nil {
		return refused(err)
	}
	defer release()
	// A caller whose time is over has been told Failed and may have moved on;
	// starting now would write behind its back.
	if ctx.Err() != nil {
		return vault.Saved{Answer: vault.Failed, Detail: "out of time before the write"}
	}
	seen := v.look()
	if saved, decided := judge(seen, change); decided {
		return saved
	}
	return v.write(seen, change)
}

// judge decides from what is stored whether the change may be written.
func judge(seen survey, change vault.Change) (vault.Saved, bool) {
	answer, slot := seen.answer()
	switch {
	case answer == vault.Found:
		stored := seen[slot].content
		repeat := stored.version == change.Next && bytes.Equal(stored.body, change.Body)
		// A final change is written again: the first try may have ended
		// before its predecessor was buried.
		if repeat && !change.Final {
			return vault.Saved{Answer: vault.Stored, Current: stored.version}, true
		}
		if stored.version != change.Previous && !repeat {
			return vault.Saved{Answer: vault.Conflict, Current: stored.version}, true
		}
	case answer == vault.Absent:
		if !change.Previous.IsZero() && !change.Beside {
			return vault.Saved{Answer: vault.Conflict}, true
		}
	case !change.Beside:
		return vault.Saved{Answer: answer, Detail: seen.detail()}, true
	}
	return vault.Saved{}, false
}

// write stores the change. At no moment are both slots without what they held:
// a reader or a power cut between any two steps finds the predecessor (or the
// same unreadable remains) or the successor.
func (v *Vault) write(seen survey, change vault.Change) vault.Saved {
	key, err := v.keys.Current()
	if err != nil {
		return refused(err)
	}
	_, current := seen.answer()
	next := content{tenant: v.tenant, version: change.Next, body: change.Body, extra: seen[current].content.extra}
	target, err := v.freeSlot(seen, current)
	if err != nil {
		return refused(err)
	}
	sequence := seen.newestSequence() + 1
	// Only a change that ends what was before is worth the older copy's life.
	spare := change.Final && seen[target].answer == vault.Found
	detail, err := v.writeSlot(target, key, sequence, next, spare)
	if err != nil {
		return refused(err)
	}
	saved := vault.Saved{Answer: vault.Stored, Current: change.Next, Detail: detail}
	// A record that was not understood is kept from being written over, too.
	if (current == "" || change.Beside) && seen[target.other()].answer != vault.Absent {
		err = v.setAsideSlot(target.other())
	}
	if err == nil && change.Final {
		err = v.bury(target.other(), key, sequence+1, next)
	}
	if err != nil {
		saved.Detail = "stored, but remains of the earlier record could not be cleared: " + reason(err)
		if seenAgain, _ := v.look().answer(); seenAgain != vault.Found {
			return vault.Saved{Answer: vault.Failed, Detail: saved.Detail}
		}
	}
	return saved
}

// freeSlot names the slot to write, after setting aside what could not be read
// in it. The slot of the current record is never it.
func (v *Vault) freeSlot(seen survey, current slotName) (slotName, error) {
	target := current.other()
	if current == "" && seen[slotA].answer != vault.Absent && seen[slotB].answer == vault.Absent {
		target = slotB
	}
	switch seen[target].answer {
	case vault.Absent, vault.Found:
		return target, nil
	default:
		return target, setAside(v.disk, v.slotPath(target))
	}
}

func (v *Vault) setAsideSlot(name slotName) error {
	if err := setAside(v.disk, v.slotPath(name)); err != nil {
		return err
	}
	return v.disk.SyncDir(v.dir)
}

// bury replaces the predecessor's slot too, so that damage to the record that
// ended a lineage cannot bring its predecessor back.
func (v *Vault) bury(name slotName, key Key, sequence uint64, next content) error {
	_, err := v.writeSlot(name, key, sequence, next, true)
	if err == nil {
		return nil
	}
	removed := v.disk.Remove(v.slotPath(name))
	if removed == nil || errors.Is(removed, fs.ErrNotExist) {
		return v.disk.SyncDir(v.dir)
	}
	return err
}

func refused(err error) vault.Saved {
	var unavailable *KeyError
	if errors.As(err, &unavailable) {
		return vault.Saved{Answer: unavailable.Answer, Detail: err.Error()}
	}
	return vault.Saved{Answer: classify(err), Detail: reason(err)}
}
