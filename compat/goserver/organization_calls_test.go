package goserver_test

import (
	"net/http"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/instancesettings"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/organizationdomain"
	"github.com/clerk/clerk-sdk-go/v2/organizationinvitation"
	"github.com/clerk/clerk-sdk-go/v2/organizationmembership"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func TestOrganizationCalls(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users, orgs := user.NewClient(config(s)), organization.NewClient(config(s))
	ada, bob := mustCreate(t, users, "ada@example.com"), mustCreate(t, users, "bob@example.com")
	made, err := orgs.Create(t.Context(), &organization.CreateParams{Name: clerk.String("Acme"), Slug: clerk.String("acme"), CreatedBy: clerk.String(ada.ID)})
	if err != nil {
		t.Fatal(err)
	}
	found, err := orgs.GetWithParams(t.Context(), "acme", &organization.GetParams{IncludeMembersCount: clerk.Bool(true)})
	want(t, found.ID == made.ID && found.MembersCount != nil && *found.MembersCount == 1, found, err)
	updated, err := orgs.Update(t.Context(), made.ID, &organization.UpdateParams{Name: clerk.String("Acme 2")})
	want(t, updated.Name == "Acme 2" && updated.Slug == "acme", updated, err)

	members := organizationmembership.NewClient(config(s))
	joined, err := members.Create(t.Context(), &organizationmembership.CreateParams{
		OrganizationID: made.ID, UserID: clerk.String(bob.ID), Role: clerk.String("org:member"),
	})
	want(t, joined.Role == "org:member", joined, err)
	raised, err := members.Update(t.Context(), &organizationmembership.UpdateParams{
		OrganizationID: made.ID, UserID: bob.ID, Role: clerk.String("org:admin"),
	})
	want(t, raised.Role == "org:admin", raised, err)
	removed, err := members.Delete(t.Context(), &organizationmembership.DeleteParams{OrganizationID: made.ID, UserID: bob.ID})
	want(t, removed.PublicUserData.UserID == bob.ID, removed, err)
	page, err := members.List(t.Context(), &organizationmembership.ListParams{OrganizationID: made.ID})
	want(t, page.TotalCount == 1, page, err)
}

func TestOrganizationInvitations(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	orgs, invitations := organization.NewClient(config(s)), organizationinvitation.NewClient(config(s))
	var ids []string
	for _, name := range []string{"Acme", "Other"} {
		made, err := orgs.Create(t.Context(), &organization.CreateParams{Name: clerk.String(name), CreatedBy: clerk.String(ada.ID)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	made, err := invitations.Create(t.Context(), &organizationinvitation.CreateParams{
		OrganizationID: ids[0], EmailAddress: clerk.String("new@example.com"), Role: clerk.String("org:member"), InviterUserID: clerk.String(ada.ID),
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := invitations.Get(t.Context(), &organizationinvitation.GetParams{OrganizationID: ids[0], ID: made.ID})
	want(t, found.EmailAddress == "new@example.com" && found.Status == "pending", found, err)
	_, err = invitations.Get(t.Context(), &organizationinvitation.GetParams{OrganizationID: ids[1], ID: made.ID})
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
	list, err := invitations.List(t.Context(), &organizationinvitation.ListParams{OrganizationID: ids[0], Statuses: &[]string{"pending"}})
	want(t, list.TotalCount == 1, list, err)
	list, err = invitations.List(t.Context(), &organizationinvitation.ListParams{OrganizationID: ids[1]})
	want(t, list.TotalCount == 0, list, err)
	everywhere, err := invitations.ListFromInstance(t.Context(), &organizationinvitation.ListFromInstanceParams{Query: clerk.String("new@")})
	want(t, everywhere.TotalCount == 1 && everywhere.OrganizationInvitations[0].ID == made.ID, everywhere, err)
}

func TestOrganizationDomains(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	domains := organizationdomain.NewClient(config(s))
	_, err := instancesettings.NewClient(config(s)).UpdateOrganizationSettings(t.Context(), &instancesettings.UpdateOrganizationSettingsParams{
		DomainsEnabled: clerk.Bool(true), DomainsEnrollmentModes: &[]string{"manual_invitation", "automatic_suggestion"},
	})
	if err != nil {
		t.Fatal(err)
	}
	org, err := organization.NewClient(config(s)).Create(t.Context(), &organization.CreateParams{Name: clerk.String("Acme"), CreatedBy: clerk.String(ada.ID)})
	want(t, org.ID != "", org, err)
	made, err := domains.Create(t.Context(), org.ID, &organizationdomain.CreateParams{
		Name: clerk.String("acme.test"), EnrollmentMode: clerk.String("manual_invitation"),
	})
	if err != nil {
		t.Fatal(err)
	}
	updated, err := domains.Update(t.Context(), &organizationdomain.UpdateParams{
		OrganizationID: org.ID, DomainID: made.ID, EnrollmentMode: clerk.String("automatic_suggestion"),
	})
	want(t, updated.EnrollmentMode == "automatic_suggestion", updated, err)
	list, err := domains.List(t.Context(), org.ID, &organizationdomain.ListParams{})
	want(t, list.TotalCount == 1 && list.OrganizationDomains[0].EnrollmentMode == "automatic_suggestion", list, err)
	gone, err := domains.Delete(t.Context(), &organizationdomain.DeleteParams{OrganizationID: org.ID, DomainID: made.ID})
	want(t, gone.Deleted, gone, err)
	list, err = domains.List(t.Context(), org.ID, &organizationdomain.ListParams{})
	want(t, list.TotalCount == 0, list, err)
}
