package token

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrganizationClaim(t *testing.T) {
	t.Parallel()
	many := []string{"org:a:read"}
	for n := range 70 {
		many = append(many, fmt.Sprintf("org:z:act%02d", n))
	}
	for name, test := range map[string]struct {
		permissions        []string
		features, per, fpm string
	}{
		"none":                             {nil, "", "", ""},
		"system permissions are not told":  {[]string{"org:sys_memberships:read", "org:sys_profile:manage"}, "", "", ""},
		"one":                              {[]string{"org:invoices:create"}, "o:invoices", "create", "1"},
		"one feature, two actions":         {[]string{"org:invoices:read", "org:invoices:create"}, "o:invoices", "create,read", "3"},
		"two features share an action":     {[]string{"org:teams:read", "org:invoices:read"}, "o:invoices,o:teams", "read", "1,1"},
		"features with different actions":  {[]string{"org:a:x", "org:b:y", "org:b:x"}, "o:a,o:b", "x,y", "1,3"},
		"repeated and of another shape":    {[]string{"org:a:x", "org:a:x", "org:a"}, "o:a", "x", "1"},
		"more actions than a number holds": {many, "o:a,o:z", "", fmt.Sprintf("1,%d", uint64(1)<<62-2)},
	} {
		o := &Organization{ID: "org_1", Slug: "acme", Role: "org:admin", Permissions: test.permissions}
		c, features := o.claim()
		got := []string{features, c.Actions, c.Mapping, c.Role}
		want := []string{test.features, test.per, test.fpm, "admin"}
		if test.per == "" && test.fpm != "" {
			want[1] = c.Actions
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: mismatch (-want +got)\n%s", name, diff)
		}
	}
}
