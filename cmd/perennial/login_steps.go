package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/device"
)

// login walks one attempt from whatever is known to whatever is missing.
type login struct {
	device  *device.Device
	command *deviceCommand
	flags   loginFlags
	ask     *asker
}

const (
	strategyPassword  = string(device.Password)
	strategyEmailCode = string(device.EmailCode)
	strategyReset     = string(device.ResetEmailCode)
)

func (l *login) run(ctx context.Context) (loginResult, error) {
	if err := l.readStdin(); err != nil {
		return loginResult{}, err
	}
	step, err := l.begin(ctx)
	for {
		// The server has answered, so this profile is right; a code may have
		// been sent, and the next process needs to know where to.
		if err == nil || errors.Is(err, device.ErrRefused) {
			if rememberErr := l.command.profile.remember(l.command.home); rememberErr != nil {
				return loginResult{}, rememberErr
			}
		}
		if err != nil {
			return loginResult{}, err
		}
		if step == device.Complete {
			return signedIn(l.device.State()), nil
		}
		var stop *loginResult
		if step, stop, err = l.next(ctx, step); stop != nil {
			return *stop, l.keep(ctx)
		}
	}
}

// keepLimit bounds the wait for an attempt to be stored. A store that cannot be
// read is tried a few times before anything is written beside what it holds.
const keepLimit = 15 * time.Second

// keep makes sure that the next process finds the attempt that this one ends
// with.
func (l *login) keep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepLimit)
	defer cancel()
	if err := l.device.Stored(ctx); err != nil {
		return fmt.Errorf("the sign-in was begun and could not be kept on this device (%s); run: perennial explain", l.device.State().Cause)
	}
	return nil
}

// readStdin takes the answers that were promised on standard input: one line
// each, the password before the code.
func (l *login) readStdin() error {
	var err error
	if l.flags.passwordStdin {
		if l.flags.password, err = l.ask.line(); err != nil || l.flags.password == "" {
			return fmt.Errorf("--password-stdin: no password on standard input")
		}
	}
	if l.flags.codeStdin {
		if l.flags.code, err = l.ask.line(); err != nil || l.flags.code == "" {
			return fmt.Errorf("--code-stdin: no code on standard input")
		}
	}
	return nil
}

// begin takes the first step: it continues the kept attempt when only an answer
// to it was given, and else begins a new one.
func (l *login) begin(ctx context.Context) (device.Step, error) {
	if l.flags.identifier == "" && !l.flags.signUp && l.flags.strategy == "" {
		if l.flags.code != "" {
			return l.submitCode(ctx)
		}
		if _, pending := l.device.PendingAttempt(); pending && l.flags.password != "" {
			return l.device.SubmitNewPassword(ctx, take(&l.flags.password), l.flags.signOutOthers)
		}
	}
	if l.flags.identifier == "" {
		identifier, err := l.ask.question("Email address: ", "--email ADDRESS")
		if err != nil {
			return "", err
		}
		l.flags.identifier = identifier
	}
	if l.flags.signUp {
		return l.signUp(ctx)
	}
	return l.signIn(ctx)
}

func (l *login) signUp(ctx context.Context) (device.Step, error) {
	if l.flags.password == "" && l.flags.strategy != strategyEmailCode && l.ask.terminal {
		password, err := l.ask.secret("New password (empty for none): ", "")
		if err != nil {
			return "", err
		}
		l.flags.password = password
	}
	return l.device.SignUp(ctx, l.flags.identifier, take(&l.flags.password))
}

func (l *login) signIn(ctx context.Context) (device.Step, error) {
	switch l.flags.strategy {
	case strategyEmailCode:
		return l.device.SignInWithEmailCode(ctx, l.flags.identifier)
	case strategyReset:
		return l.device.ResetPassword(ctx, l.flags.identifier)
	case "", strategyPassword:
	default:
		return "", fmt.Errorf("--strategy %q is not one of %s, %s, %s", l.flags.strategy, strategyPassword, strategyEmailCode, strategyReset)
	}
	if l.flags.password == "" {
		password, err := l.ask.secret("Password (empty to get a code by email): ", "--password-stdin, or --strategy "+strategyEmailCode)
		if err != nil {
			return "", err
		}
		if password == "" && l.flags.strategy == "" {
			return l.device.SignInWithEmailCode(ctx, l.flags.identifier)
		}
		l.flags.password = password
	}
	return l.device.SignIn(ctx, l.flags.identifier, take(&l.flags.password))
}

// next answers what the attempt needs: from a flag, from the terminal, or, when
// there is neither, by stopping with the command that goes on.
func (l *login) next(ctx context.Context, step device.Step) (device.Step, *loginResult, error) {
	attempt, _ := l.device.PendingAttempt()
	switch step {
	case device.NeedsCode:
		if l.flags.code == "" && !l.ask.terminal {
			return "", &loginResult{
				Status: "code-sent", SentTo: attempt.SafeIdentifier, Next: "perennial login --code CODE",
				text: fmt.Sprintf("A code was sent to %s. Run: perennial login --code CODE", attempt.SafeIdentifier),
			}, nil
		}
		if err := l.askCode("Code sent to " + attempt.SafeIdentifier + ": "); err != nil {
			return "", nil, err
		}
		step, err := l.submitCode(ctx)
		return step, nil, err
	case device.NeedsSecondFactor:
		return l.nextSecondFactor(ctx)
	case device.NeedsNewPassword:
		return l.nextPassword(ctx)
	default:
		return "", nil, fmt.Errorf("the sign-in asks for a step (%q) that this command does not know", step)
	}
}

func (l *login) nextSecondFactor(ctx context.Context) (device.Step, *loginResult, error) {
	if l.flags.code == "" && !l.ask.terminal {
		const next = "perennial login --second-factor totp --code CODE"
		return "", &loginResult{Status: "second-factor-needed", Next: next, text: "A second factor is needed. Run: " + next}, nil
	}
	if l.flags.secondFactor == "" {
		l.flags.secondFactor = string(device.TOTP)
	}
	if err := l.askCode("Second factor code (" + l.flags.secondFactor + "): "); err != nil {
		return "", nil, err
	}
	step, err := l.submitCode(ctx)
	return step, nil, err
}

func (l *login) nextPassword(ctx context.Context) (device.Step, *loginResult, error) {
	if l.flags.password == "" && !l.ask.terminal {
		const next = "perennial login --password-stdin"
		return "", &loginResult{Status: "password-needed", Next: next, text: "Choose a new password. Run: " + next}, nil
	}
	if l.flags.password == "" {
		password, err := l.ask.secret("New password: ", "--password-stdin")
		if err != nil {
			return "", nil, err
		}
		l.flags.password = password
	}
	step, err := l.device.SubmitNewPassword(ctx, take(&l.flags.password), l.flags.signOutOthers)
	return step, nil, err
}

func (l *login) askCode(prompt string) error {
	if l.flags.code != "" {
		return nil
	}
	code, err := l.ask.question(prompt, "--code CODE")
	l.flags.code = code
	return err
}

// submitCode uses the code for the step it was meant for.
func (l *login) submitCode(ctx context.Context) (device.Step, error) {
	code := take(&l.flags.code)
	if l.flags.secondFactor != "" {
		return l.device.SubmitSecondFactor(ctx, device.Strategy(l.flags.secondFactor), code)
	}
	return l.device.SubmitCode(ctx, code)
}

// take uses an answer up, so that one code or password is not tried twice.
func take(answer *string) string {
	value := *answer
	*answer = ""
	return value
}
