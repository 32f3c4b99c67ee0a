package bindings

import (
	"context"
	"errors"

	"github.com/perennialauth/perennial/device"
)

// Failure is an error as plain data.
type Failure struct {
	// Kind is one of the Kind constants; hosts branch on it.
	Kind string `json:"kind"`
	// Message says in one line what happened; for KindRefused it is the
	// server's word for the user.
	Message string `json:"message"`
	// Cause is that of the verdict, where one decided.
	Cause string `json:"cause,omitempty"`
	// Code and Param are the server's words for KindRefused.
	Code  string `json:"code,omitempty"`
	Param string `json:"param,omitempty"`
	// Status and Trace name the exchange that decided.
	Status int    `json:"status,omitempty"`
	Trace  string `json:"trace,omitempty"`
}

// Error implements error.
func (f Failure) Error() string { return f.Kind + ": " + f.Message }

// Kinds of failure. All but the last four are those of package device.
const (
	KindNotConfigured = "not-configured"
	KindSignedOut     = "signed-out"
	KindUndetermined  = "undetermined"
	KindPending       = "pending"
	KindOffline       = "offline"
	KindRefused       = "refused"
	KindNotStored     = "not-stored"
	KindNoAttempt     = "no-attempt"
	KindCallback      = "callback"
	KindNoFlow        = "no-flow"
	KindUnsupported   = "unsupported"
	KindSuperseded    = "superseded"
	KindInvalid       = "invalid"
	KindClosed        = "closed"
	KindTimeout       = "timeout"  // the caller's own limit
	KindUsage         = "usage"    // the call itself is malformed
	KindInternal      = "internal" // a defect in this library
)

var kinds = []struct {
	err  error
	kind string
}{
	{device.ErrNotConfigured, KindNotConfigured},
	{device.ErrSignedOut, KindSignedOut},
	{device.ErrUndetermined, KindUndetermined},
	{device.ErrPending, KindPending},
	{device.ErrOffline, KindOffline},
	{device.ErrRefused, KindRefused},
	{device.ErrVault, KindNotStored},
	{device.ErrNoAttempt, KindNoAttempt},
	{device.ErrCallback, KindCallback},
	{device.ErrNoFlow, KindNoFlow},
	{device.ErrUnsupported, KindUnsupported},
	{device.ErrSuperseded, KindSuperseded},
	{device.ErrInvalid, KindInvalid},
	{device.ErrClosed, KindClosed},
	{context.DeadlineExceeded, KindTimeout},
	{context.Canceled, KindTimeout},
}

// FailureOf describes err, nil for nil.
func FailureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	var known Failure
	if errors.As(err, &known) {
		return &known
	}
	failure := Failure{Kind: KindInternal, Message: err.Error()}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			failure.Kind = k.kind
			break
		}
	}
	var detailed *device.Error
	if errors.As(err, &detailed) {
		failure.Cause, failure.Param = string(detailed.Cause), detailed.Param
		failure.Code, failure.Status, failure.Trace = detailed.Evidence.Code, detailed.Evidence.Status, detailed.Evidence.Trace
		if detailed.Message != "" {
			failure.Message = detailed.Message
		}
	}
	return &failure
}
