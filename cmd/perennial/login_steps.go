package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/internal/prompt"
)

// login walks one attempt from whatever is known to whatever is missing.
type login struct {
	device  *device.Device
	command *deviceCommand
	flags   loginFlags
	ask     prompt.Asker
	// openAsker opens another one after the first was closed.
	openAsker func() prompt.Asker
	// problem is what the next question begins with: why the answer before did
	// not do.
	problem string
	// begun: this process has begun an attempt or a browser flow.
	begun bool
	// sentFor is the second factor whose code was sent.
	sentFor string
	// elsewhere: the person chose the browser instead.
	elsewhere bool
}

const (
	strategyPassword  = string(device.Password)
	strategyEmailCode = string(device.EmailCode)
	strategyReset     = string(device.ResetEmailCode)
)

// run asks until the sign-in is complete, or, where nobody can be asked, until
// something is missing.
func (l *login) run(ctx context.Context) (loginResult, error) {
	step, err := l.begin(ctx)
	for {
		// The server has answered, so this profile is right; a code may have
		// been sent, and the next process needs to know where to.
		if (err == nil && !l.elsewhere) || errors.Is(err, device.ErrRefused) {
			if rememberErr := l.command.profile.remember(l.command.home); rememberErr != nil {
				return loginResult{}, rememberErr
			}
		}
		if err != nil || l.elsewhere {
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

// drop forgets what this process has begun: somebody who stops in the middle
// means to have done nothing.
func (l *login) drop(ctx context.Context) {
	if !l.begun {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliverAfterSignOut)
	defer cancel()
	_ = l.device.AbandonAttempt(ctx)
	_ = l.device.AbandonBrowserFlow(ctx)
	_ = l.device.Stored(ctx)
}

// begin takes the first step: it continues the kept attempt when only an answer
// to it was given, and else begins a new one.
func (l *login) begin(ctx context.Context) (device.Step, error) {
	if step, continued, err := l.resume(ctx); continued {
		return step, err
	}
	for {
		if err := l.identify(ctx); err != nil || l.elsewhere {
			return "", err
		}
		step, err := l.firstFactor(ctx)
		if errors.Is(err, errOtherIdentifier) {
			l.flags.identifier = ""
			continue
		}
		if l.elsewhere || !l.again(err) {
			return step, err
		}
		if aboutIdentifier(err) {
			l.flags.identifier = ""
		}
	}
}

// resume continues a kept attempt.
func (l *login) resume(ctx context.Context) (step device.Step, continued bool, err error) {
	if l.flags.identifier != "" || l.flags.signUp || l.flags.strategy != "" {
		return "", false, nil
	}
	if l.flags.code != "" {
		step, err = l.submitCode(ctx)
		return step, true, err
	}
	attempt, pending := l.device.PendingAttempt()
	switch {
	case pending && attempt.Status == "needs_second_factor" && l.flags.secondFactor != "":
		return device.NeedsSecondFactor, true, nil
	case pending && l.flags.password != "":
		step, err = l.device.SubmitNewPassword(ctx, take(&l.flags.password), l.flags.signOutOthers)
		return step, true, err
	default:
		return "", false, nil
	}
}

// next answers what the attempt needs: from a flag, from the terminal, or, when
// there is neither, by stopping with the command that goes on.
func (l *login) next(ctx context.Context, step device.Step) (device.Step, *loginResult, error) {
	switch step {
	case device.NeedsCode:
		return l.nextCode(ctx)
	case device.NeedsSecondFactor:
		return l.nextSecondFactor(ctx)
	case device.NeedsNewPassword:
		return l.nextPassword(ctx)
	default:
		return "", nil, fmt.Errorf("the sign-in asks for a step (%q) that this command does not know", step)
	}
}

func (l *login) nextPassword(ctx context.Context) (device.Step, *loginResult, error) {
	for {
		if l.flags.password == "" && !l.ask.Asks() {
			const next = "perennial login --password-stdin"
			return "", &loginResult{Status: "password-needed", Next: next, text: "Choose a new password. Run: " + next}, nil
		}
		if l.flags.password == "" {
			answer, err := l.question(ctx, prompt.Question{Title: "New password", Secret: true, Flag: "--password-stdin"})
			if err != nil {
				return "", nil, err
			}
			l.flags.password = answer.Text
		}
		step, err := l.device.SubmitNewPassword(ctx, take(&l.flags.password), l.flags.signOutOthers)
		if !l.again(err) {
			return step, nil, err
		}
	}
}

// question asks, with what was wrong before, and says that the server is being
// asked once there is an answer.
func (l *login) question(ctx context.Context, q prompt.Question) (prompt.Answer, error) {
	q.Problem, l.problem = l.problem, ""
	answer, err := l.ask.Ask(ctx, q)
	if err == nil {
		l.ask.Busy("Asking the server")
	}
	return answer, err
}

// again says whether a person can be asked once more after err, and keeps what
// to tell them. Where nobody can be asked, an error is the end.
func (l *login) again(err error) bool {
	if err == nil || !l.ask.Asks() {
		return false
	}
	for _, kind := range []error{device.ErrRefused, device.ErrUnsupported, device.ErrInvalid, device.ErrOffline, device.ErrNoAttempt} {
		if errors.Is(err, kind) {
			l.problem = sentence(err)
			return true
		}
	}
	return false
}

// sentence is what to tell a person who can answer again: the server's own
// words where it has some.
func sentence(err error) string {
	var typed *device.Error
	switch {
	case errors.Is(err, device.ErrNoAttempt):
		return "This sign-in is over. Begin again."
	case errors.Is(err, device.ErrUnsupported):
		return "That is not possible with this account. Choose another way."
	case errors.As(err, &typed) && typed.Message != "" && errors.Is(err, device.ErrRefused):
		return typed.Message
	}
	text := plain(err).Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// aboutIdentifier says whether the server refused the name, and not what was to
// prove it.
func aboutIdentifier(err error) bool {
	var typed *device.Error
	if !errors.As(err, &typed) {
		return false
	}
	return typed.Param == "identifier" || typed.Param == "email_address"
}

// take uses an answer up, so that one code or password is not tried twice.
func take(answer *string) string {
	value := *answer
	*answer = ""
	return value
}
