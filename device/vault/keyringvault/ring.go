package keyringvault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// probeAgain is how long a failed attempt to use the secret store is believed
// before a save tries it again.
const probeAgain = 30 * time.Second

// ring is the [filevault.Keys] over a secret store, with the folder's own key
// file to fall back on.
type ring struct {
	own     filevault.Keys
	calls   *calls
	disk    disk.Disk
	dir     string
	require bool

	mu      sync.Mutex
	known   map[filevault.KeyID]filevault.Key
	refused error     // why the last probe failed
	retryAt time.Time // when to probe again
}

var _ filevault.Keys = (*ring)(nil)

func newRing(config Config, dir string) *ring {
	return &ring{
		calls: newCalls(config.Secrets, config.Limit), disk: config.Disk, dir: dir,
		require: config.Require, known: map[filevault.KeyID]filevault.Key{},
	}
}

// Find implements [filevault.Keys].
func (r *ring) Find(id filevault.KeyID) (filevault.Key, error) {
	if key, ok := r.remembered(id); ok {
		return key, nil
	}
	key, ownErr := r.own.Find(id)
	if ownErr == nil {
		return key, nil
	}
	p, pointerErr := r.readPointer()
	if pointerErr == nil && p.Backend != "" && !p.held(id) {
		// The pointer is written before the first record is sealed under a
		// key of the secret store, so this key was the key file's.
		return filevault.Key{}, ownErr
	}
	key, err := r.fromSecrets(id)
	if errors.Is(err, filevault.ErrNoKey) && !errors.Is(ownErr, filevault.ErrNoKey) {
		return filevault.Key{}, ownErr // the key file could not be read and may hold it
	}
	return key, err
}

// fromSecrets reads a key from the secret store. Only the canary, written with
// the key and readable now, makes its absence a proof.
func (r *ring) fromSecrets(id filevault.KeyID) (filevault.Key, error) {
	secret, err := r.calls.get(keyItem(id))
	switch {
	case errors.Is(err, ErrNoSecret):
	case err != nil:
		return filevault.Key{}, refusal(err)
	default:
		if key, ok := parseSecret(secret, id); ok {
			r.remember(key)
			return key, nil
		}
	}
	canary, err := r.calls.get(canaryItem(id))
	switch {
	case err == nil && canary == canaryValue(id):
		return filevault.Key{}, filevault.ErrNoKey
	case err == nil, errors.Is(err, ErrNoSecret):
		return filevault.Key{}, &filevault.KeyError{
			Answer: vault.AccessDenied, Detail: "the secret store that answers is not the one that holds the key",
		}
	default:
		return filevault.Key{}, refusal(err)
	}
}

// Current implements [filevault.Keys]. It never fails because of the secret
// store unless the configuration requires it.
func (r *ring) Current() (filevault.Key, error) {
	p, err := r.readPointer()
	if errors.Is(err, errNewerPointer) {
		return r.own.Current()
	}
	if err != nil {
		return filevault.Key{}, err
	}
	key, err := r.current(p)
	if err == nil {
		return key, nil
	}
	if r.require {
		return filevault.Key{}, refusal(err)
	}
	return r.fallBack(p, err)
}

func (r *ring) current(p pointer) (filevault.Key, error) {
	if id, ok := p.newest(); ok {
		if key, ok := r.remembered(id); ok {
			return key, nil
		}
		if err := r.resting(); err != nil {
			return filevault.Key{}, err
		}
		key, err := r.fromSecrets(id)
		if err == nil {
			return key, nil
		}
		var refused *filevault.KeyError
		if errors.As(err, &refused) && refused.Answer != vault.AccessDenied {
			return filevault.Key{}, r.rest(err)
		}
		// The key is gone, or this is another store: a fresh key under a
		// fresh name shadows nothing there.
	}
	if err := r.resting(); err != nil {
		return filevault.Key{}, err
	}
	key, err := r.enrol(p)
	if err != nil {
		return filevault.Key{}, r.rest(err)
	}
	return key, nil
}

// enrol puts a fresh key and its canary in the secret store, reads both back,
// and remembers the choice before anything is sealed.
func (r *ring) enrol(p pointer) (filevault.Key, error) {
	var key filevault.Key
	if _, err := rand.Read(key[:]); err != nil {
		return filevault.Key{}, err
	}
	id := key.ID()
	items := []struct{ name, secret string }{
		{keyItem(id), base64.StdEncoding.EncodeToString(key[:])},
		{canaryItem(id), canaryValue(id)},
	}
	for i, item := range items {
		if err := r.put(item.name, item.secret); err != nil {
			for _, written := range items[:i+1] {
				// What a failed probe added must not stay behind.
				_ = r.calls.change(func() error { return r.calls.secrets.Delete(written.name) })
			}
			return filevault.Key{}, err
		}
	}
	if err := r.writePointer(p.with(id)); err != nil {
		return filevault.Key{}, err
	}
	r.remember(key)
	return key, nil
}

func (r *ring) put(name, secret string) error {
	if err := r.calls.change(func() error { return r.calls.secrets.Set(name, secret) }); err != nil {
		return err
	}
	back, err := r.calls.get(name)
	if err != nil {
		return err
	}
	if back != secret {
		return &Refusal{Answer: vault.Failed, Detail: "the secret store did not return what was put in it"}
	}
	return nil
}

// fallBack seals under the key file. The pointer learns of it only when it had
// not chosen the secret store: one bad moment does not undo that choice.
func (r *ring) fallBack(p pointer, cause error) (filevault.Key, error) {
	key, err := r.own.Current()
	if err != nil {
		return filevault.Key{}, err
	}
	reason := refusal(cause).Detail
	if p.Backend != Keyring && (p.Backend != KeyFile || p.Reason != reason) {
		if err := r.writePointer(pointer{Backend: KeyFile, Reason: reason, Keys: p.Keys}); err != nil {
			return filevault.Key{}, err
		}
	}
	return key, nil
}

// rest remembers a failed attempt for a while, so that a run of saves does not
// wait for a dead store each time.
func (r *ring) rest(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused, r.retryAt = err, time.Now().Add(probeAgain)
	return err
}

func (r *ring) resting() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused != nil && time.Now().Before(r.retryAt) {
		return r.refused
	}
	r.refused = nil
	return nil
}

func (r *ring) remembered(id filevault.KeyID) (filevault.Key, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, ok := r.known[id]
	return key, ok
}

func (r *ring) remember(key filevault.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[key.ID()], r.refused = key, nil
}

// refusal turns any error of a call into what the files report.
func refusal(err error) *filevault.KeyError {
	var known *filevault.KeyError
	var refused *Refusal
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refused):
		return &filevault.KeyError{Answer: refused.Answer, Detail: refused.Detail}
	case errors.Is(err, ErrNoSecret):
		return &filevault.KeyError{Answer: vault.Failed, Detail: "the secret store lost what was put in it"}
	default:
		return &filevault.KeyError{Answer: vault.Failed, Detail: "the secret store cannot be used"}
	}
}

func keyItem(id filevault.KeyID) string     { return "vault key " + idText(id) }
func canaryItem(id filevault.KeyID) string  { return "vault canary " + idText(id) }
func canaryValue(id filevault.KeyID) string { return "written with the key " + idText(id) }

// parseSecret checks by its identifier that a secret is the key.
func parseSecret(secret string, id filevault.KeyID) (filevault.Key, bool) {
	data, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(data) != len(filevault.Key{}) {
		return filevault.Key{}, false
	}
	key := filevault.Key(data)
	return key, key.ID() == id
}
