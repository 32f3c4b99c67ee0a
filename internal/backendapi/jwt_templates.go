package backendapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
	"github.com/perennialauth/perennial/wire"
)

// templateRoutes manage what tokens for third parties contain.
func (a *API) templateRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/jwt_templates":                  a.listJWTTemplates,
		"POST /v1/jwt_templates":                 a.createJWTTemplate,
		"GET /v1/jwt_templates/{template_id}":    a.getJWTTemplate,
		"PATCH /v1/jwt_templates/{template_id}":  a.updateJWTTemplate,
		"DELETE /v1/jwt_templates/{template_id}": a.deleteJWTTemplate,
	}
}

// jwtTemplateJSON never shows the key.
type jwtTemplateJSON struct {
	Object           string          `json:"object"`
	ID               string          `json:"id"`
	Name             string          `json:"name"`
	Claims           json.RawMessage `json:"claims"`
	Lifetime         int64           `json:"lifetime"`           // seconds
	AllowedClockSkew int64           `json:"allowed_clock_skew"` // seconds
	CustomSigningKey bool            `json:"custom_signing_key"`
	SigningAlgorithm string          `json:"signing_algorithm"`
	CreatedAt        int64           `json:"created_at"`
	UpdatedAt        int64           `json:"updated_at"`
}

func toJWTTemplate(t auth.JWTTemplate) jwtTemplateJSON {
	return jwtTemplateJSON{
		Object: "jwt_template", ID: string(t.ID), Name: t.Name, Claims: t.Claims,
		Lifetime: int64(t.Lifetime / time.Second), AllowedClockSkew: int64(t.ClockSkew / time.Second),
		CustomSigningKey: t.SealedKey != nil, SigningAlgorithm: t.Algorithm,
		CreatedAt: t.CreatedAt.UnixMilli(), UpdatedAt: t.UpdatedAt.UnixMilli(),
	}
}

// jwtTemplateAnswer is the answer of every operation on one template.
func jwtTemplateAnswer(t auth.JWTTemplate, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return toJWTTemplate(t), nil
}

func jwtTemplateID(r *http.Request) (auth.JWTTemplateID, error) {
	return pathID[auth.JWTTemplateID](r, "template_id", "jtmp")
}

func (a *API) listJWTTemplates(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query(r)
	limit, offset := page(q)
	q.OptionalBool("paginated")
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, total, err := a.Templates.List(r.Context(), limit, offset)
	if err != nil {
		return nil, err
	}
	out := make([]jwtTemplateJSON, 0, len(found))
	for _, t := range found {
		out = append(out, toJWTTemplate(t))
	}
	return pageOrArray(q, out, total), nil
}

func (a *API) createJWTTemplate(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	f.Required("name")
	if !f.Has("claims") {
		f.Fail(auth.CodeParamMissing, "claims")
	}
	fields := templateFields(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return jwtTemplateAnswer(a.Templates.Create(r.Context(), fields))
}

func (a *API) getJWTTemplate(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jwtTemplateID(r)
	if err != nil {
		return nil, err
	}
	return jwtTemplateAnswer(a.Templates.Get(r.Context(), id))
}

// updateJWTTemplate changes what is sent and leaves the rest.
func (a *API) updateJWTTemplate(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jwtTemplateID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	fields := templateFields(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return jwtTemplateAnswer(a.Templates.Update(r.Context(), id, fields))
}

func (a *API) deleteJWTTemplate(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := jwtTemplateID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Templates.Delete(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("jwt_template", string(id)), nil
}

func templateFields(f *respond.Form) session.TemplateFields {
	out := session.TemplateFields{
		Name: f.Optional("name"), CustomKey: f.OptionalBool("custom_signing_key"),
		Algorithm: given(f, "signing_algorithm"), Key: given(f, "signing_key"),
		Lifetime:  seconds(f, "lifetime", auth.MinJWTLifetime, auth.MaxJWTLifetime),
		ClockSkew: seconds(f, "allowed_clock_skew", 0, auth.MaxJWTClockSkew),
	}
	out.Claims, _ = f.Object("claims")
	return out
}

// seconds reads an optional number of seconds within bounds.
func seconds(f *respond.Form, name string, least, most time.Duration) *time.Duration {
	if f.OptionalInt(name) == nil {
		return nil
	}
	d := time.Second * time.Duration(f.Bounded(name, 0, int64(least/time.Second), int64(most/time.Second)))
	return &d
}

// createTemplateToken answers with a token of a session that a template
// describes.
func (a *API) createTemplateToken(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := sessionID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	lifetime := tokenLifetime(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	signed, err := a.Sessions.TemplateToken(r.Context(), id, r.PathValue("template_name"), lifetime)
	if err != nil {
		return nil, err
	}
	return wire.Token{Object: "token", JWT: signed.JWT}, nil
}

// tokenLifetime is how long a token is asked to be valid, zero for the usual
// time.
func tokenLifetime(f *respond.Form) time.Duration {
	if d := seconds(f, "expires_in_seconds", minTokenLifetime, maxTokenLifetime); d != nil {
		return *d
	}
	return 0
}
