package auth

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var orgNow = time.UnixMilli(1_790_000_000_000)

// TestOrgOperations holds the table of operations against the published meaning
// of each: what a role needs, and that nothing less will do.
func TestOrgOperations(t *testing.T) {
	t.Parallel()
	anybody := []OrgOperation{OrgRead, OrgLeave, OrgListRoles}
	needs := map[OrgOperation]string{
		OrgUpdate: PermManageProfile, OrgChangeLogo: PermManageProfile, OrgDelete: PermDeleteProfile,
		OrgListMembers: PermReadMemberships, OrgAddMember: PermManageMemberships, OrgChangeMember: PermManageMemberships,
		OrgRemoveMember: PermManageMemberships, OrgListInvitations: PermManageMemberships, OrgInvite: PermManageMemberships,
		OrgRevokeInvitation: PermManageMemberships, OrgListRequests: PermManageMemberships, OrgAnswerRequest: PermManageMemberships,
		OrgListDomains: PermReadDomains, OrgChangeDomains: PermManageDomains,
	}
	all := []string{
		PermManageProfile, PermDeleteProfile, PermReadMemberships, PermManageMemberships, PermReadDomains, PermManageDomains,
	}
	deletable := Organization{AdminDelete: true}
	for _, op := range anybody {
		if err := (Belonging{Organization: deletable}).Allow(op); err != nil {
			t.Errorf("operation %d needs more than membership: %v", op, err)
		}
	}
	for op, needed := range needs {
		if err := (Belonging{Organization: deletable, Role: Role{Permissions: []string{needed}}}).Allow(op); err != nil {
			t.Errorf("operation %d with %s: %v", op, needed, err)
		}
		others := []string{}
		for _, p := range all {
			if p != needed {
				others = append(others, p)
			}
		}
		if err := (Belonging{Organization: deletable, Role: Role{Permissions: others}}).Allow(op); !errors.Is(err, Refuse(CodeOrgPermissionMissing)) {
			t.Errorf("operation %d with everything but %s: %v", op, needed, err)
		}
	}
	if n := len(anybody) + len(needs); n != len(orgPermissions) || n != int(OrgChangeDomains)+1 {
		t.Errorf("%d operations are tested, %d are in the table", n, len(orgPermissions))
	}
	if err := (Belonging{Role: Role{Permissions: all}}).Allow(OrgChangeDomains + 1); err == nil {
		t.Error("an operation without a row is allowed")
	}
	if err := (Belonging{Role: Role{Permissions: all}}).Allow(OrgDelete); !errors.Is(err, Refuse(CodeOrgDeleteForbidden)) {
		t.Errorf("deleting what members cannot delete: %v", err)
	}
}

