package auth

import (
	"slices"
	"strings"
	"time"
)

// Permissions that this server checks itself. Those whose feature begins with
// sys_ are not put into tokens.
const (
	PermManageProfile     = "org:sys_profile:manage"
	PermDeleteProfile     = "org:sys_profile:delete"
	PermReadMemberships   = "org:sys_memberships:read"
	PermManageMemberships = "org:sys_memberships:manage"
	PermReadDomains       = "org:sys_domains:read"
	PermManageDomains     = "org:sys_domains:manage"
)

// systemPrefix begins the keys of permissions that instances cannot define.
const systemPrefix = "org:sys_"

// MinimumPermissions are what at least one member of every organization has,
// so that somebody can always manage it.
var MinimumPermissions = []string{PermManageProfile, PermManageMemberships, PermReadMemberships}

// Keys and identifiers of the roles that exist from the start.
const (
	RoleKeyAdmin         = "org:admin"
	RoleKeyMember        = "org:member"
	RoleAdmin     RoleID = "role_organizationadmin"
	RoleMember    RoleID = "role_organizationmember"
)

// Role is a named set of permissions.
type Role struct {
	ID          RoleID
	Version     int64  // compare-and-swap guard; zero means not stored yet
	Key         string // org:…; unique
	Name        string
	Description string
	Permissions []string // keys, sorted
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Has says whether the role carries the permission with this key.
func (r Role) Has(key string) bool { return slices.Contains(r.Permissions, key) }

// System says whether the role exists from the start: it keeps its key and
// cannot be deleted.
func (r Role) System() bool { return r.ID == RoleAdmin || r.ID == RoleMember }

// Manages says whether the role carries [MinimumPermissions]. Only such a role
// can be given to the creator of an organization.
func (r Role) Manages() bool {
	return !slices.ContainsFunc(MinimumPermissions, func(p string) bool { return !r.Has(p) })
}

// Permission is one thing that members with the right role may do.
type Permission struct {
	ID          PermissionID
	Version     int64  // compare-and-swap guard; zero means not stored yet
	Key         string // org:feature:action; unique
	Name        string
	Description string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// System says whether the permission is one that this server checks itself.
func (p Permission) System() bool { return strings.HasPrefix(p.Key, systemPrefix) }

// Bounds of what an instance can define.
const (
	MaxRoles       = 50
	MaxPermissions = 60  // each has a bit in a token
	maxKey         = 120 // bytes
	maxName        = 256 // characters
)

// CheckRoleKey refuses keys other than org: and lower-case letters, digits and
// underscores. The error has code [CodeParamFormatInvalid].
func CheckRoleKey(key string) error {
	name, ok := strings.CutPrefix(key, "org:")
	if !ok || len(key) > maxKey || !keySegment(name) {
		return RefuseParam(CodeParamFormatInvalid, "key")
	}
	return nil
}

// CheckPermissionKey refuses keys that are not org:feature:action, and those of
// system permissions. The error has code [CodeParamFormatInvalid].
func CheckPermissionKey(key string) error {
	parts := strings.Split(key, ":")
	if len(parts) != 3 || parts[0] != "org" || len(key) > maxKey || !keySegment(parts[1]) || !keySegment(parts[2]) ||
		strings.HasPrefix(key, systemPrefix) {
		return RefuseParam(CodeParamFormatInvalid, "key")
	}
	return nil
}

func keySegment(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != ""
}

// Catalogue is all roles, permissions and role sets, oldest first. There are few.
type Catalogue struct {
	Roles       []Role
	Permissions []Permission
	Sets        []RoleSet
}

// Role returns the role with this id, and whether there is one.
func (c Catalogue) Role(id RoleID) (Role, bool) {
	i := slices.IndexFunc(c.Roles, func(r Role) bool { return r.ID == id })
	if i < 0 {
		return Role{}, false
	}
	return c.Roles[i], true
}

// Set is the role set of an organization.
func (c Catalogue) Set(o Organization) RoleSet {
	var initial RoleSet
	for _, s := range c.Sets {
		if s.ID == o.RoleSet {
			return s
		}
		if s.Initial {
			initial = s
		}
	}
	return initial
}

// In are the roles of a set, in the order of the catalogue.
func (c Catalogue) In(s RoleSet) []Role {
	return slices.DeleteFunc(slices.Clone(c.Roles), func(r Role) bool { return !s.Has(r.ID) })
}

// Permission returns the permission with this key, made up from the key when
// there is none any more.
func (c Catalogue) Permission(key string) Permission {
	for _, p := range c.Permissions {
		if p.Key == key {
			return p
		}
	}
	return Permission{Key: key, Name: key}
}
