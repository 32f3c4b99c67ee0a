package conformance

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/device/vault"
)

// arrangeStorage changes what the device keeps its record in.
func (r *run) arrangeStorage(step Step) error {
	switch step.Do {
	case StoreScript:
		r.scriptStore(step.Store)
	case PowerCut:
		r.storage.disk.CutAfter(step.N)
	case PowerBack:
		r.leave(r.storage.afterPowerCut(step.N))
	case DiskFills:
		r.storage.disk.Fill(step.Text == "full")
	case Secrets:
		r.storage.secrets.become(step.Text)
	case MovesTo:
		r.storage.kind = Storage(step.Text)
	case Plants:
		if !r.subject.Plant(r.env, Given(step.Text), r.credential, r.clientID, r.session) {
			return fmt.Errorf("the subject has no such record")
		}
	case Tenant:
		return r.switchTenant(step.Text)
	default:
		return fmt.Errorf("no such deed")
	}
	return nil
}

// leave drops the process as it is and goes on with another storage.
func (r *run) leave(next *storage) {
	r.stop()
	r.storage = next
	r.env.Store = next.memory
	r.client = nil
}

func (r *run) scriptStore(faults []StoreFault) {
	r.env.Store.Clear()
	for _, f := range faults {
		if f.Hang {
			f.Fault.Wait = r.hanging
		}
		if f.Lasting {
			r.env.Store.MakeUnreadable(f.Fault.Answer, f.Fault.Schema)
			continue
		}
		r.env.Store.Inject(f.Operation, f.Fault)
	}
}

// switchTenant begins to launch with another publishable key, or with the own
// one again.
func (r *run) switchTenant(which string) error {
	r.env.PublishableKey = r.key
	if which == "own" {
		return nil
	}
	var err error
	r.env.PublishableKey, err = otherTenant(r.key)
	return err
}

// peek reads the record as it is stored, for the tenant of now.
func (r *run) peek() (version vault.Version, body []byte, present bool) {
	if r.storage.kind == Memory {
		return r.env.Store.Peek()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	v, err := r.env.Vault()
	if err != nil {
		return vault.Version{}, nil, false
	}
	loaded := v.Load(ctx)
	return loaded.Version, loaded.Body, loaded.Answer == vault.Found
}
