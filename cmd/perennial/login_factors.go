package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/internal/prompt"
)

// Keys of what can be chosen instead of an answer.
const (
	keyBrowser = "browser"
	keySignUp  = "sign-up"
	keySignIn  = "sign-in"
	keyOther   = "other"
	keyResend  = "resend"
)

// errOtherIdentifier: the person wants to begin with another name.
var errOtherIdentifier = errors.New("another identifier")

// identify asks who it is, unless a flag has said so.
func (l *login) identify(ctx context.Context) error {
	for l.flags.identifier == "" && !l.elsewhere {
		q := prompt.Question{
			Title: "Email address", Flag: "--email ADDRESS", Hint: "Sign in to " + l.command.profile.name(),
			Choices: []prompt.Choice{{Key: keySignUp, Label: "Create an account"}, {Key: keyBrowser, Label: "Sign in in the browser"}},
		}
		if l.flags.signUp {
			q.Hint = "Create an account at " + l.command.profile.name()
			q.Choices[0] = prompt.Choice{Key: keySignIn, Label: "Sign in to an account that exists"}
		}
		answer, err := l.question(ctx, q)
		if err != nil {
			return err
		}
		switch answer.Key {
		case keySignUp, keySignIn:
			l.flags.signUp = answer.Key == keySignUp
		case keyBrowser:
			l.elsewhere = true
		default:
			l.flags.identifier = answer.Text
		}
	}
	return nil
}

// firstFactor begins an attempt with what proves it, or has that sent.
func (l *login) firstFactor(ctx context.Context) (device.Step, error) {
	l.begun = true
	if l.flags.signUp {
		return l.signUp(ctx)
	}
	strategy := l.flags.strategy
	if strategy == "" && l.flags.password == "" {
		if answer, err := l.askPassword(ctx); err != nil {
			return "", err
		} else if strategy = answer.Key; strategy == "" {
			l.flags.password = answer.Text
		}
	}
	switch strategy {
	case strategyEmailCode:
		return l.device.SignInWithEmailCode(ctx, l.flags.identifier)
	case strategyReset:
		return l.device.ResetPassword(ctx, l.flags.identifier)
	case "", strategyPassword:
	default:
		return "", fmt.Errorf("--strategy %q is not one of %s, %s, %s", strategy, strategyPassword, strategyEmailCode, strategyReset)
	}
	if l.flags.password == "" {
		answer, err := l.question(ctx, prompt.Question{Title: "Password", Secret: true, Flag: "--password-stdin"})
		if err != nil {
			return "", err
		}
		l.flags.password = answer.Text
	}
	return l.device.SignIn(ctx, l.flags.identifier, take(&l.flags.password))
}

// askPassword asks for the password. The key of the answer is the strategy that
// was chosen instead.
func (l *login) askPassword(ctx context.Context) (prompt.Answer, error) {
	answer, err := l.question(ctx, prompt.Question{
		Title: "Password", Hint: "of " + l.flags.identifier, Secret: true, Flag: "--password-stdin, or --strategy " + strategyEmailCode,
		Choices: []prompt.Choice{
			{Key: strategyEmailCode, Label: "Get a code by email instead"},
			{Key: strategyReset, Label: "Forgot the password"},
			{Key: keyOther, Label: "Use another email address"},
		},
	})
	if err == nil && answer.Key == keyOther {
		err = errOtherIdentifier
	}
	return answer, err
}

func (l *login) signUp(ctx context.Context) (device.Step, error) {
	if l.flags.password == "" && l.flags.strategy != strategyEmailCode && l.ask.Asks() {
		answer, err := l.question(ctx, prompt.Question{Title: "New password (empty for none)", Secret: true, Optional: true})
		if err != nil {
			return "", err
		}
		l.flags.password = answer.Text
	}
	return l.device.SignUp(ctx, l.flags.identifier, take(&l.flags.password))
}

// nextCode asks for the code that was sent.
func (l *login) nextCode(ctx context.Context) (device.Step, *loginResult, error) {
	for {
		attempt, _ := l.device.PendingAttempt()
		if l.flags.code == "" && !l.ask.Asks() {
			return "", &loginResult{
				Status: "code-sent", SentTo: attempt.SafeIdentifier, Next: "perennial login --code CODE",
				text: fmt.Sprintf("A code was sent to %s. Run: perennial login --code CODE", attempt.SafeIdentifier),
			}, nil
		}
		var key string
		if l.flags.code == "" {
			answer, err := l.question(ctx, codeSent(attempt))
			if err != nil {
				return "", nil, err
			}
			l.flags.code, key = answer.Text, answer.Key
		}
		step, err := l.answerCode(ctx, key)
		if errors.Is(err, device.ErrNoAttempt) && l.again(err) {
			step, err = l.begin(ctx)
			return step, nil, err
		}
		if !l.again(err) {
			return step, nil, err
		}
	}
}

func codeSent(attempt device.Attempt) prompt.Question {
	q := prompt.Question{
		Title: "Code sent to " + attempt.SafeIdentifier, Flag: "--code CODE",
		Choices: []prompt.Choice{{Key: keyResend, Label: "Send another code"}, {Key: keyOther, Label: "Sign in another way"}},
	}
	if attempt.SignUp {
		q.Choices[1].Label = "Begin again"
	}
	return q
}

