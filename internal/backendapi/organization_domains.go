package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
)

// domainQuery reads what lists of domains have in common.
func domainQuery(f *respond.Form) (q auth.OrgDomainQuery) {
	q.Verified = f.OptionalBool("verified")
	q.Limit, q.Offset = f.Page()
	include, exclude := signed(list(f, "enrollment_mode"))
	q.Modes, q.NotModes = ids[auth.EnrollmentMode](include), ids[auth.EnrollmentMode](exclude)
	return q
}

func (a *API) answerDomains(page []auth.OwnedDomain, total int, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, a.orgs.Domain), nil
}

func (a *API) answerDomain(d auth.OwnedDomain, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.orgs.Domain(d), nil
}

func (a *API) listOrgDomains(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f := query(r)
	q := domainQuery(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerDomains(a.Organizations.Domains.List(r.Context(), organization.Operator, o.ID, q))
}

func (a *API) listAllOrgDomains(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q := domainQuery(f)
	q.OrderBy, q.Names = order(f, auth.OrgDomainOrders), list(f, "domains")
	q.Organization = auth.OrganizationID(f.String("organization_id"))
	if text := f.Optional("query"); text != nil {
		switch {
		case *text == "":
			f.Fail(auth.CodeParamNil, "query")
		case auth.ValidID("org", *text):
			q.Organization = auth.OrganizationID(*text)
		default:
			q.Query = *text
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerDomains(a.Organizations.Domains.All(r.Context(), q))
}

func (a *API) createOrgDomain(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := organization.NewDomain{Name: f.Required("name"), Enrollment: auth.EnrollmentMode(f.String("enrollment_mode")), Verified: true}
	if verified := f.OptionalBool("verified"); verified != nil {
		in.Verified = *verified
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerDomain(a.Organizations.Domains.Create(r.Context(), organization.Operator, o.ID, in))
}

func orgDomain(r *http.Request) (auth.OrgDomainID, error) {
	return pathID[auth.OrgDomainID](r, "domain_id", "orgdmn")
}

func (a *API) updateOrgDomain(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := orgDomain(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := organization.UpdateDomain{Verified: f.OptionalBool("verified")}
	if text := f.String("enrollment_mode"); text != "" {
		mode := auth.EnrollmentMode(text)
		in.Enrollment = &mode
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerDomain(a.Organizations.Domains.Update(r.Context(), organization.Operator, o.ID, id, in))
}

func (a *API) verifyOrgDomain(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := orgDomain(r)
	if err != nil {
		return nil, err
	}
	verified := true
	in := organization.UpdateDomain{Verified: &verified}
	return a.answerDomain(a.Organizations.Domains.Update(r.Context(), organization.Operator, o.ID, id, in))
}

func (a *API) deleteOrgDomain(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := orgDomain(r)
	if err != nil {
		return nil, err
	}
	if err := a.Organizations.Domains.Delete(r.Context(), organization.Operator, o.ID, id); err != nil {
		return nil, err
	}
	return deleted("organization_domain", string(id)), nil
}
