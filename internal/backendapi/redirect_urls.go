package backendapi

import (
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

func (a *API) redirectURLRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/redirect_urls":         a.listRedirectURLs,
		"POST /v1/redirect_urls":        a.createRedirectURL,
		"GET /v1/redirect_urls/{id}":    a.getRedirectURL,
		"DELETE /v1/redirect_urls/{id}": a.deleteRedirectURL,
		"GET /v1/domains":               a.listDomains,
		"POST /v1/proxy_checks":         a.checkProxy,
	}
}

type redirectURLJSON struct {
	Object    string `json:"object"`
	ID        string `json:"id"`
	URL       string `json:"url"`
	CreatedAt int64  `json:"created_at"`
	UpdatedAt int64  `json:"updated_at"` // as created: one is removed and added, never changed
}

func toRedirectURL(r auth.RedirectURL) redirectURLJSON {
	at := r.CreatedAt.UnixMilli()
	return redirectURLJSON{"redirect_url", string(r.ID), r.URL, at, at}
}

func redirectURLID(r *http.Request) (auth.RedirectURLID, error) {
	return pathID[auth.RedirectURLID](r, "id", "ru")
}

// listRedirectURLs lists those that back ends added, oldest first. What the
// configuration allows besides has no identifier and is not among them.
func (a *API) listRedirectURLs(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query(r)
	limit, offset := page(q)
	paginated := q.Bool("paginated")
	if err := q.Err(); err != nil {
		return nil, err
	}
	all := a.Settings().RedirectURLs
	out := []redirectURLJSON{}
	for i := offset; i < min(offset+limit, len(all)); i++ {
		out = append(out, toRedirectURL(all[i]))
	}
	if paginated {
		return paged{out, len(all)}, nil
	}
	return out, nil
}

func (a *API) createRedirectURL(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	address := f.Required("url")
	if err := f.Err(); err != nil {
		return nil, err
	}
	added, err := auth.NewRedirectURL(address, a.Now(), a.Entropy)
	if err != nil {
		return nil, err
	}
	_, err = a.Live.Update(r.Context(), func(s *auth.Settings) (err error) {
		*s, err = s.AddRedirectURL(added)
		return err
	})
	if err != nil {
		return nil, err
	}
	return toRedirectURL(added), nil
}

func (a *API) getRedirectURL(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := redirectURLID(r)
	if err != nil {
		return nil, err
	}
	found, ok := a.Settings().RedirectURL(id)
	if !ok {
		return nil, auth.ErrNotFound
	}
	return toRedirectURL(found), nil
}

func (a *API) deleteRedirectURL(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := redirectURLID(r)
	if err != nil {
		return nil, err
	}
	_, err = a.Live.Update(r.Context(), func(s *auth.Settings) (err error) {
		*s, err = s.RemoveRedirectURL(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return deleted("redirect_url", string(id)), nil
}

type domainJSON struct {
	Object            string  `json:"object"`
	ID                string  `json:"id"`
	Name              string  `json:"name"`
	IsSatellite       bool    `json:"is_satellite"`
	FrontendAPIURL    string  `json:"frontend_api_url"`
	AccountsPortalURL *string `json:"accounts_portal_url"`
	ProxyURL          *string `json:"proxy_url"`
	DevelopmentOrigin string  `json:"development_origin"`
}

// listDomains lists the one domain there is, the host of the Frontend API.
func (a *API) listDomains(http.ResponseWriter, *http.Request) (any, error) {
	base, err := url.Parse(a.PublicURL)
	if err != nil {
		return nil, err
	}
	home := a.Settings().HomeURL
	one := domainJSON{
		Object: "domain", ID: a.domainID(), Name: base.Host, FrontendAPIURL: a.PublicURL,
		AccountsPortalURL: respond.OrNull(home),
	}
	if !a.Settings().Production {
		one.DevelopmentOrigin = home
	}
	return paged{[]domainJSON{one}, 1}, nil
}
