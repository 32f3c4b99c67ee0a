package frontendapi

import (
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

func (a *API) listOrgDomains(c *call, s scope) error {
	f := respond.Query(c.r)
	q := auth.OrgDomainQuery{Verified: f.OptionalBool("verified")}
	q.Limit, q.Offset = f.Page()
	for _, mode := range f.CommaList("enrollment_mode") {
		q.Modes = append(q.Modes, auth.EnrollmentMode(mode))
	}
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Domains.List(c.r.Context(), s.by, s.id, q)
	if err != nil {
		return err
	}
	return a.answer(c, respond.PageOf(list, total, a.orgs.Domain))
}

func (a *API) createOrgDomain(c *call, s scope) error {
	f, err := c.read()
	if err != nil {
		return err
	}
	in := organization.NewDomain{Name: f.Required("name"), Enrollment: auth.EnrollmentMode(f.String("enrollment_mode"))}
	if err := f.Err(); err != nil {
		return err
	}
	d, err := a.Organizations.Domains.Create(c.r.Context(), s.by, s.id, in)
	return a.answerDomain(c, d, err)
}

func (a *API) answerDomain(c *call, d auth.OwnedDomain, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Domain(d))
}

// bulkDomains are the domains that were added and why others were not.
type bulkDomains struct {
	Data   []wire.OrganizationDomain `json:"data"`
	Errors []bulkDomainError         `json:"errors"`
}

type bulkDomainError struct {
	Name string    `json:"name"`
	Code auth.Code `json:"code"`
}

// createOrgDomains adds each domain by itself: one that is refused keeps no
// other out.
func (a *API) createOrgDomains(c *call, s scope) error {
	f, err := c.read()
	if err != nil {
		return err
	}
	names, mode := f.CommaList("names"), auth.EnrollmentMode(f.String("enrollment_mode"))
	if len(names) == 0 {
		f.Fail(auth.CodeParamMissing, "names")
	}
	if len(names) > auth.MaxOrgDomains {
		f.Fail(auth.CodeParamTooLong, "names")
	}
	if err := f.Err(); err != nil {
		return err
	}
	if _, _, err := a.Organizations.Domains.List(c.r.Context(), s.by, s.id, auth.OrgDomainQuery{Limit: 1}); err != nil {
		return err
	}
	out := bulkDomains{Data: []wire.OrganizationDomain{}, Errors: []bulkDomainError{}}
	for _, name := range names {
		d, err := a.Organizations.Domains.Create(c.r.Context(), s.by, s.id, organization.NewDomain{Name: name, Enrollment: mode})
		var refused *auth.Error
		switch {
		case err == nil:
			out.Data = append(out.Data, a.orgs.Domain(d))
		case errors.As(err, &refused) && refused.Code != auth.CodeOrgPermissionMissing:
			out.Errors = append(out.Errors, bulkDomainError{name, refused.Code})
		default:
			return err
		}
	}
	return a.answer(c, out)
}

// orgDomain is the domain that a path names.
func orgDomain(c *call) (auth.OrgDomainID, error) {
	return pathText[auth.OrgDomainID](c, "domain_id", "orgdmn")
}

func (a *API) getOrgDomain(c *call, s scope) error {
	id, err := orgDomain(c)
	if err != nil {
		return err
	}
	d, err := a.Organizations.Domains.Get(c.r.Context(), s.by, s.id, id)
	return a.answerDomain(c, d, err)
}

func (a *API) deleteOrgDomain(c *call, s scope) error {
	id, err := orgDomain(c)
	if err != nil {
		return err
	}
	if err := a.Organizations.Domains.Delete(c.r.Context(), s.by, s.id, id); err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "organization_domain", ID: string(id), Deleted: true})
}

func (a *API) updateOrgEnrollment(c *call, s scope) error {
	id, err := orgDomain(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	mode := auth.EnrollmentMode(f.Required("enrollment_mode"))
	in := organization.UpdateDomain{Enrollment: &mode, DeletePending: f.Bool("delete_pending")}
	if err := f.Err(); err != nil {
		return err
	}
	d, err := a.Organizations.Domains.Update(c.r.Context(), s.by, s.id, id, in)
	return a.answerDomain(c, d, err)
}

func (a *API) prepareOrgAffiliation(c *call, s scope) error {
	id, err := orgDomain(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	address := f.Required("affiliation_email_address")
	if err := f.Err(); err != nil {
		return err
	}
	d, err := a.Organizations.Domains.PrepareAffiliation(c.r.Context(), s.by, s.id, id, address)
	return a.answerDomain(c, d, err)
}

func (a *API) attemptOrgAffiliation(c *call, s scope) error {
	if err := a.limit(c); err != nil {
		return err
	}
	id, err := orgDomain(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	code := f.Required("code")
	if err := f.Err(); err != nil {
		return err
	}
	d, err := a.Organizations.Domains.AttemptAffiliation(c.r.Context(), s.by, s.id, id, code)
	return a.answerDomain(c, d, err)
}
