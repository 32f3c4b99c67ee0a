package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/device"
)

// loginFlags are the answers that automation gives beforehand.
type loginFlags struct {
	identifier    string
	strategy      string
	signUp        bool
	password      string
	passwordStdin bool
	code          string
	codeStdin     bool
	secondFactor  string
	signOutOthers bool
	web           bool
	noBrowser     bool
	callback      string
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
			"With --web the sign-in happens in the browser; it can be finished by another process, with --callback.",
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
			return c.restored(command, func(ctx context.Context, d *device.Device, _ device.State) error {
				c.network.open()
				ask := newAsker(command.InOrStdin(), command.ErrOrStderr())
				l := &login{device: d, command: &c, flags: f, ask: ask}
				result, err := l.way(ctx, command.ErrOrStderr())
				if err != nil {
					return plain(err)
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
	flags.StringVar(&f.password, "password", "", "password; visible to other users of this machine, prefer --password-stdin")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	flags.StringVar(&f.code, "code", "", "code that was sent")
	flags.BoolVar(&f.codeStdin, "code-stdin", false, "read the code from standard input (after the password, if both)")
	flags.StringVar(&f.secondFactor, "second-factor", "", "the code answers a second factor: totp, backup_code, phone_code or email_code")
	flags.BoolVar(&f.signOutOthers, "sign-out-others", false, "with a new password, end all other sessions of the account")
	flags.BoolVar(&f.web, "web", false, "sign in in the browser")
	flags.BoolVar(&f.noBrowser, "no-browser", false, "with --web, print the address and open nothing")
	flags.StringVar(&f.callback, "callback", "", "finish a sign-in in the browser with the `address` that the browser came back to")
	command.MarkFlagsMutuallyExclusive("web", "callback")
	command.MarkFlagsMutuallyExclusive("web", "email", "identifier")
	command.MarkFlagsMutuallyExclusive("email", "identifier")
	command.MarkFlagsMutuallyExclusive("password", "password-stdin")
	command.MarkFlagsMutuallyExclusive("code", "code-stdin")
	return command
}

// way signs in in the browser or here, as the flags say.
func (l *login) way(ctx context.Context, say io.Writer) (loginResult, error) {
	web := webLogin{login: *l, say: say, open: openBrowser}
	if l.flags.noBrowser {
		web.open = nil
	}
	switch {
	case l.flags.callback != "":
		return web.complete(ctx, l.flags.callback)
	case l.flags.web:
		return web.run(ctx)
	default:
		return l.run(ctx)
	}
}

// loginResult is what `login --json` prints.
type loginResult struct {
	// Status is signed-in, code-sent, second-factor-needed or password-needed.
	Status    string `json:"status"`
	UserID    string `json:"user_id,omitempty"`
	SessionID string `json:"session_id,omitempty"`
	// SentTo is the masked address a code went to.
	SentTo string `json:"sent_to,omitempty"`
	// Next is the command to run next.
	Next string `json:"next,omitempty"`
	text string
}

func signedIn(state device.State) loginResult {
	return loginResult{Status: "signed-in", UserID: state.User.ID, SessionID: state.SessionID, text: describe(state)}
}
