package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// OrganizationStore is the part of [Store] about organizations.
type OrganizationStore interface {
	Organization(context.Context, auth.OrganizationID) (auth.Organization, error)
	OrganizationBySlug(context.Context, string) (auth.Organization, error)
	Organizations(context.Context, auth.OrganizationQuery) ([]auth.Organization, int, error)
	CountOrganizationsCreatedBy(context.Context, auth.UserID) (int, error)
	Belonging(context.Context, auth.OrganizationID, auth.UserID) (auth.Belonging, error)
	Members(context.Context, auth.MemberQuery) ([]auth.Member, int, error)
	OtherManagers(context.Context, auth.OrganizationID, auth.UserID) (int, error)
	Roles(context.Context) ([]auth.Role, error)
	Permissions(context.Context) ([]auth.Permission, error)
	RoleUsed(context.Context, auth.RoleID) (bool, error)
	RoleUsedIn(context.Context, auth.OrganizationID, auth.RoleID) (bool, error)
	RoleSets(context.Context) ([]auth.RoleSet, error)
	CountRoleMembers(context.Context, auth.RoleSet, auth.RoleID) (int, error)
	OrgInvitation(context.Context, auth.OrgInvitationID) (auth.OrgInvitation, error)
	OrgInvitationByHash(context.Context, [32]byte) (auth.OrgInvitation, error)
	OpenOrgInvitation(context.Context, auth.OrganizationID, string) (auth.OrgInvitation, error)
	OrgInvitations(context.Context, auth.OrgInvitationQuery) ([]auth.Invited, int, error)
	CountOpenInvitations(context.Context, auth.OrganizationID, time.Time) (int, error)
	DescribeInvitation(context.Context, auth.OrgInvitation) (auth.Invited, error)
	OrgDomain(context.Context, auth.OrgDomainID) (auth.OrgDomain, error)
	ProvenOrgDomain(context.Context, string) (auth.OrgDomain, error)
	OrgDomains(context.Context, auth.OrgDomainQuery) ([]auth.OwnedDomain, int, error)
	CountOrgDomains(context.Context, auth.OrganizationID) (int, error)
	DescribeDomain(context.Context, auth.OrgDomain) (auth.OwnedDomain, error)
	OrgSuggestion(context.Context, auth.OrgSuggestionID) (auth.OrgSuggestion, error)
	OrgSuggestionOf(context.Context, auth.OrganizationID, auth.UserID) (auth.OrgSuggestion, error)
	OrgSuggestions(context.Context, auth.OrgSuggestionQuery) ([]auth.Suggested, int, error)
}

// Organizations tests organizations and everything that belongs to them.
func Organizations(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"what goes in comes out":                         testOrganizationRecords,
		"roles and permissions exist from the start":     testSystemRoles,
		"roles and sets are moved where they count":      testRoleSets,
		"a client comes with the memberships":            testBelongings,
		"unique things are named":                        testOrganizationTaken,
		"a deleted organization takes what is its along": testDeletedOrganization,
		"a deleted user leaves organizations counted":    testForgottenMember,
		"members by filter and order":                    testMemberLists,
		"invitations by status and filter":               testInvitationLists,
		"organizations by filter and order":              testOrganizationLists,
		"one of two departures commits":                  testRaceDepartures,
		"one accepts an invitation":                      testRaceInvitation,
	})
}

