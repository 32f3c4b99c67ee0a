package main

/*
#include <stdlib.h>
#include "perennial.h"

// Go cannot call a C function pointer; these can.

static int call_get(perennial_store *s, const char *name, uint8_t **value, size_t *length) {
	return s->get(s->context, name, value, length);
}

static int call_set(perennial_store *s, const char *name, const uint8_t *value, size_t length) {
	return s->set(s->context, name, value, length);
}

static int call_remove(perennial_store *s, const char *name) {
	return s->remove(s->context, name);
}

static void call_release(perennial_store *s, uint8_t *value) {
	if (s->release != NULL && value != NULL) {
		s->release(s->context, value);
	}
}
*/
import "C"

import (
	"errors"
	"math"
	"unsafe"

	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/vault/callbackvault"
)

var (
	errStore = errors.New("the host's store failed")
	errSize  = errors.New("the host's store returned an impossible size")
)

// storeOf copies the structure: the host may free its own on return. An
// incomplete one gives functions that are nil, which opening refuses.
func storeOf(given *C.perennial_store) *bindings.Store {
	if given == nil || given.get == nil || given.set == nil || given.remove == nil {
		return &bindings.Store{}
	}
	s := hostStore{functions: *given}
	return &bindings.Store{Get: s.get, Set: s.set, Delete: s.remove}
}

type hostStore struct{ functions C.perennial_store }

func (s *hostStore) get(name string) ([]byte, error) {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var value *C.uint8_t
	var length C.size_t
	code := C.call_get(&s.functions, text, &value, &length)
	defer C.call_release(&s.functions, value)
	if err := answerOf(code); err != nil {
		return nil, err
	}
	if length > math.MaxInt32 || value == nil && length > 0 {
		return nil, errSize
	}
	return C.GoBytes(unsafe.Pointer(value), C.int(length)), nil
}

func (s *hostStore) set(name string, value []byte) error {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	// One byte more: an empty value must not be a null pointer.
	data := C.CBytes(append(value, 0))
	defer C.free(data)
	return answerOf(C.call_set(&s.functions, text, (*C.uint8_t)(data), C.size_t(len(value))))
}

func (s *hostStore) remove(name string) error {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return answerOf(C.call_remove(&s.functions, text))
}

func answerOf(code C.int) error {
	switch code {
	case C.PERENNIAL_STORE_OK:
		return nil
	case C.PERENNIAL_STORE_ABSENT:
		return callbackvault.ErrAbsent
	case C.PERENNIAL_STORE_LOCKED:
		return callbackvault.ErrLocked
	case C.PERENNIAL_STORE_DENIED:
		return callbackvault.ErrDenied
	case C.PERENNIAL_STORE_KEY_LOST:
		return callbackvault.ErrKeyLost
	default:
		return errStore
	}
}
