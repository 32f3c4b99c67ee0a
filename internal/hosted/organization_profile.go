package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
)

// organizationProfile is the page of an organization: what it is called, and how
// to leave or end it.
type organizationProfile struct {
	organizationFrame
	Name, Slug string // as in the form
	HasSlug    bool
	Role       string
	Active     bool // the session acts in it
	MayUpdate  bool
	MayLeave   bool
	MayDelete  bool
	List       string
}

func (p *Pages) onOrganization() deeds {
	return deeds{
		"update": p.updateOrganization, "logo": p.changeLogo, "remove_logo": p.removeLogo, "activate": p.activateThis,
		"leave": p.leaveOrganization, "delete": p.deleteOrganization,
	}
}

func (p *Pages) showOrganization(r *room) error {
	active, acting := r.caller.Client.Active(r.who.Session)
	page := organizationProfile{
		organizationFrame: p.frameOf(r), Name: r.in.Organization.Name, Slug: r.in.Organization.Slug,
		HasSlug: !p.Settings().Organizations.SlugDisabled, Role: r.roleName(r.in.Role), List: organizationPath,
		Active:    acting && active.Organization.ID == r.in.Organization.ID,
		MayUpdate: r.in.Allow(auth.OrgUpdate) == nil, MayDelete: r.in.Allow(auth.OrgDelete) == nil,
	}
	err := p.Organizations.Members.MayLeave(r.r.Context(), r.by, r.in.Organization.ID)
	if err := refusalOnly(err); err != nil {
		return err
	}
	page.MayLeave = err == nil
	if r.form.value("do") == "update" {
		page.Name, page.Slug = r.form.value("name"), r.form.value("slug")
	}
	return p.renderRoom(r, "organization", &page, "name", "slug", "logo", "confirm")
}

func (p *Pages) updateOrganization(r *room) (string, error) {
	name, slug := r.form.value("name"), r.form.value("slug")
	_, err := p.Organizations.Organizations.Update(r.r.Context(), r.by, r.in.Organization.ID, organization.Update{Name: &name, Slug: &slug})
	return r.here("updated"), err
}

func (p *Pages) changeLogo(r *room) (string, error) {
	file := r.form.file("logo")
	if len(file) == 0 {
		return "", auth.RefuseParam(auth.CodeParamMissing, "logo")
	}
	return r.here("logo_changed"), atField(p.setLogo(r, file), "logo")
}

func (p *Pages) removeLogo(r *room) (string, error) {
	_, err := p.Organizations.Organizations.DeleteLogo(r.r.Context(), r.by, r.in.Organization.ID)
	return r.here("logo_removed"), err
}

func (p *Pages) activateThis(r *room) (string, error) {
	return r.here("switched"), p.actIn(r, string(r.in.Organization.ID))
}

func (p *Pages) leaveOrganization(r *room) (string, error) {
	_, err := p.Organizations.Members.Remove(r.r.Context(), r.by, r.in.Organization.ID, r.by.User)
	return said(organizationPath, "left"), err
}

// deleteOrganization asks for the name, which nobody writes by accident.
func (p *Pages) deleteOrganization(r *room) (string, error) {
	if r.form.value("confirm") != r.in.Organization.Name {
		return "", auth.RefuseParam(auth.CodeParamFormatInvalid, "confirm")
	}
	_, err := p.Organizations.Organizations.Delete(r.r.Context(), r.by, r.in.Organization.ID)
	return said(organizationPath, "deleted"), err
}
