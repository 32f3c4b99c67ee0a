package auth

import (
	"io"
	"slices"
	"strings"
	"time"
)

// RoleSetID is rolset_…
type RoleSetID string

// NewRoleSetID returns a fresh role set identifier. It fails only when entropy does.
func NewRoleSetID(now time.Time, entropy io.Reader) (RoleSetID, error) {
	s, err := newID("rolset", now, entropy)
	return RoleSetID(s), err
}

// RoleSet is which roles the members of an organization can have. One is the
// initial one: that of every organization without another.
type RoleSet struct {
	ID          RoleSetID
	Version     int64  // compare-and-swap guard; zero means not stored yet
	Key         string // role_set:…; unique
	Name        string
	Description string
	Initial     bool
	Roles       []RoleID
	// DefaultRole is that of people who join without a role being named, and
	// CreatorRole that of creators. For the initial set the settings of the
	// instance name both.
	DefaultRole RoleID
	CreatorRole RoleID
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Has says whether the set holds the role.
func (s RoleSet) Has(id RoleID) bool { return slices.Contains(s.Roles, id) }

// Bounds of what an instance can define.
const (
	MaxRoleSets = 20
	MaxSetRoles = 10
)

// CheckRoleSetKey refuses keys other than role_set: and lower-case letters,
// digits and underscores. The error has code [CodeParamFormatInvalid].
func CheckRoleSetKey(key string) error {
	name, ok := strings.CutPrefix(key, "role_set:")
	if !ok || len(key) > maxKey || !keySegment(name) {
		return RefuseParam(CodeParamFormatInvalid, "key")
	}
	return nil
}

// RoleSetKeyOf makes a key of a name for who gave none.
func RoleSetKeyOf(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case b.Len() >= maxKey/2:
		case (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9'):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	stem := strings.Trim(b.String(), "_")
	if stem == "" {
		stem = "set"
	}
	return "role_set:" + stem
}

// RoleMove gives everybody in the organizations of a set another role, and
// everybody who is invited to one.
type RoleMove struct {
	Set      RoleSet // only ID and Initial are read
	From, To RoleID
}

// RoleSetMove gives the organizations of a set another one.
type RoleSetMove struct {
	From RoleSet // only ID and Initial are read
	To   RoleSetID
}
