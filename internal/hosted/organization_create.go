package hosted

import (
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
)

// organizationDraft is the page of an organization that is to be.
type organizationDraft struct {
	organizationFrame
	Name, Slug string
	HasSlug    bool // people choose one
	List       string
}

func (p *Pages) showCreate(r *room) error {
	if err := p.Organizations.Organizations.MayCreate(r.r.Context(), r.by); err != nil {
		return err
	}
	page := organizationDraft{
		organizationFrame: p.frameOf(r), HasSlug: !p.Settings().Organizations.SlugDisabled, List: organizationPath,
		Name: r.form.value("name"), Slug: r.form.value("slug"),
	}
	return p.renderRoom(r, "organization_create", &page, "name", "slug")
}

// createOrganization makes an organization, lets the session act in it, and adds
// the logo. Each is done for good: a logo that cannot be read is left out.
func (p *Pages) createOrganization(r *room) (string, error) {
	made, err := p.Organizations.Organizations.Create(r.r.Context(), r.by, organization.Create{
		Name: r.form.value("name"), Slug: r.form.value("slug"),
	})
	if err != nil {
		return "", err
	}
	r.in = made
	if err := p.actIn(r, string(made.Organization.ID)); err != nil {
		return "", err
	}
	notice := "created"
	if file := r.form.file("logo"); len(file) > 0 {
		if err := p.setLogo(r, file); err != nil {
			if trouble := refusalOnly(err); trouble != nil {
				return "", trouble
			}
			notice = "created_without_logo"
		}
	}
	if r.back != "" {
		return p.next(r.visit), nil
	}
	return said(r.path(""), notice), nil
}

// refusalOnly is nil for a refusal, and any other error as it is.
func refusalOnly(err error) error {
	var refused *auth.Error
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// setLogo makes a file the logo of the room's organization.
func (p *Pages) setLogo(r *room, file []byte) error {
	if err := p.Organizations.Organizations.MayChangeLogo(r.r.Context(), r.by, r.in.Organization.ID); err != nil {
		return err
	}
	contentType, content, err := p.Pictures.Encode(r.r.Context(), file)
	if err != nil {
		return err
	}
	_, err = p.Organizations.Organizations.SetLogo(r.r.Context(), r.by, r.in.Organization.ID, contentType, content)
	return err
}