// answerCode submits the code, or does what was chosen instead.
func (l *login) answerCode(ctx context.Context, key string) (device.Step, error) {
	switch key {
	case keyResend:
		step, err := l.device.ResendCode(ctx)
		if err == nil {
			l.ask.Say("Another code is on its way, unless one was sent a moment ago.")
		}
		return step, err
	case keyOther:
		if err := l.device.AbandonAttempt(ctx); err != nil {
			return "", err
		}
		l.flags.strategy = ""
		return l.begin(ctx)
	default:
		return l.submitCode(ctx)
	}
}

// sent are the second factors whose code is sent when it is asked for.
var sent = []string{string(device.PhoneCode), strategyEmailCode}

// secondFactors names them as a title and as something to choose.
var secondFactors = map[string][2]string{
	string(device.TOTP):       {"Code of the authenticator app", "Use the authenticator app"},
	string(device.BackupCode): {"Backup code", "Use a backup code"},
	string(device.PhoneCode):  {"Code sent by text message", "Get a code by text message"},
	strategyEmailCode:         {"Code sent by email", "Get a code by email"},
}

// nextSecondFactor asks for a second factor, and for another one if the person
// wants that.
func (l *login) nextSecondFactor(ctx context.Context) (device.Step, *loginResult, error) {
	offered := l.offered()
	chosen := l.flags.secondFactor
	if chosen == "" {
		chosen = offered[0]
	}
	for {
		if l.flags.code == "" {
			var err error
			if chosen, err = l.askSecondFactor(ctx, chosen, offered); err != nil {
				return "", nil, err
			}
		}
		if l.flags.code == "" {
			return "", secondFactorNeeded(chosen, offered), nil
		}
		l.flags.secondFactor = chosen
		step, err := l.submitCode(ctx)
		if errors.Is(err, device.ErrNoAttempt) && l.again(err) {
			l.flags.secondFactor, l.sentFor = "", ""
			step, err = l.begin(ctx)
			return step, nil, err
		}
		if !l.again(err) {
			return step, nil, err
		}
	}
}

// askSecondFactor has a code sent where that is needed and asks for it. Which
// factor it is of in the end is returned; where nobody can be asked there is no
// code.
func (l *login) askSecondFactor(ctx context.Context, chosen string, offered []string) (string, error) {
	for {
		wanted := l.ask.Asks() || l.flags.secondFactor != ""
		if wanted && slices.Contains(sent, chosen) && l.sentFor != chosen {
			if _, err := l.device.SendSecondFactorCode(ctx, device.Strategy(chosen)); err != nil && !l.again(err) {
				return chosen, err
			}
			l.sentFor = chosen
		}
		if !l.ask.Asks() {
			return chosen, nil
		}
		answer, err := l.question(ctx, secondFactorQuestion(chosen, offered))
		switch {
		case err != nil:
			return chosen, err
		case answer.Key == "":
			l.flags.code = answer.Text
			return chosen, nil
		case answer.Key == keyResend:
			l.sentFor = ""
		default:
			chosen = answer.Key
		}
	}
}

// offered are the second factors to choose from. A process that continues an
// attempt was not told them, and offers those that need nothing to be sent.
func (l *login) offered() []string {
	var out []string
	for _, s := range l.device.SecondFactors() {
		if _, known := secondFactors[string(s)]; known {
			out = append(out, string(s))
		}
	}
	if len(out) == 0 {
		out = []string{string(device.TOTP), string(device.BackupCode)}
	}
	return out
}

func secondFactorNeeded(chosen string, offered []string) *loginResult {
	next := "perennial login --second-factor " + chosen + " --code CODE"
	return &loginResult{
		Status: "second-factor-needed", SecondFactors: offered, Next: next,
		text: "A second factor is needed (" + strings.Join(offered, ", ") + "). Run: " + next,
	}
}

func secondFactorQuestion(chosen string, offered []string) prompt.Question {
	q := prompt.Question{Title: secondFactors[chosen][0], Flag: "--second-factor " + chosen + " --code CODE"}
	if q.Title == "" {
		q.Title = "Code"
	}
	if slices.Contains(sent, chosen) {
		q.Choices = append(q.Choices, prompt.Choice{Key: keyResend, Label: "Send another code"})
	}
	for _, other := range offered {
		if other != chosen {
			q.Choices = append(q.Choices, prompt.Choice{Key: other, Label: secondFactors[other][1]})
		}
	}
	return q
}

// submitCode uses the code for the step it was meant for. People copy codes with
// the spaces that they are shown with.
func (l *login) submitCode(ctx context.Context) (device.Step, error) {
	code := strings.ReplaceAll(take(&l.flags.code), " ", "")
	if l.flags.secondFactor != "" {
		return l.device.SubmitSecondFactor(ctx, device.Strategy(l.flags.secondFactor), code)
	}
	return l.device.SubmitCode(ctx, code)
}
