package sim

import (
	"context"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/vault"
)

// storeCall is one call of a process to its vault, on its way.
type storeCall struct {
	id          core.RequestID
	save        bool
	body        core.SaveRecord
	performed   bool
	interrupted bool // by the death of its process
	reply       core.Event
	// found is the version that the reply tells of, and over what had gone from
	// the place when it was true.
	found stored
	over  int
	told  bool
}

// begin sends a call on its way: it is performed after a while, and answered
// after another.
func (p *process) begin(op *storeCall) {
	if p.op != nil {
		p.world.fail("two calls to the store at once")
		return
	}
	p.op = op
	p.storeOps++
	delay := p.storeDelay(0)
	if delay >= storeLimit {
		// The shell gives up waiting; what it began may still be done.
		op.interrupted = true
		op.reply = core.StoreLoaded{ID: op.id, Answer: core.StoreFailed, Detail: "no answer within the time limit"}
		if op.save {
			op.reply = core.StoreSaved{ID: op.id, Answer: core.StoreFailed, Detail: "no answer within the time limit"}
			p.world.plan(delay, due{process: p, life: p.life, store: op})
		}
		p.world.plan(storeLimit, due{process: p, life: p.life, answer: op})
		return
	}
	p.world.plan(delay, due{process: p, life: p.life, store: op})
}

func (p *process) storeDelay(part uint64) int64 {
	n := p.world.dice.roll(askStore, uint64(p.device.index), uint64(p.index)<<32|p.launches, p.storeOps*2+part)
	usual := int64(n % 6)
	if part == 0 && p.device.slow() {
		return usual + int64(n>>8%9_000)
	}
	return usual
}

// perform does to the disk what the call asks for.
func (p *process) perform(op *storeCall) {
	op.performed = true
	if op.save {
		p.save(op)
	} else {
		p.load(op)
	}
	op.over = len(p.place.over)
	if !op.interrupted {
		p.world.plan(p.storeDelay(1), due{process: p, life: p.life, answer: op})
	}
}

// answered tells the machine. An answer that comes after the shell's patience
// is not heard any more.
func (p *process) answered(op *storeCall) {
	p.op = nil
	if op.told {
		p.known, p.overSeen = op.found, op.over
	}
	p.take(op.reply)
}

var answers = map[string]vault.Answer{
	diskLocked: vault.Locked, diskFailed: vault.Failed, diskDenied: vault.AccessDenied, diskCorrupt: vault.Corrupt,
}

func (p *process) load(op *storeCall) {
	var found vault.Loaded
	if answer, broken := answers[p.device.fault(false)]; broken {
		found.Answer, found.Detail = answer, "by the simulation"
	} else {
		found = p.place.vault.Load(context.Background())
		p.judgeLoaded(op, found)
	}
	op.reply = core.StoreLoaded{
		ID: op.id, Answer: core.StoreAnswer(found.Answer), Version: core.Version(found.Version),
		Data: core.NewSecret(string(found.Body)), Detail: found.Detail,
	}
}

func (p *process) save(op *storeCall) {
	e := op.body
	next := stored{version: e.Next, data: e.Data}
	record, err := core.DecodeRecord(e.Data, p.tenant)
	if err != nil {
		p.world.fail("law 4: a record that cannot be read is written: %v", err)
		return
	}
	next.record = record
	fault := p.device.fault(true)
	var saved vault.Saved
	if answer, broken := answers[fault]; broken && fault != diskCorrupt {
		saved.Answer, saved.Detail = answer, "by the simulation"
	} else if fault == diskFull {
		saved = p.saveFull(e)
	} else {
		saved = p.place.vault.Save(context.Background(), change(e))
	}
	if saved.Answer == vault.Stored {
		p.device.peersNotice(p) // they look at what is there, whatever p is told
	}
	if (fault == diskLying || op.interrupted) && saved.Answer == vault.Stored {
		p.place.maybe = append(p.place.maybe, next)
		p.judgeTransition(p.previous(e.Previous), next)
		saved = vault.Saved{Answer: vault.Failed, Detail: "done, by the simulation, and not said"}
	} else {
		p.judgeSaved(op, next, saved.Answer)
	}
	if saved.Answer == vault.Stored {
		op.found, op.told = next, true
	}
	op.reply = core.StoreSaved{
		ID: op.id, Answer: core.StoreAnswer(saved.Answer), Current: core.Version(saved.Current), Detail: saved.Detail,
	}
}

func change(e core.SaveRecord) vault.Change {
	return vault.Change{
		Previous: vault.Version(e.Previous), Next: vault.Version(e.Next),
		Body: []byte(e.Data.Reveal()), Beside: e.Beside, Final: e.Final,
	}
}

// saveFull saves on a disk without room. A disk that knows better does it
// itself.
func (p *process) saveFull(e core.SaveRecord) vault.Saved {
	if filling, ok := p.device.disk.(interface{ Fill(full bool) }); ok {
		filling.Fill(true)
		defer filling.Fill(false)
		return p.place.vault.Save(context.Background(), change(e))
	}
	return vault.Saved{Answer: vault.Failed, Detail: "no space"}
}
