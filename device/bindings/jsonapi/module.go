package jsonapi

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"

	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/bindings/nativemodule"
	"github.com/perennialauth/perennial/device/trace"
)

// moduleArguments are those of all methods of a native module, by the names of
// the published interface.
type moduleArguments struct {
	TimeoutMS            int64   `json:"timeout_ms"`
	PublishableKey       string  `json:"publishableKey"`
	BearerToken          *string `json:"bearerToken"`
	DeviceToken          *string `json:"deviceToken"`
	SourceID             *string `json:"sourceId"`
	DidChangeClient      bool    `json:"didChangeClient"`
	DidChangeDeviceToken bool    `json:"didChangeDeviceToken"`
}

type moduleMethod func(ctx context.Context, m *nativemodule.Module, a moduleArguments) (any, error)

// value is a result that is one value, as the published methods return it.
type value struct {
	Value any `json:"value"`
}

type openedModule struct {
	Module int64 `json:"module"`
}

// moduleStateResult is a state with what is wrong with the script's token. That
// is no failure of the call: the script would give up the session that is there.
type moduleStateResult struct {
	State bindings.State `json:"state"`
	tokenErrorResult
}

type tokenErrorResult struct {
	TokenError *bindings.Failure `json:"token_error,omitempty"`
}

func moduleState(m *nativemodule.Module, state device.State) moduleStateResult {
	return moduleStateResult{bindings.StateOf(state), tokenErrorResult{tokenTrouble(m)}}
}

func tokenTrouble(m *nativemodule.Module) *bindings.Failure {
	return bindings.FailureOf(coded(m.TokenError()))
}

// availability is the answer of a platform without the hardware.
type availability struct {
	IsAvailable       bool   `json:"isAvailable"`
	UnavailableReason string `json:"unavailableReason"`
}

var moduleMethods = map[string]moduleMethod{
	"configure": func(ctx context.Context, m *nativemodule.Module, a moduleArguments) (any, error) {
		state, err := m.Configure(ctx, a.PublishableKey, text(a.BearerToken))
		if err != nil {
			return nil, err
		}
		return moduleState(m, state), nil
	},
	"getSession": func(_ context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		return value{m.GetSession()}, nil
	},
	"getClientToken": func(ctx context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		if token := m.GetClientToken(ctx); token != "" {
			return value{token}, nil
		}
		return value{}, nil
	},
	"getAuthFlowState": func(_ context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		return value{m.GetAuthFlowState()}, nil
	},
	"syncClientStateFromJs": func(ctx context.Context, m *nativemodule.Module, a moduleArguments) (any, error) {
		err := m.SyncClientStateFromJS(ctx, text(a.DeviceToken), a.DidChangeClient, a.DidChangeDeviceToken)
		if trouble := tokenTrouble(m); err == nil && trouble != nil {
			return tokenErrorResult{trouble}, nil
		}
		return nil, err
	},
	"signOut": func(_ context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		return nil, m.SignOut()
	},
	"endSession": func(ctx context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		return nil, m.EndSession(ctx)
	},
	"refreshClient": func(_ context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		return nil, m.RefreshClient()
	},
	"state": func(_ context.Context, m *nativemodule.Module, _ moduleArguments) (any, error) {
		if d := m.Device(); d != nil {
			return moduleState(m, d.State()), nil
		}
		return nil, nativemodule.ErrNotInitialized
	},
	"getTrustedDeviceAvailability": func(context.Context, *nativemodule.Module, moduleArguments) (any, error) {
		return value{availability{UnavailableReason: "unsupported"}}, nil
	},
	"listTrustedDevices": func(context.Context, *nativemodule.Module, moduleArguments) (any, error) {
		return value{[]any{}}, nil
	},
	"enrollTrustedDevice":     unsupported,
	"revokeTrustedDevice":     unsupported,
	"signInWithTrustedDevice": unsupported,
	"presentAuth":             unsupported,
	"presentUserProfile":      unsupported,
}