func newOrganization(n int) auth.Organization {
	return auth.Organization{
		ID: auth.OrganizationID(fmt.Sprintf("org_%d", n)), Name: fmt.Sprintf("Örg %d", n), Slug: fmt.Sprintf("org-%d", n),
		CreatedBy: "user_1", RoleSet: "rolset_1", PublicMeta: json.RawMessage(`{"a":1}`), PrivateMeta: json.RawMessage(`{"b":2}`),
		MaxMemberships: 7, AdminDelete: true, Image: "img_1", Members: n, Pending: 2, CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newMembership(n int, org auth.OrganizationID, user auth.UserID, role auth.RoleID) auth.Membership {
	return auth.Membership{
		ID: auth.MembershipID(fmt.Sprintf("orgmem_%d", n)), Organization: org, User: user, Role: role,
		PublicMeta: json.RawMessage(`{"m":1}`), PrivateMeta: json.RawMessage(`{}`), CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newOrgInvitation(n int, org auth.OrganizationID) auth.OrgInvitation {
	return auth.OrgInvitation{
		ID: auth.OrgInvitationID(fmt.Sprintf("orginv_%d", n)), Organization: org, EmailAddress: fmt.Sprintf("i%d@example.com", n),
		Role: auth.RoleMember, Inviter: "user_1", Domain: "orgdmn_1", Status: auth.OrgInvitationPending, Hash: hashOf(n),
		RedirectURL: "https://example.com/x", PublicMeta: json.RawMessage(`{"i":1}`), PrivateMeta: json.RawMessage(`{}`),
		ExpireAt: at(n + 100), CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newOrgDomain(n int, org auth.OrganizationID) auth.OrgDomain {
	return auth.OrgDomain{
		ID: auth.OrgDomainID(fmt.Sprintf("orgdmn_%d", n)), Organization: org, Name: fmt.Sprintf("d%d.example.com", n),
		Enrollment: auth.EnrollSuggest, AffiliationAddress: "x@d.example.com",
		Affiliation: auth.Verification{
			Strategy: auth.StrategyEmailCode, Status: auth.VerificationUnverified, Attempts: 1, ExpireAt: at(n), CodeHash: hashOf(n),
		},
		VerifiedAt: at(n + 3), VerifiedBy: auth.StrategyAdmin, OwnershipValue: "v", OwnershipExpireAt: at(n + 9), CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newOrgSuggestion(n int, org auth.OrganizationID, user auth.UserID) auth.OrgSuggestion {
	return auth.OrgSuggestion{
		ID: auth.OrgSuggestionID(fmt.Sprintf("orgsug_%d", n)), Organization: org, Domain: "orgdmn_1", User: user,
		Status: auth.SuggestionPending, CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

// orgs is a change about organizations only.
func orgs(c auth.OrganizationChange) auth.Change { return auth.Change{Organizations: c} }

// populate commits organizations 1 and 2, users 1 to 3 who all belong to 1 (the
// first as administrator), an invitation, a domain and a suggestion.
func populate(t *testing.T, s Store) {
	t.Helper()
	mustCommit(t, s, auth.Change{
		Users: []auth.User{newUser(1), newUser(2), newUser(3)},
		Organizations: auth.OrganizationChange{
			Organizations: []auth.Organization{newOrganization(1), newOrganization(2)},
			Memberships: []auth.Membership{
				newMembership(1, "org_1", "user_1", auth.RoleAdmin), newMembership(2, "org_1", "user_2", auth.RoleMember),
				newMembership(3, "org_1", "user_3", auth.RoleMember),
			},
			Invitations: []auth.OrgInvitation{newOrgInvitation(1, "org_1")}, Domains: []auth.OrgDomain{newOrgDomain(1, "org_1")},
			Suggestions: []auth.OrgSuggestion{newOrgSuggestion(1, "org_2", "user_1")},
		},
	})
}

// same reads a record and compares it with the stored version 1 of what was
// committed.
func same[T any](t *testing.T, what string, want T, read func() (T, error)) {
	t.Helper()
	got, err := read()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(want, got, exactly); diff != "" {
		t.Errorf("%s: mismatch (-want +got)\n%s", what, diff)
	}
}

func testOrganizationRecords(t *testing.T, s Store) {
	populate(t, s)
	ctx := t.Context()
	o, m, i := newOrganization(1), newMembership(2, "org_1", "user_2", auth.RoleMember), newOrgInvitation(1, "org_1")
	d, g := newOrgDomain(1, "org_1"), newOrgSuggestion(1, "org_2", "user_1")
	o.Version, m.Version, i.Version, d.Version, g.Version = 1, 1, 1, 1, 1
	same(t, "organization", o, func() (auth.Organization, error) { return s.Organization(ctx, "org_1") })
	same(t, "organization by slug", o, func() (auth.Organization, error) { return s.OrganizationBySlug(ctx, "org-1") })
	same(t, "membership", m, func() (auth.Membership, error) {
		b, err := s.Belonging(ctx, "org_1", "user_2")
		return b.Membership, err
	})
	same(t, "invitation", i, func() (auth.OrgInvitation, error) { return s.OrgInvitation(ctx, "orginv_1") })
	same(t, "invitation by hash", i, func() (auth.OrgInvitation, error) { return s.OrgInvitationByHash(ctx, hashOf(1)) })
	same(t, "open invitation", i, func() (auth.OrgInvitation, error) {
		return s.OpenOrgInvitation(ctx, "org_1", "i1@example.com")
	})
	same(t, "domain", d, func() (auth.OrgDomain, error) { return s.OrgDomain(ctx, "orgdmn_1") })
	same(t, "proven domain", d, func() (auth.OrgDomain, error) { return s.ProvenOrgDomain(ctx, d.Name) })
	same(t, "suggestion", g, func() (auth.OrgSuggestion, error) { return s.OrgSuggestion(ctx, "orgsug_1") })
	same(t, "suggestion of user", g, func() (auth.OrgSuggestion, error) { return s.OrgSuggestionOf(ctx, "org_2", "user_1") })
	for name, read := range map[string]func() error{
		"organization": func() error { _, err := s.Organization(ctx, "org_x"); return err },
		"no slug":      func() error { _, err := s.OrganizationBySlug(ctx, ""); return err },
		"membership":   func() error { _, err := s.Belonging(ctx, "org_2", "user_1"); return err },
		"invitation":   func() error { _, err := s.OrgInvitation(ctx, "orginv_x"); return err },
		"no hash":      func() error { _, err := s.OrgInvitationByHash(ctx, [32]byte{}); return err },
		"domain":       func() error { _, err := s.ProvenOrgDomain(ctx, "d2.example.com"); return err },
		"suggestion":   func() error { _, err := s.OrgSuggestionOf(ctx, "org_1", "user_1"); return err },
	} {
		if err := read(); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("absent %s: %v", name, err)
		}
	}
	owned, err := s.DescribeDomain(ctx, d)
	if err != nil || owned.Owner.ID != "org_1" || owned.PendingInvitations != 1 || owned.PendingSuggestions != 1 {
		t.Errorf("described domain: %+v, %v", owned, err)
	}
	invited, err := s.DescribeInvitation(ctx, i)
	if err != nil || invited.Organization.ID != "org_1" || invited.Role.Key != auth.RoleKeyMember || invited.Inviter.ID != "user_1" {
		t.Errorf("described invitation: %+v, %v", invited, err)
	}
}

func testSystemRoles(t *testing.T, s Store) {
	roles, err := s.Roles(t.Context())
	if err != nil || len(roles) != 2 || roles[0].ID != auth.RoleAdmin || roles[1].ID != auth.RoleMember {
		t.Fatalf("%+v, %v", roles, err)
	}
	if !roles[0].Manages() || roles[1].Manages() || !roles[1].Has(auth.PermReadMemberships) {
		t.Errorf("permissions of the roles: %+v", roles)
	}
	permissions, err := s.Permissions(t.Context())
	if err != nil || len(permissions) == 0 {
		t.Fatalf("%v", err)
	}
	known := map[string]bool{}
	for _, p := range permissions {
		known[p.Key] = p.System()
	}
	for _, key := range roles[0].Permissions {
		if !known[key] {
			t.Errorf("the administrator has %s, which is no system permission", key)
		}
	}
	role := auth.Role{ID: "role_1", Key: "org:x", Name: "X", Permissions: []string{"org:a:b"}, CreatedAt: at(1), UpdatedAt: at(1)}
	mustCommit(t, s, orgs(auth.OrganizationChange{Roles: []auth.Role{role}}))
	role.Version, role.Key, role.Permissions = 1, "org:y", []string{}
	mustCommit(t, s, orgs(auth.OrganizationChange{Roles: []auth.Role{role}}))
	roles, err = s.Roles(t.Context())
	if err != nil || len(roles) != 3 || roles[2].Key != "org:y" || len(roles[2].Permissions) != 0 {
		t.Errorf("%+v, %v", roles, err)
	}
}

func testRoleSets(t *testing.T, s Store) {
	ctx := t.Context()
	populate(t, s) // both organizations have set 1
	plain := newOrganization(3)
	plain.RoleSet = ""
	clerk := auth.Role{ID: "role_1", Key: "org:clerk", CreatedAt: at(1), UpdatedAt: at(1)}
	set := auth.RoleSet{
		ID: "rolset_1", Key: "role_set:one", Name: "One", Description: "d", Roles: []auth.RoleID{auth.RoleMember, "role_1"},
		DefaultRole: "role_1", CreatorRole: auth.RoleAdmin, CreatedAt: at(1), UpdatedAt: at(2),
	}
	mustCommit(t, s, orgs(auth.OrganizationChange{
		Organizations: []auth.Organization{plain}, Roles: []auth.Role{clerk}, RoleSets: []auth.RoleSet{set},
		Memberships: []auth.Membership{newMembership(4, plain.ID, "user_1", auth.RoleMember)},
	}))
	set.Version = 1
	sets, err := s.RoleSets(ctx)
	if err != nil || len(sets) != 2 || !sets[0].Initial || sets[0].DefaultRole != auth.RoleMember {
		t.Fatalf("%+v, %v", sets, err)
	}
	if diff := cmp.Diff(set, sets[1]); diff != "" {
		t.Errorf("mismatch (-want +got)\n%s", diff)
	}
	for _, each := range []struct {
		set  auth.RoleSet
		want int
	}{{set, 2}, {sets[0], 1}} {
		if n, err := s.CountRoleMembers(ctx, each.set, auth.RoleMember); n != each.want || err != nil {
			t.Errorf("%d members in the organizations of %s, want %d, %v", n, each.set.ID, each.want, err)
		}
	}
	mustCommit(t, s, orgs(auth.OrganizationChange{RoleMoves: []auth.RoleMove{{Set: set, From: auth.RoleMember, To: "role_1"}}}))
	for org, want := range map[auth.OrganizationID]bool{"org_1": false, plain.ID: true} {
		if used, err := s.RoleUsedIn(ctx, org, auth.RoleMember); used != want || err != nil {
			t.Errorf("members of %s have the old role: %v, %v", org, used, err)
		}
	}
	if i, err := s.OrgInvitation(ctx, "orginv_1"); i.Role != "role_1" || err != nil {
		t.Errorf("an open invitation offers %s, %v", i.Role, err)
	}
	mustCommit(t, s, orgs(auth.OrganizationChange{
		RoleSetMoves: []auth.RoleSetMove{{From: sets[0], To: "rolset_1"}, {From: set, To: sets[0].ID}}, DeletedRoleSets: []auth.RoleSet{set},
	}))
	for _, id := range []auth.OrganizationID{"org_1", plain.ID} {
		if o, err := s.Organization(ctx, id); o.RoleSet != sets[0].ID || o.Version < 2 || err != nil {
			t.Errorf("%s has %q at version %d, %v", id, o.RoleSet, o.Version, err)
		}
	}
	second := set
	second.ID, second.Key, second.Version, second.Initial = "rolset_2", "role_set:two", 0, true
	if err := s.Commit(ctx, orgs(auth.OrganizationChange{RoleSets: []auth.RoleSet{second}})); !errors.Is(err, auth.ErrExists) {
		t.Errorf("a second initial set: %v", err)
	}
}

func testBelongings(t *testing.T, s Store) {
	populate(t, s)
	c, x, y := newClient(1), newSession(1, "client_1", "user_1"), newSession(2, "client_1", "user_2")
	x.Organization = "org_1"
	mustCommit(t, s, auth.Change{Clients: []auth.Client{c}, Sessions: []auth.Session{x, y}})
	a, err := s.ClientByID(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, ok := a.Active(a.Sessions[0])
	if !ok || b.Role.Key != auth.RoleKeyAdmin || b.Organization.Slug != "org-1" {
		t.Errorf("first session acts in %+v", b)
	}
	if _, ok := a.Active(a.Sessions[1]); ok {
		t.Error("the second session acts in an organization")
	}
	b.Membership.Version = 1
	mustCommit(t, s, orgs(auth.OrganizationChange{DeletedMemberships: []auth.Membership{b.Membership}}))
	if a, err = s.ClientByID(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := a.Active(a.Sessions[0]); ok || a.Sessions[0].Organization != "org_1" {
		t.Error("who was removed still acts in the organization")
	}
}

func testOrganizationTaken(t *testing.T, s Store) {
	populate(t, s)
	again := newOrganization(3)
	again.Slug = "org-1"
	open, domain := newOrgInvitation(2, "org_1"), newOrgDomain(2, "org_2")
	open.EmailAddress, domain.Name = "i1@example.com", "d1.example.com"
	role := auth.Role{ID: "role_1", Key: auth.RoleKeyAdmin}
	for what, ch := range map[string]auth.OrganizationChange{
		"slug":       {Organizations: []auth.Organization{again}},
		"membership": {Memberships: []auth.Membership{newMembership(9, "org_1", "user_1", auth.RoleMember)}},
		"invitation": {Invitations: []auth.OrgInvitation{open}},
		"domain":     {Domains: []auth.OrgDomain{domain}},
		"key":        {Roles: []auth.Role{role}},
		"suggestion": {Suggestions: []auth.OrgSuggestion{newOrgSuggestion(2, "org_2", "user_1")}},
	} {
		var taken *auth.ExistsError
		if err := s.Commit(t.Context(), orgs(ch)); !errors.As(err, &taken) || taken.What != what {
			t.Errorf("%s: %v", what, err)
		}
	}
	unproven := newOrgDomain(3, "org_2")
	unproven.Name, unproven.VerifiedAt = "d1.example.com", time.Time{}
	mustCommit(t, s, orgs(auth.OrganizationChange{Domains: []auth.OrgDomain{unproven}}))
	used := auth.Role{ID: auth.RoleMember, Version: 1}
	if err := s.Commit(t.Context(), orgs(auth.OrganizationChange{DeletedRoles: []auth.Role{used}})); !errors.Is(err, auth.ErrConflict) {
		t.Errorf("deleting a role that somebody has: %v", err)
	}
}

func testDeletedOrganization(t *testing.T, s Store) {
	populate(t, s)
	ctx := t.Context()
	gone := auth.Organization{ID: "org_1", Version: 1}
	mustCommit(t, s, orgs(auth.OrganizationChange{Deleted: []auth.Organization{gone}}))
	for name, read := range map[string]func() error{
		"organization": func() error { _, err := s.Organization(ctx, "org_1"); return err },
		"membership":   func() error { _, err := s.Belonging(ctx, "org_1", "user_1"); return err },
		"invitation":   func() error { _, err := s.OrgInvitation(ctx, "orginv_1"); return err },
		"domain":       func() error { _, err := s.OrgDomain(ctx, "orgdmn_1"); return err },
	} {
		if err := read(); !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func testForgottenMember(t *testing.T, s Store) {
	o := newOrganization(3)
	mustCommit(t, s, auth.Change{
		Users: []auth.User{newUser(1), newUser(2)},
		Organizations: auth.OrganizationChange{
			Organizations: []auth.Organization{o},
			Memberships: []auth.Membership{
				newMembership(1, o.ID, "user_1", auth.RoleAdmin), newMembership(2, o.ID, "user_2", auth.RoleAdmin),
			},
		},
	})
	if n, err := s.OtherManagers(t.Context(), o.ID, "user_2"); n != 1 || err != nil {
		t.Errorf("%d other managers, %v", n, err)
	}
	mustCommit(t, s, auth.Change{DeletedUsers: []auth.User{{ID: "user_1", Version: 1}}})
	got, err := s.Organization(t.Context(), o.ID)
	if err != nil || got.Members != o.Members-1 || got.Version != 2 {
		t.Errorf("%d members at version %d, %v", got.Members, got.Version, err)
	}
	if n, err := s.OtherManagers(t.Context(), o.ID, "user_2"); n != 0 || err != nil {
		t.Errorf("%d other managers, %v", n, err)
	}
}

func testMemberLists(t *testing.T, s Store) {
	populate(t, s)
	mustCommit(t, s, orgs(auth.OrganizationChange{Memberships: []auth.Membership{newMembership(4, "org_2", "user_2", auth.RoleAdmin)}}))
	for name, test := range map[string]struct {
		q    auth.MemberQuery
		want string // last digits of the memberships
	}{
		"all, newest first":   {auth.MemberQuery{}, "4321"},
		"of an organization":  {auth.MemberQuery{Organization: "org_1"}, "321"},
		"of a user":           {auth.MemberQuery{User: "user_2", OrderBy: "created_at"}, "24"},
		"with a role":         {auth.MemberQuery{Roles: []auth.RoleID{auth.RoleAdmin}}, "41"},
		"with both":           {auth.MemberQuery{Organization: "org_1", Roles: []auth.RoleID{auth.RoleAdmin}}, "1"},
		"by address":          {auth.MemberQuery{Organization: "org_1", OrderBy: "-email_address"}, "321"},
		"by name":             {auth.MemberQuery{Organization: "org_1", OrderBy: "first_name"}, "123"},
		"of a user by search": {auth.MemberQuery{Organization: "org_1", Users: auth.UserQuery{Query: "U2@"}}, "2"},
		"of users by id":      {auth.MemberQuery{Users: auth.UserQuery{UserIDs: []auth.UserID{"user_3", "user_x"}}}, "3"},
	} {
		test.q.Limit = 2
		var got strings.Builder
		for ; test.q.Offset < 5; test.q.Offset += 2 {
			page, total, err := s.Members(t.Context(), test.q)
			if err != nil || total != len(test.want) {
				t.Fatalf("%s: total %d, %v", name, total, err)
			}
			for _, m := range page {
				got.WriteByte(m.Membership.ID[len(m.Membership.ID)-1])
				if m.User.ID != m.Membership.User || m.Organization.ID != m.Membership.Organization || m.Role.ID != m.Membership.Role {
					t.Errorf("%s: %s is described by others", name, m.Membership.ID)
				}
			}
		}
		if got.String() != test.want {
			t.Errorf("%s: %s, want %s", name, got.String(), test.want)
		}
	}
	if _, _, err := s.Members(t.Context(), auth.MemberQuery{OrderBy: "role"}); !errors.Is(err, auth.Refuse(auth.CodeParamInvalid)) {
		t.Errorf("an unknown order: %v", err)
	}
}

func testInvitationLists(t *testing.T, s Store) {
	mustCommit(t, s, orgs(auth.OrganizationChange{Organizations: []auth.Organization{newOrganization(1), newOrganization(2)}}))
	var list []auth.OrgInvitation
	for n, status := range []auth.OrgInvitationStatus{
		auth.OrgInvitationPending, auth.OrgInvitationAccepted, auth.OrgInvitationRevoked, auth.OrgInvitationPending, auth.OrgInvitationPending,
	} {
		i := newOrgInvitation(n, "org_1")
		i.Status = status
		if n == 3 {
			i.ExpireAt = at(50)
		}
		if n == 4 {
			i.Organization, i.ExpireAt, i.Hash = "org_2", time.Time{}, [32]byte{}
		}
		list = append(list, i)
	}
	mustCommit(t, s, orgs(auth.OrganizationChange{Invitations: list}))
	now := at(60)
	pending := []auth.OrgInvitationStatus{auth.OrgInvitationPending}
	for name, test := range map[string]struct {
		q    auth.OrgInvitationQuery
		want string
	}{
		"all":                     {auth.OrgInvitationQuery{}, "43210"},
		"of one":                  {auth.OrgInvitationQuery{Organization: "org_1"}, "3210"},
		"pending":                 {auth.OrgInvitationQuery{Statuses: pending}, "40"},
		"expired by the clock":    {auth.OrgInvitationQuery{Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationExpired}}, "3"},
		"two statuses":            {auth.OrgInvitationQuery{Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationRevoked, auth.OrgInvitationAccepted}}, "21"},
		"to addresses":            {auth.OrgInvitationQuery{EmailAddresses: []string{"i1@example.com", "i4@example.com"}}, "41"},
		"by part of the address":  {auth.OrgInvitationQuery{Query: "I2@"}, "2"},
		"in order of the address": {auth.OrgInvitationQuery{OrderBy: "email_address", Domain: "orgdmn_1"}, "01234"},
	} {
		test.q.Now, test.q.Limit = now, 9
		page, total, err := s.OrgInvitations(t.Context(), test.q)
		if err != nil || total != len(test.want) {
			t.Fatalf("%s: total %d, %v", name, total, err)
		}
		var got strings.Builder
		for _, i := range page {
			got.WriteByte(i.ID[len(i.ID)-1])
			if i.Status != i.StatusAt(now) {
				t.Errorf("%s: %s is shown as %s", name, i.ID, i.Status)
			}
		}
		if got.String() != test.want {
			t.Errorf("%s: %s, want %s", name, got.String(), test.want)
		}
	}
	if n, err := s.CountOpenInvitations(t.Context(), "org_1", now); n != 1 || err != nil {
		t.Errorf("%d open, %v", n, err)
	}
}

func testOrganizationLists(t *testing.T, s Store) {
	populate(t, s)
	for name, test := range map[string]struct {
		q    auth.OrganizationQuery
		want string
	}{
		"all, newest first":   {auth.OrganizationQuery{}, "21"},
		"by name":             {auth.OrganizationQuery{OrderBy: "name"}, "12"},
		"by members":          {auth.OrganizationQuery{OrderBy: "-members_count"}, "21"},
		"by id":               {auth.OrganizationQuery{IDs: []auth.OrganizationID{"org_2", "org_x"}}, "2"},
		"but one":             {auth.OrganizationQuery{NotIDs: []auth.OrganizationID{"org_2"}}, "1"},
		"with a member":       {auth.OrganizationQuery{Users: []auth.UserID{"user_3"}}, "1"},
		"without a member":    {auth.OrganizationQuery{NotUsers: []auth.UserID{"user_3"}}, "2"},
		"by part of a name":   {auth.OrganizationQuery{Query: "öRG 2"}, "2"},
		"by part of a slug":   {auth.OrganizationQuery{Query: "g-1"}, "1"},
		"by the exact id":     {auth.OrganizationQuery{Query: "org_2"}, "2"},
		"a percent is a sign": {auth.OrganizationQuery{Query: "%"}, ""},
	} {
		test.q.Limit = 9
		page, total, err := s.Organizations(t.Context(), test.q)
		if err != nil || total != len(test.want) {
			t.Fatalf("%s: total %d, %v", name, total, err)
		}
		var got strings.Builder
		for _, o := range page {
			got.WriteByte(o.ID[len(o.ID)-1])
		}
		if got.String() != test.want {
			t.Errorf("%s: %s, want %s", name, got.String(), test.want)
		}
	}
}

func testRaceDepartures(t *testing.T, s Store) {
	populate(t, s)
	o := newOrganization(1)
	o.Version = 1
	race(t, auth.ErrConflict, func(n int) error {
		m := newMembership(1+n%3, o.ID, "", "")
		m.Version = 1
		return s.Commit(t.Context(), orgs(auth.OrganizationChange{
			Organizations: []auth.Organization{o}, DeletedMemberships: []auth.Membership{m},
		}))
	})
}

func testRaceInvitation(t *testing.T, s Store) {
	populate(t, s)
	i := newOrgInvitation(1, "org_1")
	i.Version, i.Status = 1, auth.OrgInvitationAccepted
	race(t, auth.ErrConflict, func(int) error {
		return s.Commit(t.Context(), orgs(auth.OrganizationChange{Invitations: []auth.OrgInvitation{i}}))
	})
}
