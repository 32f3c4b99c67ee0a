package webhook

import (
	"context"
	"errors"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

// View reads records as they are after a change that is not committed yet.
type View struct {
	change auth.Change
	store  Store
}

// User returns the user with this id, or an empty one that has only it where
// the user is gone: a membership ends with its user.
func (v View) User(ctx context.Context, id auth.UserID) (auth.User, error) {
	for _, u := range v.change.Users {
		if u.ID == id {
			return u, nil
		}
	}
	u, err := v.store.User(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.User{ID: id}, nil
	}
	return u, err
}

// Organization returns the organization with this id, or an empty one that has
// only it where the organization is gone.
func (v View) Organization(ctx context.Context, id auth.OrganizationID) (auth.Organization, error) {
	for _, o := range v.change.Organizations.Organizations {
		if o.ID == id {
			return o, nil
		}
	}
	o, err := v.store.Organization(ctx, id)
	if errors.Is(err, auth.ErrNotFound) {
		return auth.Organization{ID: id}, nil
	}
	return o, err
}

// Catalogue returns all roles and permissions.
func (v View) Catalogue(ctx context.Context) (auth.Catalogue, error) {
	roles, err := v.store.Roles(ctx)
	if err != nil {
		return auth.Catalogue{}, err
	}
	permissions, err := v.store.Permissions(ctx)
	if err != nil {
		return auth.Catalogue{}, err
	}
	return auth.Catalogue{
		Roles:       append(slices.Clone(v.change.Organizations.Roles), roles...),
		Permissions: append(slices.Clone(v.change.Organizations.Permissions), permissions...),
	}, nil
}

// Role returns the role with this id, or an empty one that has only it.
func (v View) Role(ctx context.Context, id auth.RoleID) (auth.Role, error) {
	c, err := v.Catalogue(ctx)
	if err != nil {
		return auth.Role{}, err
	}
	if i := slices.IndexFunc(c.Roles, func(r auth.Role) bool { return r.ID == id }); i >= 0 {
		return c.Roles[i], nil
	}
	return auth.Role{ID: id}, nil
}

// Joining returns the user whom the change makes a member of the organization,
// or nothing.
func (v View) Joining(id auth.OrganizationID) auth.UserID {
	for _, m := range v.change.Organizations.Memberships {
		if m.Organization == id && m.Version == 0 {
			return m.User
		}
	}
	return ""
}
