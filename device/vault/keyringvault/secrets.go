package keyringvault

import (
	"errors"

	"github.com/zalando/go-keyring"

	"github.com/perennialauth/perennial/device/vault"
)

// Secrets is a store of small secrets, usually the operating system's.
//
//   - Absent: Get and Delete answer [ErrNoSecret], and only when the store was
//     open for reading. What is locked, refused or unreachable is a *[Refusal].
//   - Durable: Set on return, as far as the store promises it.
//   - Atomic: one name at a time.
//   - Concurrent use: safe.
//   - An implementation may block for as long as it likes, the vault waits a
//     bounded time. It may not ask the user anything: only [Opener] may.
type Secrets interface {
	Get(name string) (string, error)
	Set(name, secret string) error
	Delete(name string) error
}

// Opener is implemented by secret stores that can ask the user to open them.
type Opener interface {
	// Ask shows the store's own prompt and returns when it was answered.
	Ask() error
}

// ErrNoSecret reports that the store is open and holds nothing under a name.
var ErrNoSecret = errors.New("no such secret")

// Refusal is the error of a secret store that did not answer the question.
type Refusal struct {
	// Answer is Locked, AccessDenied or Failed.
	Answer vault.Answer
	// Detail is free of secrets and of names of secrets.
	Detail string
}

// Error implements error.
func (r *Refusal) Error() string { return string(r.Answer) + ": " + r.Detail }

// system is the secret store of the operating system, one service name for all
// its items.
type system struct{ service string }

var _ Secrets = system{}

// Get implements [Secrets].
func (s system) Get(name string) (string, error) {
	if err := ready(); err != nil {
		return "", err
	}
	secret, err := keyring.Get(s.service, name)
	return secret, translate(err)
}

// Set implements [Secrets].
func (s system) Set(name, secret string) error {
	if err := ready(); err != nil {
		return err
	}
	return translate(keyring.Set(s.service, name, secret))
}

// Delete implements [Secrets].
func (s system) Delete(name string) error {
	if err := ready(); err != nil {
		return err
	}
	return translate(keyring.Delete(s.service, name))
}

// Ask implements [Opener]. Reading any item makes the library ask for what is
// locked; that there is no such item is a fine answer.
func (s system) Ask() error {
	_, err := keyring.Get(s.service, "prompt")
	if err = translate(err); errors.Is(err, ErrNoSecret) {
		return nil
	}
	return err
}

// translate maps an error of the library. An error that is on no list ends
// nothing: it is Failed, and the caller may try again.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNoSecret
	default:
		answer, detail := classify(err)
		return &Refusal{Answer: answer, Detail: detail}
	}
}
