package hosted

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
)

// organizationDraft is the page of an organization that is to be.
type organizationDraft struct {
	organizationFrame
	Name, Slug string
	HasSlug    bool   // people choose one
	Began      string // when the form was shown first, see madeSince
	List       string
}

func (p *Pages) showCreate(r *room) error {
	if err := p.Organizations.Organizations.MayCreate(r.r.Context(), r.by); err != nil {
		return err
	}
	page := organizationDraft{
		organizationFrame: p.frameOf(r), HasSlug: !p.Settings().Organizations.SlugDisabled, List: organizationPath,
		Name: r.form.value("name"), Slug: r.form.value("slug"),
		Began: cmp.Or(r.form.value("began"), strconv.FormatInt(p.Now().UnixMilli(), 10)),
	}
	return p.renderRoom(r, "organization_create", &page, "name", "slug")
}

// createOrganization makes an organization, lets the session act in it, and adds
// the logo. Each is done for good: a logo that cannot be read is left out.
func (p *Pages) createOrganization(r *room) (string, error) {
	if again, err := p.madeSince(r); err != nil || again != "" {
		return again, err
	}
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

// madeSince is where a form leads that was sent before: to the organization of
// this name that the person has made since the form was shown; or empty.
func (p *Pages) madeSince(r *room) (string, error) {
	began, err := strconv.ParseInt(r.form.value("began"), 10, 64)
	if err != nil {
		return "", nil
	}
	newest, _, err := p.Organizations.Members.OfUser(r.r.Context(), r.by.User, auth.MemberQuery{Limit: pageSize})
	if err != nil {
		return "", err
	}
	for _, m := range newest {
		o := m.Organization
		if o.CreatedBy == r.by.User && o.CreatedAt.UnixMilli() >= began && o.Name == strings.TrimSpace(r.form.value("name")) {
			return said(organizationPath+"/"+string(o.ID), "created"), nil
		}
	}
	return "", nil
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
