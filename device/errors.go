package device

import (
	"errors"
	"strconv"

	"github.com/perennialauth/perennial/device/core"
)

// What a call can fail with. Match with errors.Is; [Error] has the details.
var (
	// ErrNotConfigured: the configuration cannot work. Nothing was begun.
	ErrNotConfigured = errors.New("not configured")
	// ErrSignedOut: nobody is signed in, and that is proven.
	ErrSignedOut = errors.New("signed out")
	// ErrUndetermined: it is not known yet whether somebody is signed in.
	// Signing in again is not the answer; the Cause says what is.
	ErrUndetermined = errors.New("not known yet")
	// ErrPending: the session has an open task.
	ErrPending = errors.New("a task is open")
	// ErrOffline: the server could not be asked. The session is as it was.
	ErrOffline = errors.New("the server could not be asked")
	// ErrRefused: the server refused this call. The session is as it was.
	ErrRefused = errors.New("refused")
	// ErrVault: what was done is true in this process and not durable yet.
	ErrVault = errors.New("not stored yet")
	// ErrNoAttempt: no sign-in or sign-up is pending, or not at that step.
	ErrNoAttempt = errors.New("no pending attempt")
	// ErrCallback: the URL is not the callback of a browser flow of ours.
	ErrCallback = errors.New("not a callback")
	// ErrNoFlow: no pending browser flow belongs to the callback.
	ErrNoFlow = errors.New("no pending browser flow")
	// ErrUnsupported: the server offers no such way to sign in here.
	ErrUnsupported = errors.New("not supported here")
	// ErrSuperseded: a later call took the place of this one.
	ErrSuperseded = errors.New("superseded by a later call")
	// ErrInvalid: an argument is missing, or cannot be what it should be.
	ErrInvalid = errors.New("an argument is missing or malformed")
	// ErrClosed: the device was closed.
	ErrClosed = errors.New("closed")
)

// Error is the error of every call but those that return a context's own.
type Error struct {
	// Kind is one of the sentinels above.
	Kind error
	// Cause is that of the verdict, for ErrSignedOut, ErrUndetermined and
	// ErrPending.
	Cause core.Cause
	// Evidence is the answer that decided, when one did.
	Evidence core.Evidence
	// Param and Message are the server's words for ErrRefused; Message is meant
	// for the user. For ErrNotConfigured Message says what is wrong.
	Param, Message string
}

// Error says what happened in one line, without secrets.
func (e *Error) Error() string {
	text := "device: " + e.Kind.Error()
	for _, part := range []string{string(e.Cause), e.Message, e.Evidence.Code, string(e.Evidence.Trouble),
		e.Evidence.Detail, string(e.Evidence.Store)} {
		if part != "" {
			text += ": " + part
		}
	}
	if e.Evidence.Status != 0 {
		text += " (status " + strconv.Itoa(e.Evidence.Status) + ")"
	}
	return text
}

// Unwrap makes errors.Is find the kind.
func (e *Error) Unwrap() error { return e.Kind }

var kinds = map[core.Outcome]error{
	core.OutcomeSignedOut:    ErrSignedOut,
	core.OutcomeUndetermined: ErrUndetermined,
	core.OutcomePending:      ErrPending,
	core.OutcomeUnavailable:  ErrOffline,
	core.OutcomeRefused:      ErrRefused,
	core.OutcomePersist:      ErrVault,
	core.OutcomeNoAttempt:    ErrNoAttempt,
	core.OutcomeUnsupported:  ErrUnsupported,
	core.OutcomeSuperseded:   ErrSuperseded,
	core.OutcomeInvalid:      ErrInvalid,
	core.OutcomeNoFlow:       ErrNoFlow,
}

// failure turns a reply into the error it stands for, nil when it went well.
func failure(reply core.Reply) error {
	kind, failed := kinds[reply.Outcome]
	if !failed {
		return nil
	}
	return &Error{
		Kind: kind, Cause: reply.Cause, Evidence: reply.Evidence, Param: reply.Param, Message: reply.Message,
	}
}
