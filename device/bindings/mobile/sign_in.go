package mobile

import (
	"context"

	"github.com/perennialauth/perennial/device"
)

// The steps that a sign-in or sign-up can need next.
const (
	StepComplete          = string(device.Complete)
	StepNeedsCode         = string(device.NeedsCode)
	StepNeedsSecondFactor = string(device.NeedsSecondFactor)
	StepNeedsNewPassword  = string(device.NeedsNewPassword)
)

// step runs one step. A sign-in that is complete and not stored yet is
// complete: the core goes on storing it, and says so in the state.
func step(timeoutMillis int64, take func(context.Context) (device.Step, error)) (string, error) {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	next, err := take(ctx)
	if next != "" {
		return string(next), nil
	}
	return "", failure(err)
}

// SignIn signs in with an identifier and a password and returns the next step.
func (d *Device) SignIn(identifier, password string, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) {
		return d.inner.SignIn(ctx, identifier, password)
	})
}

// SignInWithEmailCode has a code sent.
func (d *Device) SignInWithEmailCode(identifier string, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) {
		return d.inner.SignInWithEmailCode(ctx, identifier)
	})
}

// ResetPassword has a code sent, after which a new password can be chosen.
func (d *Device) ResetPassword(identifier string, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) {
		return d.inner.ResetPassword(ctx, identifier)
	})
}

// SignUp creates a user and has a code sent.
func (d *Device) SignUp(email, password string, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) {
		return d.inner.SignUp(ctx, email, password)
	})
}

// SubmitCode answers the pending attempt with the code that was sent.
func (d *Device) SubmitCode(code string, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) { return d.inner.SubmitCode(ctx, code) })
}

// SubmitSecondFactor answers an attempt that needs a second factor.
func (d *Device) SubmitSecondFactor(strategy, code string, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) {
		return d.inner.SubmitSecondFactor(ctx, device.Strategy(strategy), code)
	})
}

// SubmitNewPassword completes a password reset.
func (d *Device) SubmitNewPassword(password string, signOutOthers bool, timeoutMillis int64) (string, error) {
	return step(timeoutMillis, func(ctx context.Context) (device.Step, error) {
		return d.inner.SubmitNewPassword(ctx, password, signOutOthers)
	})
}

// ResendCode has another code sent.
func (d *Device) ResendCode(timeoutMillis int64) (string, error) {
	return step(timeoutMillis, d.inner.ResendCode)
}

// AbandonAttempt drops the pending attempt.
func (d *Device) AbandonAttempt(timeoutMillis int64) error {
	ctx, cancel := limit(timeoutMillis)
	defer cancel()
	return failure(d.inner.AbandonAttempt(ctx))
}

// Attempt is a pending sign-in or sign-up. It survives a restart.
type Attempt struct {
	// Not ID: that is a word of Objective-C.
	AttemptID       string
	SignUp          bool
	Status          string
	Strategy        string
	Identifier      string
	StartedAtMillis int64
}

// PendingAttempt returns the pending attempt, null if there is none.
func (d *Device) PendingAttempt() *Attempt {
	a, ok := d.inner.PendingAttempt()
	if !ok {
		return nil
	}
	return &Attempt{
		AttemptID: a.ID, SignUp: a.SignUp, Status: a.Status, Strategy: string(a.Strategy),
		Identifier: a.SafeIdentifier, StartedAtMillis: int64(a.StartedAt),
	}
}
