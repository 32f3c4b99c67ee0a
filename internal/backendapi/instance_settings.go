package backendapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// LiveSettings changes the settings of the running instance: durable when it
// returns, refused as a whole with [auth.CodeParamInvalid].
type LiveSettings interface {
	Update(ctx context.Context, change func(*auth.Settings) error) (auth.Settings, error)
}

// settingsRoutes are the operations on the settings. Those under
// /v1/instance/settings are Perennial's own: the published API has no words for
// most of what an instance can be set to.
func (a *API) settingsRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/instance/settings":       a.getSettings,
		"PATCH /v1/instance/settings":     a.updateSettings,
		"PATCH /v1/instance":              a.updateInstance,
		"PATCH /v1/instance/restrictions": a.updateRestrictions,

		"PATCH /v1/beta_features/instance_settings": a.updateAuthConfig,
	}
}

type settingsJSON struct {
	Object string `json:"object"`
	auth.Settings
}

func (a *API) getSettings(http.ResponseWriter, *http.Request) (any, error) {
	return settingsJSON{"instance_settings", a.Settings().WithoutSecrets()}, nil
}

// updateSettings lays the given members over the settings. A name that means
// nothing is refused.
func (a *API) updateSettings(w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := respond.Body(w, r)
	if err != nil {
		return nil, err
	}
	set, err := a.Live.Update(r.Context(), func(s *auth.Settings) (err error) {
		*s, err = s.Configured(json.RawMessage(body))
		return err
	})
	if err != nil {
		return nil, err
	}
	return settingsJSON{"instance_settings", set.WithoutSecrets()}, nil
}

// updateInstance takes the published names. Those that this server has nothing
// to do with are refused rather than ignored: somebody relies on them.
func (a *API) updateInstance(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"test_mode", "hibp", "development_origin", "allowed_origins", "clerk_js_version"} {
		if f.Has(name) {
			f.Fail(auth.CodeParamUnknown, name)
		}
	}
	support := f.Optional("support_email")
	if err := f.Err(); err != nil {
		return nil, err
	}
	_, err = a.Live.Update(r.Context(), func(s *auth.Settings) error {
		if support == nil {
			return nil
		}
		s.SupportEmail = *support
		if *support == "" {
			return nil
		}
		_, err := auth.NormalizeEmail(*support, "support_email")
		return err
	})
	if err != nil {
		return nil, err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil, errAnswered
}

type restrictionsJSON struct {
	Object                 string `json:"object"`
	AllowList              bool   `json:"allowlist"`
	BlockList              bool   `json:"blocklist"`
	DisabledOnSignIn       bool   `json:"allowlist_blocklist_disabled_on_sign_in"`
	BlockEmailSubaddresses bool   `json:"block_email_subaddresses"`
	BlockDisposableDomains bool   `json:"block_disposable_email_domains"`
}

func (a *API) updateRestrictions(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	given := map[string]*bool{}
	for _, name := range []string{
		"allowlist", "blocklist", "allowlist_blocklist_disabled_on_sign_in", "block_email_subaddresses", "block_disposable_email_domains",
	} {
		given[name] = f.OptionalBool(name)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	set, err := a.Live.Update(r.Context(), func(s *auth.Settings) error {
		for name, to := range map[string]*bool{
			"allowlist": &s.Restrictions.AllowList, "blocklist": &s.Restrictions.BlockList,
			"allowlist_blocklist_disabled_on_sign_in": &s.Restrictions.IgnoreOnSignIn,
			"block_email_subaddresses":                &s.Restrictions.BlockEmailSubaddresses,
			"block_disposable_email_domains":          &s.Restrictions.BlockDisposableDomains,
		} {
			if given[name] != nil {
				*to = *given[name]
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	now := set.Restrictions
	return restrictionsJSON{
		"instance_restrictions", now.AllowList, now.BlockList, now.IgnoreOnSignIn, now.BlockEmailSubaddresses, now.BlockDisposableDomains,
	}, nil
}