func TestAllowRole(t *testing.T) {
	t.Parallel()
	manager := Belonging{Role: Role{Permissions: []string{PermManageMemberships, PermReadMemberships, "org:a:b"}}}
	for name, test := range map[string]struct {
		role Role
		ok   bool
	}{
		"nothing":                     {Role{}, true},
		"what the manager has":        {Role{Permissions: []string{PermReadMemberships}}, true},
		"another system permission":   {Role{Permissions: []string{PermManageProfile}}, false},
		"a permission of the app":     {Role{Permissions: []string{"org:billing:pay"}}, true},
		"the role of administrators":  {Role{Permissions: append([]string{PermDeleteProfile}, MinimumPermissions...)}, false},
		"the same role as their own":  {manager.Role, true},
		"one of each, one above them": {Role{Permissions: []string{"org:a:b", PermManageDomains}}, false},
	} {
		if err := manager.AllowRole(test.role); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMembershipRules(t *testing.T) {
	t.Parallel()
	admin, member := Role{Permissions: MinimumPermissions}, Role{Permissions: []string{PermReadMemberships}}
	full := Organization{MaxMemberships: 2, Members: 2}
	if _, err := full.Grown(orgNow); !errors.Is(err, Refuse(CodeOrgMembershipQuota)) {
		t.Errorf("a full organization grows: %v", err)
	}
	if o, err := (Organization{Members: 2}).Grown(orgNow); err != nil || o.Members != 3 {
		t.Errorf("without a limit: %+v, %v", o, err)
	}
	for name, test := range map[string]struct {
		o           Organization
		invitations int
		want        error
	}{
		"room":                {Organization{MaxMemberships: 5, Members: 2, Pending: 1}, 2, nil},
		"open ones count":     {Organization{MaxMemberships: 5, Members: 2, Pending: 2}, 2, Refuse(CodeOrgMembershipQuota)},
		"no limit":            {Organization{Members: 99, Pending: 99}, 10, nil},
		"too many open":       {Organization{Pending: MaxPendingInvitations}, 1, Refuse(CodeOrgInvitationQuota)},
		"exactly as many":     {Organization{Pending: MaxPendingInvitations - 1}, 1, nil},
		"exactly full":        {Organization{MaxMemberships: 3, Members: 2}, 1, nil},
		"full with none open": {Organization{MaxMemberships: 2, Members: 2}, 1, Refuse(CodeOrgMembershipQuota)},
	} {
		if err := test.o.RoomFor(test.invitations); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	for name, test := range map[string]struct {
		from     Role
		managers int
		ok       bool
	}{
		"a member leaves":                       {member, 0, true},
		"one of two administrators leaves":      {admin, 1, true},
		"the last administrator does not leave": {admin, 0, false},
	} {
		o, err := Organization{Members: 2}.Shrunk(test.from, test.managers, orgNow)
		if (err == nil) != test.ok || (test.ok && o.Members != 1) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if _, err := (Organization{}).Regrade(test.from, member, test.managers, orgNow); (err == nil) != test.ok {
			t.Errorf("%s, as another role: %v", name, err)
		}
	}
	if _, err := (Organization{}).Regrade(admin, admin, 0, orgNow); err != nil {
		t.Errorf("the last administrator gets another role that manages: %v", err)
	}
}

func TestNamesAndSlugs(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"Acme": true, "  Acme  ": true, "Ünal & Söhne ☕": true, "": false, "   ": false, "a<b": false, "see http://x": false,
		"WWW.evil.test": false, "a\u202eb": false, "a\nb": false, strings.Repeat("ä", 256): true, strings.Repeat("ä", 257): false,
	} {
		if got, err := CheckOrgName(name); (err == nil) != ok || (ok && got != strings.TrimSpace(name)) {
			t.Errorf("name %q: %q, %v", name, got, err)
		}
	}
	for slug, ok := range map[string]bool{
		"acme": true, "a": true, "a-1": true, "": false, "-a": false, "a-": false, "Acme": false, "a_b": false, "ä": false, "a b": false,
		strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "а": false, // the last is a Cyrillic letter
	} {
		if err := CheckSlug(slug); (err == nil) != ok {
			t.Errorf("slug %q: %v", slug, err)
		}
	}
	for name, want := range map[string]string{
		"Acme & Sons": "acme-sons-h0w1s2l3u4", "☕☕": "organization-h0w1s2l3u4", "--x--": "x-h0w1s2l3u4",
	} {
		if got := SlugOf(name, "org_0123H0w1S2l3u4"); got != want || CheckSlug(got) != nil {
			t.Errorf("slug of %q: %q, want %q", name, got, want)
		}
	}
}

func FuzzSlugOf(f *testing.F) {
	f.Add("Acme & Sons")
	f.Add("-\x00ä")
	f.Fuzz(func(t *testing.T, name string) {
		if slug := SlugOf(name, "org_0123H0w1S2l3u4"); CheckSlug(slug) != nil || !utf8.ValidString(slug) {
			t.Errorf("%q makes %q", name, slug)
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for key, ok := range map[string]bool{
		"org:admin": true, "org:a_1": true, "admin": false, "org:": false, "org:A": false, "org:a:b": false, "org:a b": false,
		"org:" + strings.Repeat("a", 200): false,
	} {
		if err := CheckRoleKey(key); (err == nil) != ok {
			t.Errorf("role %q: %v", key, err)
		}
	}
	for key, ok := range map[string]bool{
		"org:a:b": true, "org:invoices_2:create": true, "org:a": false, "org:a:b:c": false, "org::b": false, "org:a:": false,
		"org:sys_a:b": false, "u:a:b": false, "org:a:b,c": false,
	} {
		if err := CheckPermissionKey(key); (err == nil) != ok {
			t.Errorf("permission %q: %v", key, err)
		}
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"acme.test": "acme.test", " ACME.Test. ": "acme.test", "a.b.acme.test": "a.b.acme.test", "acme": "", "gmail.com": "",
		"Gmail.COM.": "", "ac me.test": "", "acme.test/": "", "*.acme.test": "", "": "", "ácme.test": "",
	} {
		got, err := NormalizeDomain(name, "name")
		if (err == nil) != (want != "") || (err == nil && got != want) {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	proven := Verification{Status: VerificationVerified}
	u := User{Emails: []EmailAddress{
		{Address: "a@acme.test", Verification: proven}, {Address: "b@acme.test", Verification: proven}, {Address: "c@other.test"},
	}}
	if u.HasProven("c@other.test") || u.HasProven("d@acme.test") || !u.HasProven("b@acme.test") {
		t.Error("proven addresses are not told from others")
	}
	if got := DomainOf("b@acme.test"); got != "acme.test" {
		t.Errorf("domain %q", got)
	}
}

func TestActing(t *testing.T) {
	t.Parallel()
	live := func(org OrganizationID) Session {
		return Session{User: "user_1", Organization: org, Status: SessionActive, ExpireAt: orgNow.Add(time.Hour), AbandonAt: orgNow.Add(time.Hour)}
	}
	agg := ClientAggregate{Belongings: map[UserID][]Belonging{"user_1": {{Organization: Organization{ID: "org_1"}}}}}
	free, forced := OrganizationSettings{Enabled: true}, OrganizationSettings{Enabled: true, ForceSelection: true}
	for name, test := range map[string]struct {
		s      Session
		set    OrganizationSettings
		org    OrganizationID
		status SessionStatus
	}{
		"a member":                    {live("org_1"), forced, "org_1", SessionActive},
		"nobody's":                    {live(""), free, "", SessionActive},
		"left":                        {live("org_2"), free, "", SessionActive},
		"left where one has to be":    {live("org_2"), forced, "", SessionPending},
		"chosen among those who left": {live("org_2").ActIn("org_1", forced, orgNow), forced, "org_1", SessionActive},
		"none is no choice":           {live("org_1").ActIn("", forced, orgNow), forced, "org_1", SessionActive},
		"none, where that is one":     {live("org_1").ActIn("", free, orgNow), free, "", SessionActive},
		"none at first":               {live("").ActIn("", forced, orgNow), forced, "", SessionPending},
	} {
		got := agg.Acting(test.s, test.set, orgNow)
		if got.Organization != test.org || got.Status != test.status {
			t.Errorf("%s: %q, %s", name, got.Organization, got.Status)
		}
	}
}

func TestOrgInvitationStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		i    OrgInvitation
		want OrgInvitationStatus
	}{
		"open":                 {OrgInvitation{Status: OrgInvitationPending, ExpireAt: orgNow.Add(1)}, OrgInvitationPending},
		"open for ever":        {OrgInvitation{Status: OrgInvitationPending}, OrgInvitationPending},
		"over at this instant": {OrgInvitation{Status: OrgInvitationPending, ExpireAt: orgNow}, OrgInvitationExpired},
		"accepted in time":     {OrgInvitation{Status: OrgInvitationAccepted, ExpireAt: orgNow.Add(-1)}, OrgInvitationAccepted},
	} {
		if got := test.i.StatusAt(orgNow); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, s := range []SuggestionStatus{SuggestionAccepted, SuggestionCompleted, SuggestionRejected} {
		if SuggestionStatusOfRequest(s.RequestStatus()) != s {
			t.Errorf("%s is the request %q", s, s.RequestStatus())
		}
	}
	if SuggestionPending.RequestStatus() != "" || SuggestionStatusOfRequest("") != "" {
		t.Error("what nobody asked for is a request")
	}
}
