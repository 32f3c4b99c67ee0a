// Package main owns the C interface of the device: a shared library that any
// language with a foreign-function interface can load. Build it with
// `make libperennial`; perennial.h is its header.
//
// It offers the functions of perennial.h over package jsonapi, and turns a
// host's C functions into a store.
//
// It refuses to hold state or make decisions of its own, and to keep memory
// that belongs to the other side.
package main

/*
#cgo CFLAGS: -DPERENNIAL_TYPES_ONLY
#include <stdlib.h>
#include "perennial.h"
*/
import "C"

import (
	"unsafe"

	"github.com/perennialauth/perennial/device/bindings/jsonapi"
)

var host jsonapi.Host

func main() {} // needed by the build mode, never called

//export perennial_interface
func perennial_interface() C.int { return C.PERENNIAL_INTERFACE }

//export perennial_open
func perennial_open(options *C.char) *C.char {
	return C.CString(host.Open(C.GoString(options), nil))
}

//export perennial_open_with_store
func perennial_open_with_store(options *C.char, functions *C.perennial_store) *C.char {
	return C.CString(host.Open(C.GoString(options), storeOf(functions)))
}

//export perennial_open_module
func perennial_open_module(options *C.char) *C.char {
	return C.CString(host.OpenModule(C.GoString(options), nil))
}

//export perennial_open_module_with_store
func perennial_open_module_with_store(options *C.char, functions *C.perennial_store) *C.char {
	return C.CString(host.OpenModule(C.GoString(options), storeOf(functions)))
}

//export perennial_call
func perennial_call(device C.int64_t, method, arguments *C.char) *C.char {
	return C.CString(host.Call(int64(device), C.GoString(method), C.GoString(arguments)))
}

//export perennial_watch
func perennial_watch(device C.int64_t) *C.char { return C.CString(host.Watch(int64(device))) }

//export perennial_listen
func perennial_listen(module C.int64_t, event *C.char) *C.char {
	return C.CString(host.Listen(int64(module), C.GoString(event)))
}

//export perennial_next
func perennial_next(watch, timeoutMS C.int64_t) *C.char {
	return C.CString(host.Next(int64(watch), int64(timeoutMS)))
}

//export perennial_unwatch
func perennial_unwatch(watch C.int64_t) *C.char { return C.CString(host.Unwatch(int64(watch))) }

//export perennial_close
func perennial_close(device C.int64_t) *C.char { return C.CString(host.Close(int64(device))) }

//export perennial_free
func perennial_free(text *C.char) { C.free(unsafe.Pointer(text)) }
