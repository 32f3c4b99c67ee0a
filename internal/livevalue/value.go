// Package livevalue owns a value of the instance that is stored once and read all
// the time, such as its settings.
//
// It offers [Value], which answers from memory and makes a change durable before
// it is seen.
//
// It refuses to know what a value means and what it may become.
package livevalue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/perennialauth/perennial/internal/auth"
)

// Store keeps one value for the whole instance under each name. An absent one is
// [auth.ErrNotFound]; a swap whose old value is not the stored one, nil for
// none, is [auth.ErrConflict]. Safe for concurrent use.
type Store interface {
	InstanceValue(ctx context.Context, name string) ([]byte, error)
	SwapInstanceValue(ctx context.Context, name string, old, value []byte) error
}

// Coding is how a value is stored.
type Coding[T any] struct {
	Name   string                  // in the store
	Decode func([]byte) (T, error) // of nil when nothing is stored
	Encode func(T) ([]byte, error)
}

// Value is one of them as it is now. It is safe for concurrent use, and reading
// costs no I/O. What it holds is never changed in place.
type Value[T any] struct {
	store  Store
	coding Coding[T]

	changing sync.Mutex // held from reading to publishing, so that the last commit is what is seen
	current  atomic.Pointer[T]
}

// Open returns the value as it is stored.
func Open[T any](ctx context.Context, store Store, coding Coding[T]) (*Value[T], error) {
	v := &Value[T]{store: store, coding: coding}
	now, _, err := v.read(ctx)
	if err != nil {
		return nil, err
	}
	v.current.Store(&now)
	return v, nil
}

// Now is the value as it is now. It must not be changed in place.
func (v *Value[T]) Now() T { return *v.current.Load() }

// Update stores what change makes of the value as it is stored, and returns that.
// It is durable before it is seen. Change is called again when another process
// was faster; its error changes nothing.
func (v *Value[T]) Update(ctx context.Context, change func(T) (T, error)) (out T, _ error) {
	v.changing.Lock()
	defer v.changing.Unlock()
	err := auth.Retry(func() error {
		now, stored, err := v.read(ctx)
		if err != nil {
			return err
		}
		if now, err = change(now); err != nil {
			return err
		}
		encoded, err := v.coding.Encode(now)
		if err != nil {
			return err
		}
		if err := v.store.SwapInstanceValue(ctx, v.coding.Name, stored, encoded); err != nil {
			return err
		}
		out = now
		v.current.Store(&now)
		return nil
	})
	return out, err
}

// read returns what is stored, decoded and as it is.
func (v *Value[T]) read(ctx context.Context) (now T, stored []byte, err error) {
	stored, err = v.store.InstanceValue(ctx, v.coding.Name)
	if errors.Is(err, auth.ErrNotFound) {
		stored, err = nil, nil
	}
	if err != nil {
		return now, nil, fmt.Errorf("read %s: %w", v.coding.Name, err)
	}
	if now, err = v.coding.Decode(stored); err != nil {
		return now, nil, fmt.Errorf("stored %s: %w", v.coding.Name, err)
	}
	return now, stored, nil
}
