package backendapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// ProxyChecker says whether the proxy at an address leads to this instance and
// is set up as it must be. It bounds its own time.
type ProxyChecker interface {
	Leads(ctx context.Context, base, domain string) bool
}

// maxProxyURL bounds the address of a proxy, in bytes.
const maxProxyURL = 2048

type proxyCheckJSON struct {
	Object     string `json:"object"`
	ID         string `json:"id"`
	DomainID   string `json:"domain_id"`
	LastRunAt  int64  `json:"last_run_at"`
	ProxyURL   string `json:"proxy_url"`
	Successful bool   `json:"successful"`
	CreatedAt  int64  `json:"created_at"`
	UpdatedAt  int64  `json:"updated_at"`
}

// domainID is that of the one domain there is: the identifier of the instance
// under another prefix, because it comes and goes with it.
func (a *API) domainID() string { return "dmn_" + strings.TrimPrefix(a.InstanceID, "ins_") }

// checkProxy asks for the health of the instance through a proxy, without one
// through its public address. It succeeds only for the address that tokens are
// issued for: behind any other every token would be refused. Nothing is kept of
// a check.
func (a *API) checkProxy(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	domain, proxy := f.String("domain_id"), f.String("proxy_url")
	if domain != "" && domain != a.domainID() {
		f.Fail(auth.CodeResourceNotFound, "domain_id")
	}
	if proxy == "" {
		proxy = a.PublicURL
	} else if !a.validProxy(proxy) {
		f.Fail(auth.CodeParamFormatInvalid, "proxy_url")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	id, err := auth.NewProxyCheckID(a.Now(), a.Entropy)
	if err != nil {
		return nil, err
	}
	successful := a.Proxies.Leads(r.Context(), proxy, a.domainID())
	at := a.Now().UnixMilli()
	return proxyCheckJSON{"proxy_check", id, a.domainID(), at, proxy, successful, at, at}, nil
}

// validProxy says whether an address can be that of a proxy: https, except
// under development, and nothing but a host and a path.
func (a *API) validProxy(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxProxyURL && u.Hostname() != "" && u.User == nil && u.Opaque == "" &&
		!strings.ContainsAny(address, "?#\\ ") && (u.Scheme == "https" || u.Scheme == "http" && !a.Settings().Production)
}