// unsupported are methods that need screens or hardware of the app.
func unsupported(context.Context, *nativemodule.Module, moduleArguments) (any, error) {
	return nil, nativemodule.ErrUnsupported
}

// ModuleMethods lists the names that Call knows on a native module, sorted.
func ModuleMethods() []string { return slices.Sorted(maps.Keys(moduleMethods)) }

// OpenModule makes a native module for the published Expo SDK. The options are
// those of Open without a publishable key, which comes with configure; the
// vaults of all keys share the folder or store.
func (h *Host) OpenModule(options string, store *bindings.Store) string {
	return respond(func() (any, error) {
		var o bindings.Options
		if err := decode(options, &o); err != nil {
			return nil, err
		}
		if o.PublishableKey != "" {
			return nil, usage("publishable_key comes with configure")
		}
		if o.Dir == "" && (o.Vault == "" || o.Vault == bindings.VaultFile || o.Vault == bindings.VaultKeyring) {
			return nil, &device.Error{Kind: device.ErrNotConfigured, Message: "dir is needed"}
		}
		if o.Dir != "" {
			dir, err := filepath.Abs(o.Dir)
			if err != nil {
				return nil, &device.Error{Kind: device.ErrNotConfigured, Message: "dir: " + err.Error()}
			}
			o.Dir = dir
		}
		o.Tracer = o.Tracing()
		// The script uses the same credential and has no key to prove with.
		o.Unbound = true
		module := nativemodule.New(func(key string) (*device.Device, error) {
			options := o
			options.PublishableKey = key
			return options.Open(store)
		}, o.Tracer)
		return openedModule{h.keep(moduleCallee{module, o.Tracer})}, nil
	})
}

// moduleCallee is a native module behind a handle.
type moduleCallee struct {
	m     *nativemodule.Module
	trace *trace.Trace
}

func (c moduleCallee) close() error {
	c.m.Close()
	return nil
}

func (c moduleCallee) call(name, args string) (any, error) {
	var a moduleArguments
	if err := decode(args, &a); err != nil {
		return nil, err
	}
	run, ok := moduleMethods[name]
	if !ok {
		return nil, usage("a native module has no method %.40q", name)
	}
	ctx, cancel := bounded(a.TimeoutMS)
	defer cancel()
	result, err := run(ctx, c.m, a)
	return result, coded(err)
}

func (c moduleCallee) follow(topic string) (*watch, error) {
	switch topic {
	case nativemodule.AuthStateChange, nativemodule.ClientChanged, nativemodule.AuthFlowChanged, nativemodule.VerdictChanged:
	case nativemodule.Traced:
		return newWatch(func(ctx context.Context, give func(next) bool) {
			for line := range c.trace.Follow(ctx) {
				if !give(next{Event: &nativemodule.Event{Name: topic, Payload: line}}) {
					return
				}
			}
		}), nil
	default:
		return nil, usage("a native module has no event %.40q", topic)
	}
	listener := c.m.Listen(topic)
	return newWatch(func(ctx context.Context, give func(next) bool) {
		defer listener.Remove()
		for {
			event, more, err := listener.Next(ctx)
			if err != nil || !more || !give(next{Event: &event}) {
				return
			}
		}
	}), nil
}

// coded adds the code under which the script's side knows the failure.
func coded(err error) error {
	if err == nil {
		return nil
	}
	failure := *bindings.FailureOf(err)
	for _, known := range []struct {
		err  error
		kind string
	}{
		{nativemodule.ErrNotInitialized, bindings.KindInvalid},
		{nativemodule.ErrConfigure, bindings.KindNotConfigured},
		{nativemodule.ErrSuperseded, bindings.KindSuperseded},
		{nativemodule.ErrUnsupported, bindings.KindUnsupported},
		{nativemodule.ErrToken, bindings.KindInvalid},
		{nativemodule.ErrTokenRefused, bindings.KindRefused},
	} {
		if errors.Is(err, known.err) {
			failure.Kind, failure.Code = known.kind, known.err.Error()
		}
	}
	return failure
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
