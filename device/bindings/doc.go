// Package bindings owns what the bindings for other languages share: the
// options of a device as plain data, its state as plain data, and the names of
// the errors.
//
// It offers [Options.Open], [StateOf] and [FailureOf]. Package jsonapi puts
// JSON around them and libperennial a C interface around that; package mobile
// offers them to gomobile.
//
// It refuses to know a language, and to add behaviour: what it says is what
// package device says.
package bindings
