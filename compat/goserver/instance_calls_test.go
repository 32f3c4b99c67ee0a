package goserver_test

import (
	"net/http"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/allowlistidentifier"
	"github.com/clerk/clerk-sdk-go/v2/blocklistidentifier"
	"github.com/clerk/clerk-sdk-go/v2/domain"
	"github.com/clerk/clerk-sdk-go/v2/instancesettings"
	"github.com/clerk/clerk-sdk-go/v2/invitation"
	"github.com/clerk/clerk-sdk-go/v2/proxycheck" //nolint:staticcheck // deprecated, and still offered
	"github.com/clerk/clerk-sdk-go/v2/redirecturl"
	"github.com/clerk/clerk-sdk-go/v2/template"
	"github.com/clerk/clerk-sdk-go/v2/waitlistentry"
)

func TestInstanceSettings(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	settings := instancesettings.NewClient(config(s))
	if err := settings.Update(t.Context(), &instancesettings.UpdateParams{SupportEmail: clerk.String("help@example.com")}); err != nil {
		t.Error(err)
	}
	err := settings.Update(t.Context(), &instancesettings.UpdateParams{SupportEmail: clerk.String("nobody")})
	wantCode(t, err, http.StatusUnprocessableEntity, "form_param_format_invalid")
	set, err := settings.UpdateRestrictions(t.Context(), &instancesettings.UpdateRestrictionsParams{Blocklist: clerk.Bool(true)})
	want(t, set.Blocklist && !set.Allowlist, set, err)
	domains, err := domain.NewClient(config(s)).List(t.Context(), &domain.ListParams{})
	want(t, domains.TotalCount == 1 && domains.Domains[0].FrontendAPIURL == s.TLSURL, domains, err)

	checks := proxycheck.NewClient(config(s))
	// A proxy that leads elsewhere, for this domain and for one that is not here.
	check, err := checks.Create(t.Context(), &proxycheck.CreateParams{ //nolint:staticcheck // deprecated, and still offered
		DomainID: clerk.String(domains.Domains[0].ID), ProxyURL: clerk.String("https://127.0.0.1:1/__clerk"),
	})
	want(t, !check.Successful && check.DomainID == domains.Domains[0].ID, check, err)
	_, err = checks.Create(t.Context(), &proxycheck.CreateParams{DomainID: clerk.String("dmn_other")}) //nolint:staticcheck // deprecated, and still offered
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}

func TestRedirectURLs(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	urls := redirecturl.NewClient(config(s))
	made, err := urls.Create(t.Context(), &redirecturl.CreateParams{URL: clerk.String("my-app://callback")})
	if err != nil {
		t.Fatal(err)
	}
	found, err := urls.Get(t.Context(), made.ID)
	want(t, found.URL == "my-app://callback", found, err)
	list, err := urls.List(t.Context(), &redirecturl.ListParams{})
	want(t, list.TotalCount == 1, list, err)
	gone, err := urls.Delete(t.Context(), made.ID)
	want(t, gone.Deleted, gone, err)
	_, err = urls.Get(t.Context(), made.ID)
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	allowed, blocked := allowlistidentifier.NewClient(config(s)), blocklistidentifier.NewClient(config(s))
	a, err := allowed.Create(t.Context(), &allowlistidentifier.CreateParams{Identifier: clerk.String("*@example.com")})
	want(t, a.IdentifierType == "email_address", a, err)
	b, err := blocked.Create(t.Context(), &blocklistidentifier.CreateParams{Identifier: clerk.String("mallory@example.com")})
	want(t, b.Identifier == "mallory@example.com", b, err)
	as, err := allowed.List(t.Context(), &allowlistidentifier.ListParams{})
	want(t, as.TotalCount == 1 && as.AllowlistIdentifiers[0].ID == a.ID, as, err)
	bs, err := blocked.List(t.Context(), &blocklistidentifier.ListParams{})
	want(t, bs.TotalCount == 1 && bs.BlocklistIdentifiers[0].ID == b.ID, bs, err)
	gone, err := allowed.Delete(t.Context(), a.ID)
	want(t, gone.Deleted, gone, err)
	gone, err = blocked.Delete(t.Context(), b.ID)
	want(t, gone.Deleted, gone, err)
	as, err = allowed.List(t.Context(), &allowlistidentifier.ListParams{})
	want(t, as.TotalCount == 0, as, err)
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	invitations := invitation.NewClient(config(s))
	made, err := invitations.Create(t.Context(), &invitation.CreateParams{EmailAddress: "a@example.com", Notify: clerk.Bool(false)})
	want(t, made.Status == "pending" && made.URL != "", made, err)
	bulk, err := invitations.BulkCreate(t.Context(), &invitation.BulkCreateParams{Invitations: []*invitation.CreateParams{
		{EmailAddress: "b@example.com", Notify: clerk.Bool(false)}, {EmailAddress: "c@example.com", Notify: clerk.Bool(false)},
	}})
	if err != nil || len(bulk.Invitations) != 2 {
		t.Errorf("got %+v, %v", bulk, err)
	}
	revoked, err := invitations.Revoke(t.Context(), made.ID)
	want(t, revoked.Status == "revoked" && revoked.Revoked, revoked, err)
	list, err := invitations.List(t.Context(), &invitation.ListParams{Statuses: []string{"pending"}})
	want(t, list.TotalCount == 2, list, err)
}

func TestWaitlist(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	entries := waitlistentry.NewClient(config(s))
	made, err := entries.Create(t.Context(), &waitlistentry.CreateParams{EmailAddress: "a@example.com", Notify: clerk.Bool(false)})
	want(t, made.Status == "pending", made, err)
	list, err := entries.List(t.Context(), &waitlistentry.ListParams{Query: clerk.String("a@")})
	want(t, list.TotalCount == 1 && list.WaitlistEntries[0].ID == made.ID, list, err)
}

func TestMessageTemplates(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	templates := template.NewClient(config(s))
	const kind, slug = clerk.TemplateTypeEmail, "invitation"
	before, err := templates.Get(t.Context(), &template.GetParams{TemplateType: kind, Slug: slug})
	if err != nil || before.CanRevert {
		t.Fatalf("got %+v, %v", before, err)
	}
	changed, err := templates.Update(t.Context(), &template.UpdateParams{
		TemplateType: kind, Slug: slug, Name: clerk.String(before.Name), Subject: clerk.String("Come in"), Body: clerk.String(before.Body),
	})
	want(t, changed.Subject == "Come in" && changed.CanRevert, changed, err)
	preview, err := templates.Preview(t.Context(), &template.PreviewParams{
		TemplateType: kind, Slug: slug, Subject: clerk.String("Come in"), Body: clerk.String(before.Body),
	})
	want(t, preview.Subject == "Come in", preview, err)
	toggled, err := templates.ToggleDelivery(t.Context(), &template.ToggleDeliveryParams{
		TemplateType: kind, Slug: slug, DeliveredByClerk: clerk.Bool(false),
	})
	want(t, !toggled.DeliveredByClerk, toggled, err)
	reverted, err := templates.Revert(t.Context(), &template.RevertParams{TemplateType: kind, Slug: slug})
	want(t, reverted.Subject == before.Subject && !reverted.CanRevert, reverted, err)
	list, err := templates.List(t.Context(), &template.ListParams{TemplateType: kind})
	want(t, list.TotalCount > 0, list, err)
}
