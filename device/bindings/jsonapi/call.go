package jsonapi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
)

// arguments are those of all methods; each uses the ones it names.
type arguments struct {
	// TimeoutMS bounds the call. Zero means defaultTimeout, negative none.
	TimeoutMS  int64  `json:"timeout_ms"`
	Fresh      bool   `json:"fresh"`
	Identifier string `json:"identifier"`
	Email      string `json:"email"`
	Password   string `json:"password"`
	Code       string `json:"code"`
	Strategy   string `json:"strategy"`
	Credential string `json:"credential"`
	// RedirectURL and SignUp begin a sign-in in the browser; URL is what the
	// browser came back with.
	RedirectURL string `json:"redirect_url"`
	SignUp      bool   `json:"sign_up"`
	URL         string `json:"url"`
	// SignOutOthers ends the user's other sessions with a new password.
	SignOutOthers bool `json:"sign_out_others"`
}

// defaultTimeout bounds a call whose caller named no limit.
const defaultTimeout = 60 * time.Second

type method func(ctx context.Context, d *device.Device, a arguments) (any, error)

// Results of methods.
type (
	stateResult struct {
		State bindings.State `json:"state"`
	}
	tokenResult struct {
		Token string `json:"token"`
	}
	credentialResult struct {
		Credential string `json:"credential"`
	}
	stepResult struct {
		Step device.Step `json:"step"`
	}
	attemptResult struct {
		Attempt *pendingAttempt `json:"attempt"`
	}
	urlResult struct {
		URL string `json:"url"`
	}
	flowResult struct {
		Flow *pendingFlow `json:"flow"`
	}
	textResult struct {
		Text string `json:"text"`
	}
)

type pendingAttempt struct {
	ID          string `json:"id"`
	SignUp      bool   `json:"sign_up"`
	Status      string `json:"status"`
	Strategy    string `json:"strategy,omitempty"`
	Identifier  string `json:"identifier,omitempty"`
	StartedAtMS int64  `json:"started_at_ms"`
}

type pendingFlow struct {
	RedirectURL string `json:"redirect_url"`
	SignUp      bool   `json:"sign_up"`
	Returned    bool   `json:"returned"`
	StartedAtMS int64  `json:"started_at_ms"`
}

