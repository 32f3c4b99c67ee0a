package sqlstore

import (
	"maps"
	"sync"

	"github.com/perennialauth/perennial/internal/auth"
)

const (
	// cachedClients is how many clients are kept: those that came last, more or
	// less. One of a person with an address takes about 3 KB.
	cachedClients = 8192
	// cachedMeta bounds what the metadata of a cached client takes, in bytes.
	cachedMeta = 16 << 10
	// rememberedBatches is over how many transactions a read may last and still be
	// kept. Transactions are much longer than reads.
	rememberedBatches = 32
)

// clientCache keeps clients as the file has them. Nobody but the one writer of
// this process changes the file, so it knows what becomes untrue and when: it
// forgets what a transaction touches before that is committed, and nothing that
// was read while it ran is kept. Whoever asks gets a copy.
type clientCache struct {
	mu      sync.Mutex
	clients map[auth.ClientID]auth.ClientAggregate
	tokens  map[[32]byte]tokenOwner
	users   map[auth.UserID][]auth.ClientID // clients with a session of the user

	batches []touched // the last ones, oldest first
	begun   uint64    // how many there were
	running bool      // whether the last one still is
	closed  bool
}

// tokenOwner is whose a token is. It never changes.
type tokenOwner struct {
	client     auth.ClientID
	generation int64
}

func newClientCache() *clientCache {
	c := &clientCache{}
	c.clear()
	return c
}

func (c *clientCache) clear() {
	c.clients = map[auth.ClientID]auth.ClientAggregate{}
	c.tokens = map[[32]byte]tokenOwner{}
	c.users = map[auth.UserID][]auth.ClientID{}
}

func (c *clientCache) byID(id auth.ClientID) (auth.ClientAggregate, bool) {
	c.mu.Lock()
	a, ok := c.clients[id]
	c.mu.Unlock()
	if !ok {
		return auth.ClientAggregate{}, false
	}
	return cloneClient(a), true // what is kept is never changed, so no lock is needed
}

func (c *clientCache) byToken(hash [32]byte) (a auth.ClientAggregate, generation int64, ok bool) {
	c.mu.Lock()
	owner, ok := c.tokens[hash]
	c.mu.Unlock()
	if !ok {
		return a, 0, false
	}
	a, ok = c.byID(owner.client)
	return a, owner.generation, ok
}

// moment is from when on a read that begins now depends on no transaction.
func (c *clientCache) moment() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		return c.begun - 1
	}
	return c.begun
}

// keep keeps what was read since then, unless it may be untrue already.
func (c *clientCache) keep(since uint64, a auth.ClientAggregate) {
	if !cacheable(a) {
		return
	}
	a = cloneClient(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || !c.still(since, a) {
		return
	}
	c.drop(a.Client.ID)
	for id := range c.clients {
		if len(c.clients) < cachedClients {
			break
		}
		c.drop(id) // any: what is asked for often comes back
	}
	c.clients[a.Client.ID] = a
	for user := range a.Users {
		c.users[user] = append(c.users[user], a.Client.ID)
	}
}

// keepToken keeps whose a token is.
func (c *clientCache) keepToken(hash [32]byte, owner tokenOwner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.clients[owner.client]; !ok {
		return
	}
	for other := range c.tokens {
		if len(c.tokens) < cachedClients {
			break
		}
		delete(c.tokens, other)
	}
	c.tokens[hash] = owner
}

// still says that no transaction touched the client since then.
func (c *clientCache) still(since uint64, a auth.ClientAggregate) bool {
	recent := c.begun - since
	if recent > uint64(len(c.batches)) {
		return false
	}
	for _, t := range c.batches[uint64(len(c.batches))-recent:] {
		if t.touches(a) {
			return false
		}
	}
	return true
}

// begin forgets what a transaction is going to touch.
func (c *clientCache) begin(t touched) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(t)
	c.running = true
}

// end tells that the transaction is over. After trouble nobody knows what it did.
func (c *clientCache) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
	if err != nil {
		c.note(touched{everything: true})
	}
}

// forget forgets everything, also what is being read now.
func (c *clientCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note(touched{everything: true})
}

// close forgets everything for good.
func (c *clientCache) close() {
	c.forget()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
}

func (c *clientCache) note(t touched) {
	c.begun++
	if len(c.batches) == rememberedBatches {
		c.batches = append(c.batches[:0], c.batches[1:]...)
	}
	c.batches = append(c.batches, t)
	if t.everything {
		c.clear()
		return
	}
	for id := range t.clients {
		c.drop(id)
	}
	for user := range t.users {
		for _, id := range append([]auth.ClientID(nil), c.users[user]...) {
			c.drop(id)
		}
	}
}

func (c *clientCache) drop(id auth.ClientID) {
	a, ok := c.clients[id]
	if !ok {
		return
	}
	delete(c.clients, id)
	for user := range a.Users {
		left := c.users[user][:0]
		for _, other := range c.users[user] {
			if other != id {
				left = append(left, other)
			}
		}
		if c.users[user] = left; len(left) == 0 {
			delete(c.users, user)
		}
	}
}

// cacheable refuses what is large, and what the writer could not tell to have
// changed: a session whose user is not there, an attempt of another client.
func cacheable(a auth.ClientAggregate) bool {
	size := 0
	for _, s := range a.Sessions {
		u, ok := a.Users[s.User]
		if !ok || s.Client != a.Client.ID {
			return false
		}
		size += len(u.PublicMeta) + len(u.PrivateMeta) + len(u.UnsafeMeta)
	}
	for list := range maps.Values(a.Belongings) {
		for _, b := range list {
			size += len(b.Organization.PublicMeta) + len(b.Organization.PrivateMeta) +
				len(b.Membership.PublicMeta) + len(b.Membership.PrivateMeta)
		}
	}
	return size <= cachedMeta && (a.SignIn == nil || a.SignIn.Client == a.Client.ID) &&
		(a.SignUp == nil || a.SignUp.Client == a.Client.ID)
}
