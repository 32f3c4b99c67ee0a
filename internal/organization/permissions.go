package organization

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// PermissionEdit is what to set of a permission; nil leaves it as it is.
type PermissionEdit struct {
	Name        *string
	Key         *string
	Description *string
}

// GetPermission returns a permission.
func (s *Roles) GetPermission(ctx context.Context, id auth.PermissionID) (auth.Permission, error) {
	c, err := s.Catalogue(ctx)
	if err != nil {
		return auth.Permission{}, err
	}
	return permissionIn(c, id)
}

// CreatePermission makes a permission, which no role carries yet.
func (s *Roles) CreatePermission(ctx context.Context, in PermissionEdit) (out auth.Permission, err error) {
	c, err := s.Catalogue(ctx)
	if err != nil {
		return out, err
	}
	if len(c.Permissions) >= auth.MaxPermissions {
		return out, auth.Refuse(auth.CodeOrgPermissionQuota)
	}
	if in.Name == nil || in.Key == nil {
		return out, auth.RefuseParam(auth.CodeParamMissing, map[bool]string{true: "name", false: "key"}[in.Name == nil])
	}
	now := s.Now()
	out.CreatedAt = now
	if out.ID, err = auth.NewPermissionID(now, s.Entropy); err != nil {
		return out, err
	}
	if out, err = s.editedPermission(out, in); err != nil {
		return out, err
	}
	return out, refuseTaken(s.Store.Commit(ctx, auth.Change{Organizations: auth.OrganizationChange{Permissions: []auth.Permission{out}}}))
}

func (s *Roles) editedPermission(p auth.Permission, in PermissionEdit) (_ auth.Permission, err error) {
	if in.Name != nil {
		if p.Name, err = label(*in.Name, "name"); err != nil {
			return p, err
		}
	}
	if in.Description != nil {
		if p.Description = strings.TrimSpace(*in.Description); utf8.RuneCountInString(p.Description) > maxDescription {
			return p, auth.RefuseParam(auth.CodeParamTooLong, "description")
		}
	}
	if in.Key != nil && *in.Key != p.Key {
		if err := auth.CheckPermissionKey(*in.Key); err != nil {
			return p, err
		}
		p.Key = *in.Key
	}
	p.UpdatedAt = s.Now()
	return p, nil
}

// UpdatePermission changes a permission, and its key in every role that carries
// it. System permissions stay as they are.
func (s *Roles) UpdatePermission(ctx context.Context, id auth.PermissionID, in PermissionEdit) (out auth.Permission, err error) {
	err = s.onPermission(ctx, id, func(p auth.Permission, c auth.Catalogue) (ch auth.OrganizationChange, err error) {
		if out, err = s.editedPermission(p, in); err != nil {
			return ch, err
		}
		ch.Permissions = []auth.Permission{out}
		if out.Key != p.Key {
			ch.Roles = s.carriers(c, p.Key, out.Key)
		}
		return ch, nil
	})
	return out, err
}

// DeletePermission deletes a permission and takes it from every role. System
// permissions stay.
func (s *Roles) DeletePermission(ctx context.Context, id auth.PermissionID) error {
	return s.onPermission(ctx, id, func(p auth.Permission, c auth.Catalogue) (auth.OrganizationChange, error) {
		return auth.OrganizationChange{DeletedPermissions: []auth.Permission{p}, Roles: s.carriers(c, p.Key, "")}, nil
	})
}

// carriers are the roles that carry a permission, with another key in its
// place, or without it when that is empty.
func (s *Roles) carriers(c auth.Catalogue, from, to string) (out []auth.Role) {
	for _, r := range c.Roles {
		if !r.Has(from) {
			continue
		}
		r.Permissions = slices.DeleteFunc(slices.Clone(r.Permissions), func(key string) bool { return key == from })
		if to != "" {
			r.Permissions = append(r.Permissions, to)
			slices.Sort(r.Permissions)
		}
		r.UpdatedAt = s.Now()
		out = append(out, r)
	}
	return out
}

func (s *Roles) onPermission(
	ctx context.Context, id auth.PermissionID, decide func(auth.Permission, auth.Catalogue) (auth.OrganizationChange, error),
) error {
	return refuseTaken(auth.Retry(func() error {
		c, err := s.Catalogue(ctx)
		if err != nil {
			return err
		}
		p, err := permissionIn(c, id)
		if err != nil {
			return err
		}
		if p.System() {
			return auth.Refuse(auth.CodeOrgPermissionSystem)
		}
		ch, err := decide(p, c)
		if err != nil {
			return err
		}
		return s.Store.Commit(ctx, auth.Change{Organizations: ch})
	}))
}