var methods = map[string]method{
	"state": func(_ context.Context, d *device.Device, _ arguments) (any, error) {
		return stateResult{bindings.StateOf(d.State())}, nil
	},
	"restore": func(ctx context.Context, d *device.Device, _ arguments) (any, error) {
		state, err := d.Restore(ctx)
		return stateResult{bindings.StateOf(state)}, err
	},
	"token": func(ctx context.Context, d *device.Device, a arguments) (any, error) {
		ask := d.Token
		if a.Fresh {
			ask = d.FreshToken
		}
		token, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		return tokenResult{token}, nil
	},
	"sign_in": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.SignIn(ctx, a.Identifier, a.Password)
	}),
	"sign_in_with_email_code": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.SignInWithEmailCode(ctx, a.Identifier)
	}),
	"reset_password": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.ResetPassword(ctx, a.Identifier)
	}),
	"sign_up": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.SignUp(ctx, a.Email, a.Password)
	}),
	"submit_code": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.SubmitCode(ctx, a.Code)
	}),
	"submit_second_factor": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.SubmitSecondFactor(ctx, device.Strategy(a.Strategy), a.Code)
	}),
	"submit_new_password": stepOf(func(ctx context.Context, d *device.Device, a arguments) (device.Step, error) {
		return d.SubmitNewPassword(ctx, a.Password, a.SignOutOthers)
	}),
	"resend_code": stepOf(func(ctx context.Context, d *device.Device, _ arguments) (device.Step, error) {
		return d.ResendCode(ctx)
	}),
	"attempt": func(_ context.Context, d *device.Device, _ arguments) (any, error) {
		return attemptResult{attemptOf(d)}, nil
	},
	"abandon_attempt": func(ctx context.Context, d *device.Device, _ arguments) (any, error) {
		return nil, d.AbandonAttempt(ctx)
	},
	"start_browser_flow": func(ctx context.Context, d *device.Device, a arguments) (any, error) {
		address, err := d.StartBrowserFlow(ctx, device.BrowserFlow{RedirectURL: a.RedirectURL, SignUp: a.SignUp})
		if address == "" {
			return nil, err
		}
		return urlResult{address}, err
	},
	"handle_callback": func(ctx context.Context, d *device.Device, a arguments) (any, error) {
		return nil, d.HandleCallback(ctx, a.URL)
	},
	"browser_flow": func(_ context.Context, d *device.Device, _ arguments) (any, error) {
		return flowResult{flowOf(d)}, nil
	},
	"abandon_browser_flow": func(ctx context.Context, d *device.Device, _ arguments) (any, error) {
		return nil, d.AbandonBrowserFlow(ctx)
	},
	"adopt": func(ctx context.Context, d *device.Device, a arguments) (any, error) {
		return nil, d.Adopt(ctx, a.Credential)
	},
	"credential": func(ctx context.Context, d *device.Device, _ arguments) (any, error) {
		credential, err := d.Credential(ctx)
		if err != nil {
			return nil, err
		}
		return credentialResult{credential}, nil
	},
	"sign_out": func(ctx context.Context, d *device.Device, _ arguments) (any, error) {
		return nil, d.SignOut(ctx)
	},
	"drain": func(ctx context.Context, d *device.Device, _ arguments) (any, error) {
		return nil, d.Drain(ctx)
	},
	"nudge": func(_ context.Context, d *device.Device, _ arguments) (any, error) {
		d.Nudge()
		return nil, nil
	},
	"reload": func(_ context.Context, d *device.Device, _ arguments) (any, error) {
		d.Reload()
		return nil, nil
	},
	"explain": func(_ context.Context, d *device.Device, _ arguments) (any, error) {
		var b strings.Builder
		err := d.Explain(&b)
		return textResult{b.String()}, err
	},
}

// Methods lists the names that Call knows, sorted.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }

// deviceCallee is a device behind a handle.
type deviceCallee struct{ d *device.Device }

func (c deviceCallee) close() error { return c.d.Close() }

func (c deviceCallee) call(name, args string) (any, error) {
	var a arguments
	if err := decode(args, &a); err != nil {
		return nil, err
	}
	run, ok := methods[name]
	if !ok {
		return nil, usage("there is no method %.40q", name)
	}
	ctx, cancel := bounded(a.TimeoutMS)
	defer cancel()
	return run(ctx, c.d, a)
}

func bounded(timeoutMS int64) (context.Context, context.CancelFunc) {
	switch {
	case timeoutMS < 0:
		return context.WithCancel(context.Background())
	case timeoutMS == 0:
		return context.WithTimeout(context.Background(), defaultTimeout)
	default:
		return context.WithTimeout(context.Background(), bindings.Milliseconds(timeoutMS))
	}
}

func stepOf(take func(context.Context, *device.Device, arguments) (device.Step, error)) method {
	return func(ctx context.Context, d *device.Device, a arguments) (any, error) {
		step, err := take(ctx, d, a)
		if step == "" {
			return nil, err
		}
		return stepResult{step}, err
	}
}

func attemptOf(d *device.Device) *pendingAttempt {
	a, ok := d.PendingAttempt()
	if !ok {
		return nil
	}
	return &pendingAttempt{
		ID: a.ID, SignUp: a.SignUp, Status: a.Status, Strategy: string(a.Strategy),
		Identifier: a.SafeIdentifier, StartedAtMS: int64(a.StartedAt),
	}
}

func flowOf(d *device.Device) *pendingFlow {
	f, ok := d.PendingBrowserFlow()
	if !ok {
		return nil
	}
	return &pendingFlow{RedirectURL: f.Redirect, SignUp: f.SignUp, Returned: f.Returned, StartedAtMS: int64(f.StartedAt)}
}
