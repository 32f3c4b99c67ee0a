package goserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/instancesettings"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/organizationdomain"
	"github.com/clerk/clerk-sdk-go/v2/organizationinvitation"
	"github.com/clerk/clerk-sdk-go/v2/organizationmembership"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func TestOrganizations(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	orgs := organization.NewClient(config(s))
	made, err := orgs.Create(t.Context(), &organization.CreateParams{
		Name: clerk.String("Acme"), Slug: clerk.String("acme"), CreatedBy: clerk.String(ada.ID), MaxAllowedMemberships: clerk.Int64(4),
		PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"plan":"free"}`)),
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := orgs.Get(t.Context(), "acme")
	if err != nil || found.ID != made.ID || found.MaxAllowedMemberships != 4 || string(found.PublicMetadata) != `{"plan":"free"}` {
		t.Errorf("got %+v, %v", found, err)
	}
	merged, err := orgs.UpdateMetadata(t.Context(), made.ID, &organization.UpdateMetadataParams{
		PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"seats":2}`)),
	})
	if err != nil || string(merged.PublicMetadata) != `{"plan":"free","seats":2}` {
		t.Errorf("got %+v, %v", merged, err)
	}
	list, err := orgs.List(t.Context(), &organization.ListParams{IncludeMembersCount: clerk.Bool(true), UserIDs: []string{ada.ID}})
	if err != nil || list.TotalCount != 1 || *list.Organizations[0].MembersCount != 1 {
		t.Errorf("got %+v, %v", list, err)
	}
	set, err := instancesettings.NewClient(config(s)).UpdateOrganizationSettings(t.Context(), &instancesettings.UpdateOrganizationSettingsParams{
		DomainsEnabled: clerk.Bool(true), MaxAllowedMemberships: clerk.Int64(9),
	})
	if err != nil || set.MaxAllowedMemberships != 9 || !set.DomainsEnabled {
		t.Errorf("got %+v, %v", set, err)
	}
	domain, err := organizationdomain.NewClient(config(s)).Create(t.Context(), made.ID, &organizationdomain.CreateParams{
		Name: clerk.String("acme.test"), EnrollmentMode: clerk.String("manual_invitation"),
	})
	if err != nil || domain.Verification == nil || domain.Verification.Status != "verified" {
		t.Errorf("got %+v, %v", domain, err)
	}
	if _, err := orgs.Delete(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	_, err = orgs.Get(t.Context(), made.ID)
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}

func TestMembershipsAndClaims(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users := user.NewClient(config(s))
	ada, bob := mustCreate(t, users, "ada@example.com"), mustCreate(t, users, "bob@example.com")
	made, err := organization.NewClient(config(s)).Create(t.Context(), &organization.CreateParams{
		Name: clerk.String("Acme"), Slug: clerk.String("acme"), CreatedBy: clerk.String(ada.ID),
	})
	if err != nil {
		t.Fatal(err)
	}
	members := organizationmembership.NewClient(config(s))
	joined, err := members.Create(t.Context(), &organizationmembership.CreateParams{
		OrganizationID: made.ID, UserID: clerk.String(bob.ID), Role: clerk.String("org:member"),
	})
	if err != nil || joined.Role != "org:member" || joined.Organization.ID != made.ID || joined.PublicUserData.UserID != bob.ID {
		t.Fatalf("got %+v, %v", joined, err)
	}
	page, err := members.List(t.Context(), &organizationmembership.ListParams{OrganizationID: made.ID, Roles: []string{"org:admin"}})
	if err != nil || page.TotalCount != 1 {
		t.Errorf("got %+v, %v", page, err)
	}
	_, err = members.Delete(t.Context(), &organizationmembership.DeleteParams{OrganizationID: made.ID, UserID: ada.ID})
	wantCode(t, err, http.StatusBadRequest, "organization_minimum_permissions_needed")

	invitations := organizationinvitation.NewClient(config(s))
	invited, err := invitations.Create(t.Context(), &organizationinvitation.CreateParams{
		OrganizationID: made.ID, EmailAddress: clerk.String("carl@example.com"), Role: clerk.String("org:member"),
		InviterUserID: clerk.String(ada.ID), ExpiresInDays: clerk.Int64(2),
	})
	if err != nil || invited.Status != "pending" {
		t.Fatalf("got %+v, %v", invited, err)
	}
	revoked, err := invitations.Revoke(t.Context(), &organizationinvitation.RevokeParams{OrganizationID: made.ID, ID: invited.ID})
	if err != nil || revoked.Status != "revoked" {
		t.Errorf("got %+v, %v", revoked, err)
	}

	// Features and actions come in the order that this SDK counts in.
	for _, key := range []string{"org:teams:read", "org:invoices:read", "org:invoices:create"} {
		var p identified
		s.mustPost(t, "/organization_permissions", &named{Name: key, Key: key}, &p)
		s.mustPost(t, "/organization_roles/role_organizationadmin/permissions/"+p.ID, &named{}, &p)
	}
	device := s.mustSignIn(t, "ada@example.com", password)
	device.mustCall(t, http.MethodPost, "/v1/client/sessions/"+device.SessionID+"/touch", url.Values{"active_organization_id": {made.ID}}, nil)
	var minted struct{ JWT string }
	device.mustCall(t, http.MethodPost, "/v1/client/sessions/"+device.SessionID+"/tokens", url.Values{"organization_id": {made.ID}}, &minted)
	claims, err := jwt.Verify(t.Context(), &jwt.VerifyParams{
		Token: minted.JWT, JWKSClient: jwks.NewClient(config(s)), ProxyURL: clerk.String(s.TLSURL),
	})
	if err != nil {
		t.Fatal(err)
	}
	if claims.Version != 2 || claims.ActiveOrganizationID != made.ID || claims.ActiveOrganizationSlug != "acme" || claims.ActiveOrganizationRole != "org:admin" {
		t.Errorf("got %+v", claims)
	}
	slices.Sort(claims.ActiveOrganizationPermissions)
	want := []string{"org:invoices:create", "org:invoices:read", "org:teams:read"}
	if !slices.Equal(claims.ActiveOrganizationPermissions, want) {
		t.Errorf("permissions are %v, want %v", claims.ActiveOrganizationPermissions, want)
	}
	if !claims.HasPermission("org:invoices:create") || claims.HasPermission("org:teams:create") {
		t.Error("permissions are told wrongly")
	}
}

// named and identified are what permissions are made of and answered with: this
// SDK has no calls for them.
type named struct {
	clerk.APIParams
	Name string `json:"name,omitempty"`
	Key  string `json:"key,omitempty"`
}

type identified struct {
	clerk.APIResource
	ID string `json:"id"`
}

func (s server) mustPost(t *testing.T, path string, params clerk.Params, into clerk.ResponseReader) {
	t.Helper()
	request := clerk.NewAPIRequest(http.MethodPost, path)
	request.SetParams(params)
	backend := config(s).BackendConfig
	if err := clerk.NewBackend(&backend).Call(t.Context(), request, into); err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
}
