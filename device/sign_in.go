package device

import (
	"context"
	"strings"

	"github.com/perennialauth/perennial/device/core"
)

// Attempt is the pending sign-in or sign-up. It survives a restart.
type Attempt = core.AttemptView

// Strategy is a way to prove oneself, in the published words.
type Strategy = core.Strategy

// Strategies.
const (
	Password       = core.StrategyPassword
	EmailCode      = core.StrategyEmailCode
	PhoneCode      = core.StrategyPhoneCode
	TOTP           = core.StrategyTOTP
	BackupCode     = core.StrategyBackupCode
	ResetEmailCode = core.StrategyResetEmailCode
)

// Step says what a sign-in or sign-up needs next.
type Step string

// Steps.
const (
	Complete          Step = "complete"
	NeedsCode         Step = "needs-code"          // SubmitCode
	NeedsSecondFactor Step = "needs-second-factor" // SubmitSecondFactor
	NeedsNewPassword  Step = "needs-new-password"  // SubmitNewPassword
)

var steps = map[core.Outcome]Step{
	core.OutcomeDone:         Complete,
	core.OutcomePersist:      Complete,
	core.OutcomeNeedsCode:    NeedsCode,
	core.OutcomeNeedsSecond:  NeedsSecondFactor,
	core.OutcomeNeedsNewPass: NeedsNewPassword,
}

// step asks and turns the reply into the next step. With [ErrVault] the sign-in
// is Complete, and not durable yet.
func (d *Device) step(ctx context.Context, event func(core.CallID) core.Event) (Step, error) {
	reply, err := d.ask(ctx, event)
	if reply.SecondFactors != "" {
		d.mu.Lock()
		d.secondFactors = reply.SecondFactors
		d.mu.Unlock()
	}
	return steps[reply.Outcome], err
}

// SignIn signs in with an identifier and a password. Like every way to sign in
// it is possible whatever the state is, and replaces the session that was there
// once it is complete.
func (d *Device) SignIn(ctx context.Context, identifier, password string) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.SignInAsked{
			Call: call, Identifier: identifier, Strategy: core.StrategyPassword, Password: core.NewSecret(password),
		}
	})
}

// SignInWithEmailCode has a code sent to the identifier; [Device.SubmitCode]
// continues.
func (d *Device) SignInWithEmailCode(ctx context.Context, identifier string) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.SignInAsked{Call: call, Identifier: identifier, Strategy: core.StrategyEmailCode}
	})
}

// ResetPassword has a code sent to the identifier; [Device.SubmitCode] and then
// [Device.SubmitNewPassword] continue.
func (d *Device) ResetPassword(ctx context.Context, identifier string) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.SignInAsked{Call: call, Identifier: identifier, Strategy: core.StrategyResetEmailCode}
	})
}

// SignUp creates a user and has a code sent to email; [Device.SubmitCode]
// continues. The password may be empty where the instance needs none.
func (d *Device) SignUp(ctx context.Context, email, password string) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.SignUpAsked{Call: call, Email: email, Password: core.NewSecret(password)}
	})
}

// SubmitCode answers the pending attempt with the code that was sent, also in
// another process than the one that began it.
func (d *Device) SubmitCode(ctx context.Context, code string) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.CodeEntered{Call: call, Code: core.NewSecret(code)}
	})
}

// SubmitSecondFactor answers a pending attempt that needs a second factor.
func (d *Device) SubmitSecondFactor(ctx context.Context, strategy Strategy, code string) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.SecondFactorEntered{Call: call, Strategy: strategy, Code: core.NewSecret(code)}
	})
}

// SendSecondFactorCode has the code of a second factor sent, such as one by
// text message, or another one; [Device.SubmitSecondFactor] continues.
func (d *Device) SendSecondFactorCode(ctx context.Context, strategy Strategy) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.SecondFactorCodeAsked{Call: call, Strategy: strategy}
	})
}

// SecondFactors are those that the server offered when it last asked this
// process for one, in its order. Another process than the one that was told
// knows none.
func (d *Device) SecondFactors() []Strategy {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Strategy
	for name := range strings.FieldsSeq(d.secondFactors) {
		out = append(out, Strategy(name))
	}
	return out
}

// SubmitNewPassword completes a password reset.
func (d *Device) SubmitNewPassword(ctx context.Context, password string, signOutOthers bool) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event {
		return core.PasswordChosen{Call: call, Password: core.NewSecret(password), SignOutOthers: signOutOthers}
	})
}

// ResendCode has another code sent.
func (d *Device) ResendCode(ctx context.Context) (Step, error) {
	return d.step(ctx, func(call core.CallID) core.Event { return core.CodeResendAsked{Call: call} })
}

// AbandonAttempt drops the pending attempt.
func (d *Device) AbandonAttempt(ctx context.Context) error {
	_, err := d.ask(ctx, func(call core.CallID) core.Event { return core.AttemptAbandoned{Call: call} })
	return err
}

// PendingAttempt returns the pending attempt, if there is one.
func (d *Device) PendingAttempt() (Attempt, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pending.Attempt, d.pending.Attempt.ID != ""
}

// PendingRevocations returns how many sessions still have to be ended on the
// server after a sign-out.
func (d *Device) PendingRevocations() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pending.Revocations
}
