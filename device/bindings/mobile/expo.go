package mobile

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/perennialauth/perennial/device/bindings"
	"github.com/perennialauth/perennial/device/bindings/jsonapi"
)

// ExpoModule is the native side of the published Expo SDK, as JSON: an app's
// glue forwards methods and events by name. docs/bindings.md lists them. Make
// one for a process, not one for each script that runs in it.
type ExpoModule struct {
	host   *jsonapi.Host
	handle int64
}

// ExpoListener is implemented by the glue. OnEvent is called from one thread at
// a time, never the app's main thread, with the payload as a JSON object.
type ExpoListener interface {
	OnEvent(payload string)
}

// OpenExpoModule makes the module. The options are those of the C interface,
// as a JSON object; store may be null unless they say "vault":"host".
func OpenExpoModule(options string, store Store) (*ExpoModule, error) {
	var kept *bindings.Store
	if store != nil {
		kept = hostStore(store)
	}
	m := &ExpoModule{host: &jsonapi.Host{}}
	var opened struct {
		Module int64 `json:"module"`
	}
	if err := result(m.host.OpenModule(options, kept), &opened); err != nil {
		return nil, failure(err)
	}
	m.handle = opened.Module
	return m, nil
}

// Call calls a method with its arguments as a JSON object and waits for the
// answer, {"ok":true,"result":…} or {"ok":false,"error":{…}}.
func (m *ExpoModule) Call(method, arguments string) string {
	return m.host.Call(m.handle, method, arguments)
}

// Listen calls the listener with what it missed of an event and then with every
// later one, in order, until the subscription or the module ends.
func (m *ExpoModule) Listen(event string, listener ExpoListener) (*Subscription, error) {
	var opened struct {
		Watch int64 `json:"watch"`
	}
	if err := result(m.host.Listen(m.handle, event), &opened); err != nil {
		return nil, failure(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { m.host.Unwatch(opened.Watch) })
	s := &Subscription{stop: stop}
	s.ended.Go(func() {
		for {
			var next struct {
				Event *struct {
					Payload json.RawMessage `json:"payload"`
				} `json:"event"`
				Over bool `json:"over"`
			}
			if result(m.host.Next(opened.Watch, -1), &next) != nil || next.Over || ctx.Err() != nil {
				return
			}
			if next.Event != nil && !tellEvent(listener, string(next.Event.Payload)) {
				stop()
				return
			}
		}
	})
	return s, nil
}

// Close ends the module. Nobody is signed out.
func (m *ExpoModule) Close() { m.host.Close(m.handle) }

// tellEvent ends the subscription of a listener that panics, and nothing else.
func tellEvent(listener ExpoListener, payload string) (alive bool) {
	defer func() { alive = recover() == nil }()
	listener.OnEvent(payload)
	return true
}

// result decodes an answer into what it holds.
func result(text string, into any) error {
	var a struct {
		OK     bool              `json:"ok"`
		Result json.RawMessage   `json:"result"`
		Error  *bindings.Failure `json:"error"`
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return err
	}
	if !a.OK {
		if a.Error == nil {
			return errors.New("an answer without a reason")
		}
		return *a.Error
	}
	if len(a.Result) == 0 {
		return nil
	}
	return json.Unmarshal(a.Result, into)
}
