package instance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/livevalue"
)

// valueName is where the changes are stored.
const valueName = "settings"

// Live are the settings as they are now. It is safe for concurrent use, and
// reading costs nothing: published documents and rules ask all the time.
//
// Only what differs from the start is stored, so that a setting nobody changed
// still follows the configuration of the next start.
type Live struct {
	base  auth.Settings
	value *livevalue.Value[auth.Settings]
	seal  func(name, secret string) (string, error) // see [Live.SealSecrets]
}

// SealSecrets makes changed client secrets of providers pass through seal
// before they are stored. It is called before the settings are used.
func (l *Live) SealSecrets(seal func(name, secret string) (string, error)) { l.seal = seal }

// sealed are the settings with what must not be stored readable sealed. A secret
// of the configuration is not stored at all.
func (l *Live) sealed(s auth.Settings) (auth.Settings, error) {
	social := maps.Clone(s.Social)
	for name, p := range social {
		if p.ClientSecret == "" || p.ClientSecret == l.base.Social[name].ClientSecret {
			continue
		}
		if l.seal == nil {
			return s, errors.New("instance: internal error: nothing seals client secrets")
		}
		secret, err := l.seal(name, p.ClientSecret)
		if err != nil {
			return s, err
		}
		p.ClientSecret = secret
		social[name] = p
	}
	s.Social = social
	return s, nil
}

// Open returns the settings of base with the stored changes over them.
func Open(ctx context.Context, store livevalue.Store, base auth.Settings) (*Live, error) {
	if err := base.Check(); err != nil {
		return nil, err
	}
	value, err := livevalue.Open(ctx, store, livevalue.Coding[auth.Settings]{
		Name: valueName,
		Decode: func(stored []byte) (auth.Settings, error) {
			if stored == nil {
				return base, nil
			}
			now, err := base.With(stored)
			if err != nil {
				return now, fmt.Errorf("do not fit the configuration: %w", err)
			}
			return now, nil
		},
		Encode: func(now auth.Settings) ([]byte, error) { return difference(base, now) },
	})
	if err != nil {
		return nil, err
	}
	return &Live{base: base, value: value}, nil
}

// Settings are the settings as they are now.
func (l *Live) Settings() auth.Settings { return l.value.Now() }

// Update changes the settings and makes the change durable before it is seen.
// Change is called again when another change came in between. What cannot be
// used is refused with [auth.CodeParamInvalid] and changes nothing.
func (l *Live) Update(ctx context.Context, change func(*auth.Settings) error) (auth.Settings, error) {
	return l.value.Update(ctx, func(now auth.Settings) (auth.Settings, error) {
		if err := change(&now); err != nil {
			return now, err
		}
		if err := now.Check(); err != nil {
			return now, err
		}
		return l.sealed(now)
	})
}

// difference is the JSON object of what now has other than base.
func difference(base, now auth.Settings) ([]byte, error) {
	was, err := members(base)
	if err != nil {
		return nil, err
	}
	is, err := members(now)
	if err != nil {
		return nil, err
	}
	return json.Marshal(differing(was, is))
}

func differing(was, is map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range is {
		if reflect.DeepEqual(was[name], value) {
			continue
		}
		before, wasObject := was[name].(map[string]any)
		after, isObject := value.(map[string]any)
		if wasObject && isObject {
			value = differing(before, after)
		}
		out[name] = value
	}
	return out
}

func members(s auth.Settings) (map[string]any, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out map[string]any
	return out, d.Decode(&out)
}
