package token_test

import (
	"bytes"
	"context"
	"sync"

	"github.com/perennialauth/perennial/internal/auth"
)

// memStore is a [token.Store] for tests of rules; the real one is proven
// against the same contract in the store's own suite.
type memStore struct {
	mu     sync.Mutex
	values map[string][]byte
}

func (m *memStore) InstanceValue(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[name]
	if !ok {
		return nil, auth.ErrNotFound
	}
	return bytes.Clone(v), nil
}

func (m *memStore) SwapInstanceValue(_ context.Context, name string, old, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	have, ok := m.values[name]
	if ok != (old != nil) || !bytes.Equal(have, old) {
		return auth.ErrConflict
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[name] = bytes.Clone(value)
	return nil
}

// conflictStore loses every swap while refuse is set.
type conflictStore struct {
	memStore
	refuse bool
}

func (c *conflictStore) SwapInstanceValue(ctx context.Context, name string, old, value []byte) error {
	if c.refuse {
		return auth.ErrConflict
	}
	return c.memStore.SwapInstanceValue(ctx, name, old, value)
}
