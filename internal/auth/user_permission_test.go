package auth_test

import (
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	all := auth.DefaultSettings()
	none := all
	none.DeleteSelf, none.Organizations.Create = false, false
	off := all
	off.Organizations.Enabled = false
	for _, tt := range []struct {
		name                string
		set                 auth.Settings
		user                auth.Permissions
		mayDelete, mayFound bool
		limit               int
	}{
		{"as the instance has it", all, auth.Permissions{}, true, true, 100},
		{"as an instance without has it", none, auth.Permissions{}, false, false, 100},
		{"not this user", all, auth.Permissions{DeleteSelf: auth.Forbidden, CreateOrganization: auth.Forbidden}, false, false, 100},
		{"only this user", none, auth.Permissions{DeleteSelf: auth.Allowed, CreateOrganization: auth.Allowed}, true, true, 100},
		{"no organizations at all", off, auth.Permissions{CreateOrganization: auth.Allowed}, true, false, 100},
		{"a limit", all, auth.Permissions{OrganizationLimit: 2, OrganizationsLimited: true}, true, true, 2},
		{"no limit", all, auth.Permissions{OrganizationsLimited: true}, true, true, 0},
	} {
		u := auth.User{Permissions: tt.user}
		if tt.set.MayDeleteSelf(u) != tt.mayDelete || tt.set.Organizations.MayCreate(u) != tt.mayFound || tt.set.Organizations.LimitOf(u) != tt.limit {
			t.Errorf("%s: %v %v %d", tt.name, tt.set.MayDeleteSelf(u), tt.set.Organizations.MayCreate(u), tt.set.Organizations.LimitOf(u))
		}
	}
}
