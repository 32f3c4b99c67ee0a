package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
)

func (a *API) setLogo(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	contentType, content, err := a.uploaded(w, r)
	if err != nil {
		return nil, err
	}
	return a.answerOrganization(a.Organizations.Organizations.SetLogo(r.Context(), organization.Operator, o.ID, contentType, content))
}

func (a *API) deleteLogo(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	return a.answerOrganization(a.Organizations.Organizations.DeleteLogo(r.Context(), organization.Operator, o.ID))
}
