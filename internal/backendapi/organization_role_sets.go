package backendapi

import (
	"encoding/json"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
)

// roleSetJSON is a role set.
type roleSetJSON struct {
	Object      string         `json:"object"` // "role_set"
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Key         string         `json:"key"`
	Description *string        `json:"description"`
	Roles       []roleItemJSON `json:"roles"`
	DefaultRole *roleItemJSON  `json:"default_role"`
	CreatorRole *roleItemJSON  `json:"creator_role"`
	Type        string         `json:"type"` // "initial" or "custom"
	CreatedAt   int64          `json:"created_at"`
	UpdatedAt   int64          `json:"updated_at"`
}

// roleItemJSON is a role in a set.
type roleItemJSON struct {
	Object      string  `json:"object"` // "role_set_item"
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Key         string  `json:"key"`
	Description *string `json:"description"`
	CreatedAt   int64   `json:"created_at"`
	UpdatedAt   int64   `json:"updated_at"`
}

func toRoleItem(r auth.Role) roleItemJSON {
	return roleItemJSON{
		Object: "role_set_item", ID: string(r.ID), Name: r.Name, Key: r.Key, Description: respond.OrNull(r.Description),
		CreatedAt: r.CreatedAt.UnixMilli(), UpdatedAt: r.UpdatedAt.UnixMilli(),
	}
}

func toRoleSet(s auth.RoleSet, c auth.Catalogue) roleSetJSON {
	out := roleSetJSON{
		Object: "role_set", ID: string(s.ID), Name: s.Name, Key: s.Key, Description: respond.OrNull(s.Description),
		Roles: []roleItemJSON{}, Type: "custom", CreatedAt: s.CreatedAt.UnixMilli(), UpdatedAt: s.UpdatedAt.UnixMilli(),
	}
	if s.Initial {
		out.Type = "initial"
	}
	for _, r := range c.In(s) {
		item := toRoleItem(r)
		out.Roles = append(out.Roles, item)
		if r.ID == s.DefaultRole {
			out.DefaultRole = &item
		}
		if r.ID == s.CreatorRole {
			out.CreatorRole = &item
		}
	}
	return out
}

func answerRoleSet(s auth.RoleSet, c auth.Catalogue, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return toRoleSet(s, c), nil
}

func (a *API) listRoleSets(_ http.ResponseWriter, r *http.Request) (any, error) {
	c, err := a.Organizations.Roles.Catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	f := query(r)
	page, total := few(f, c.Sets, func(s auth.RoleSet) named { return named{string(s.ID), s.Name, s.Key, s.CreatedAt} })
	if err := f.Err(); err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, func(s auth.RoleSet) roleSetJSON { return toRoleSet(s, c) }), nil
}

// roleSetEdit reads what to set of a role set.
func roleSetEdit(f *respond.Form) organization.RoleSetEdit {
	in := organization.RoleSetEdit{
		Name: f.Optional("name"), Key: f.Optional("key"), Description: f.Optional("description"), Roles: f.Strings("roles"),
		DefaultRole: given(f, "default_role_key"), CreatorRole: given(f, "creator_role_key"),
	}
	switch f.String("type") {
	case "initial":
		in.Initial = true
	case "", "custom":
	default:
		f.Fail(auth.CodeParamInvalid, "type")
	}
	return in
}

// given is a parameter that is there and not empty, or nil.
func given(f *respond.Form, name string) *string {
	if s := f.Optional(name); s != nil && *s != "" {
		return s
	}
	return nil
}

func (a *API) createRoleSet(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := roleSetEdit(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return answerRoleSet(a.Organizations.Roles.CreateSet(r.Context(), in))
}

func (a *API) getRoleSet(_ http.ResponseWriter, r *http.Request) (any, error) {
	return answerRoleSet(a.Organizations.Roles.GetSet(r.Context(), r.PathValue("role_set_key_or_id")))
}

func (a *API) updateRoleSet(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := roleSetEdit(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return answerRoleSet(a.Organizations.Roles.UpdateSet(r.Context(), r.PathValue("role_set_key_or_id"), in))
}

func (a *API) addRolesToSet(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	keys := f.Strings("role_keys")
	in := organization.RoleSetEdit{DefaultRole: given(f, "default_role_key"), CreatorRole: given(f, "creator_role_key")}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return answerRoleSet(a.Organizations.Roles.AddRoles(r.Context(), r.PathValue("role_set_key_or_id"), keys, in))
}

func (a *API) replaceRoleInSet(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	from, to := f.Required("role_key"), f.Required("to_role_key")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return answerRoleSet(a.Organizations.Roles.ReplaceRole(r.Context(), r.PathValue("role_set_key_or_id"), from, to))
}

func (a *API) replaceRoleSet(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	by := f.Required("dest_role_set_key")
	mapping := map[string]string{}
	if raw, ok := f.Object("reassignment_mappings"); ok && json.Unmarshal(raw, &mapping) != nil {
		f.Fail(auth.CodeParamInvalid, "reassignment_mappings")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	gone, err := a.Organizations.Roles.ReplaceSet(r.Context(), r.PathValue("role_set_key_or_id"), by, mapping)
	if err != nil {
		return nil, err
	}
	return deleted("role_set", string(gone.ID)), nil
}
