package frontendapi

import (
	"context"
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/wire"
)

// proveDomain is one step of the proof of a domain by the DNS.
type proveDomain func(ctx context.Context, by organization.Actor, org auth.OrganizationID, id auth.OrgDomainID) (auth.OwnedDomain, error)

// ownership performs a step for the domain in the path.
func (a *API) ownership(step func() proveDomain) func(*call, scope) error {
	return func(c *call, s scope) error {
		id, err := orgDomain(c)
		if err != nil {
			return err
		}
		d, err := step()(c.r.Context(), s.by, s.id, id)
		return a.answerDomain(c, d, err)
	}
}

// bulkOwnership are the domains for which a step was performed and why it was
// not for others.
type bulkOwnership struct {
	Data   []wire.OrganizationDomain `json:"data"`
	Errors []bulkOwnershipError      `json:"errors"`
}

type bulkOwnershipError struct {
	ID   string    `json:"id"`
	Code auth.Code `json:"code"`
}

// ownerships performs a step for each domain in the body by itself.
func (a *API) ownerships(step func() proveDomain) func(*call, scope) error {
	return func(c *call, s scope) error {
		f, err := c.read()
		if err != nil {
			return err
		}
		ids := f.CommaList("organization_domain_ids")
		if len(ids) == 0 {
			f.Fail(auth.CodeParamMissing, "organization_domain_ids")
		}
		if len(ids) > auth.MaxOrgDomains {
			f.Fail(auth.CodeParamTooLong, "organization_domain_ids")
		}
		if err := f.Err(); err != nil {
			return err
		}
		out := bulkOwnership{Data: []wire.OrganizationDomain{}, Errors: []bulkOwnershipError{}}
		for _, id := range ids {
			d, err := step()(c.r.Context(), s.by, s.id, auth.OrgDomainID(id))
			var refused *auth.Error
			switch {
			case err == nil:
				out.Data = append(out.Data, a.orgs.Domain(d))
			case errors.As(err, &refused) && refused.Code != auth.CodeOrgPermissionMissing && refused.Code != auth.CodeOrgDomainsDisabled:
				out.Errors = append(out.Errors, bulkOwnershipError{id, refused.Code})
			default:
				return err
			}
		}
		return a.answer(c, out)
	}
}

func (a *API) prepareOwnership() proveDomain { return a.Organizations.Domains.PrepareOwnership }
func (a *API) attemptOwnership() proveDomain { return a.Organizations.Domains.AttemptOwnership }
