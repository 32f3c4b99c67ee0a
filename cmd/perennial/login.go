package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/internal/prompt"
)

// loginFlags are the answers that automation gives beforehand.
type loginFlags struct {
	identifier    string
	strategy      string
	signUp        bool
	password      string // never a flag: other users of the machine see those
	passwordStdin bool
	passwordFile  string
	code          string
	codeStdin     bool
	secondFactor  string
	signOutOthers bool
	web           bool
	noBrowser     bool
	otherDevice   bool
	callback      string
	callbackStdin bool
	plain         bool
}

// newLoginCommand signs in or up: with flags for automation, with questions on
// a terminal.
func newLoginCommand() *cobra.Command {
	var c deviceCommand
	var f loginFlags
	command := &cobra.Command{
		Use:   "login",
		Short: "sign in or sign up on this device",
		Long: "Signs in on this device. On a terminal it asks for what is missing. Without one, a sign-in that needs a code\n" +
			"has it sent, keeps the attempt, and ends; `perennial login --code NNNNNN` completes it in a new process.\n" +
			"With --web the sign-in happens in the browser; it can be finished by another process, with --callback. Over SSH the\n" +
			"browser is on another device: a QR code leads there, and the line that it shows in the end is pasted here.",
		Example: "  perennial login --publishable-key pk_test_… --email ada@example.com\n" +
			"  perennial login --email ada@example.com --strategy email_code\n" +
			"  perennial login --code 424242\n" +
			"  perennial login --web\n" +
			"  perennial login --email ada@example.com --sign-up --password-stdin <password.txt",
		RunE: func(command *cobra.Command, _ []string) error {
			if command.Flags().Changed("callback") && f.callback == "" {
				return errors.New("--callback: the address is empty")
			}
			if f.web && !command.Flags().Changed("timeout") {
				c.timeout = webTimeout
			}
			if err := f.read(command.InOrStdin()); err != nil {
				return err
			}
			return c.restored(command, func(ctx context.Context, d *device.Device, _ device.State) error {
				c.network.open()
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				l := &login{device: d, command: &c, flags: f, openAsker: func() prompt.Asker {
					return openAsker(command.InOrStdin(), command.ErrOrStderr(), f.plain, cancel)
				}}
				l.ask = l.openAsker()
				result, err := l.way(ctx)
				l.ask.Close() // what follows is not to be drawn over
				if err != nil {
					return l.gaveUp(ctx, err)
				}
				// What this sign-in took the place of, or lost against, is ended.
				c.deliver(ctx, d, deliverInPassing)
				return c.print(command.OutOrStdout(), result, result.text)
			})
		},
	}
	c.flags(command, 5*time.Minute)
	flags := command.Flags()
	flags.StringVar(&f.identifier, "email", "", "email address to sign in or up with")
	flags.StringVar(&f.identifier, "identifier", "", "another identifier, such as a user name")
	flags.StringVar(&f.strategy, "strategy", "", "password, email_code or reset_password_email_code")
	flags.BoolVar(&f.signUp, "sign-up", false, "create a new account")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	flags.StringVar(&f.passwordFile, "password-file", "", "read the password from the first line of a `file` (or env "+envPassword+")")
	flags.StringVar(&f.code, "code", "", "code that was sent")
	flags.BoolVar(&f.codeStdin, "code-stdin", false, "read the code from standard input (after the password, if both)")
	flags.StringVar(&f.secondFactor, "second-factor", "", "the code answers a second factor: totp, backup_code, phone_code or email_code")
	flags.BoolVar(&f.signOutOthers, "sign-out-others", false, "with a new password, end all other sessions of the account")
	flags.BoolVar(&f.web, "web", false, "sign in in the browser")
	flags.BoolVar(&f.noBrowser, "no-browser", false, "with --web, print the address and open nothing")
	flags.BoolVar(&f.otherDevice, "other-device", false, "with --web, sign in on a device that cannot reach this one, such as a phone")
	flags.StringVar(&f.callback, "callback", "", "finish a sign-in in the browser with the `address` that the browser came back to, or shows")
	flags.BoolVar(&f.callbackStdin, "callback-stdin", false, "read that address from standard input")
	flags.BoolVar(&f.plain, "plain", false, "ask line by line, as for a screen reader (env "+envPlain+")")
	command.MarkFlagsMutuallyExclusive("web", "callback")
	command.MarkFlagsMutuallyExclusive("web", "email", "identifier")
	command.MarkFlagsMutuallyExclusive("email", "identifier")
	command.MarkFlagsMutuallyExclusive("password-file", "password-stdin")
	command.MarkFlagsMutuallyExclusive("callback", "callback-stdin")
	command.MarkFlagsMutuallyExclusive("web", "callback-stdin")
	command.MarkFlagsMutuallyExclusive("code", "code-stdin")
	return command
}

// way signs in in the browser or here, as the flags or the person say.
func (l *login) way(ctx context.Context) (loginResult, error) {
	web := webLogin{login: l, open: openBrowser}
	if l.flags.noBrowser {
		web.open = nil
	}
	if l.flags.callback != "" {
		return web.complete(ctx, l.flags.callback)
	}
	if !l.flags.web {
		result, err := l.run(ctx)
		if !l.elsewhere {
			return result, err
		}
		// Long addresses and pictures are shown before questions are drawn.
		l.ask.Close()
		l.ask = l.openAsker()
	}
	return web.run(ctx)
}

// exitInterrupted is what a shell says of a command that Ctrl-C has ended.
const exitInterrupted = 130

// gaveUp says why there is no sign-in. A person who stops in the middle leaves
// nothing behind.
func (l *login) gaveUp(ctx context.Context, err error) error {
	if !l.ask.Asks() || (!errors.Is(err, prompt.ErrInterrupted) && !errors.Is(err, context.Canceled)) {
		return plain(err)
	}
	l.drop(ctx)
	return &statusError{status: exitInterrupted, text: "stopped; nobody was signed in"}
}

// loginResult is what `login --json` prints.
type loginResult struct {
	// Status is signed-in, code-sent, second-factor-needed, password-needed or
	// browser-needed.
	Status    string `json:"status"`
	UserID    string `json:"user_id,omitempty"`
	SessionID string `json:"session_id,omitempty"`
	// SentTo is the masked address a code went to.
	SentTo string `json:"sent_to,omitempty"`
	// SecondFactors are those that the account offers, when one is needed.
	SecondFactors []string `json:"second_factors,omitempty"`
	// URL is the address to open in a browser.
	URL string `json:"url,omitempty"`
	// Next is the command to run next.
	Next string `json:"next,omitempty"`
	text string
}

func signedIn(state device.State) loginResult {
	return loginResult{Status: "signed-in", UserID: state.User.ID, SessionID: state.SessionID, text: describe(state)}
}
