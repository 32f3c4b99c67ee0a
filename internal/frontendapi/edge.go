package frontendapi

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// edgeRoutes are what browsers, proxies and hosted pages ask for beside the
// flows.
func (a *API) edgeRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/account_portal":                      a.getAccountPortal,
		"GET /v1/clear-site-data":                     a.clearSiteData,
		"GET /v1/dev_browser/init":                    a.initDevBrowser,
		"POST /v1/dev_browser/set_first_party_cookie": a.setDevBrowserCookie,
		"GET /v1/proxy-health":                        a.proxyHealth,
		"GET /v1/redirect":                            a.redirectSafely,
		"POST /v1/me/tokens":                          a.createServiceToken,
	}
}

// getAccountPortal says that there are no hosted account pages: applications
// use their own. The addresses are where such pages would lead back to.
func (a *API) getAccountPortal(c *call) error {
	home := a.Settings().HomeURL
	respond.JSON(c.w, http.StatusOK, fields{
		"object": "account_portal", "allowed": false, "enabled": false, "internal_linking": false,
		"after_sign_in_url": home, "after_sign_up_url": home, "after_join_waitlist_url": home,
		"after_create_organization_url": home, "after_leave_organization_url": home, "logo_link_url": home,
		"customization": fields{
			"appearance": nil, "background_color_dark": nil, "background_color_light": nil,
			"primary_color_dark": nil, "primary_color_light": nil,
		},
	})
	return nil
}

// clearSiteData makes the browser forget everything of this site, which signs
// the person out here. A page of another site must not be able to do that to
// somebody, as little as by an image.
func (a *API) clearSiteData(c *call) error {
	if c.r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return auth.Refuse(auth.CodeOriginInvalid)
	}
	c.w.Header().Set("Clear-Site-Data", `"*"`)
	respond.JSON(c.w, http.StatusOK, fields{})
	return nil
}

// redirectSafely sends the browser to an address of an allowed origin, or home
// when none is given: never an open redirect.
func (a *API) redirectSafely(c *call) error {
	target := c.r.URL.Query().Get("redirect_url")
	if target == "" {
		if target = a.Settings().HomeURL; target == "" {
			target = a.PublicURL
		}
		return c.redirect(target)
	}
	if !a.mayRedirect(target) {
		return auth.RefuseParam(auth.CodeParamInvalid, "redirect_url")
	}
	return c.redirect(target)
}

// createServiceToken answers with a token for a third party: the template of its
// name says what is in it.
func (a *API) createServiceToken(c *call) error {
	acting, _, err := a.acting(c)
	if err != nil {
		return err
	}
	form, err := c.read()
	if err != nil {
		return err
	}
	service := form.Required("service")
	if err := form.Err(); err != nil {
		return err
	}
	signed, err := a.Sessions.MintTemplate(c.r.Context(), c.caller, acting.ID, service, c.audience(), respond.Activity(c.r))
	if err != nil {
		return err
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.Token{Object: "token", JWT: signed.JWT})
	return nil
}

// proxyHealth tells whoever holds the secret key whether a proxy in front of this
// API is set up as it must be: it says under which address it is reached, that is
// the address tokens are issued for, and its word about the client's network
// address is taken.
func (a *API) proxyHealth(c *call) error {
	if err := a.limit(c); err != nil {
		return err
	}
	if c.r.URL.Query().Get("domain_id") == "" {
		return auth.RefuseParam(auth.CodeParamMissing, "domain_id")
	}
	if a.IsSecretKey == nil || !a.IsSecretKey(c.r.Header.Get("Clerk-Secret-Key")) {
		return unhealthy(c, "the header Clerk-Secret-Key does not hold the secret key of this instance")
	}
	proxy := []byte(strings.TrimSuffix(c.r.Header.Get("Clerk-Proxy-Url"), "/"))
	if subtle.ConstantTimeCompare(proxy, []byte(a.PublicURL)) != 1 {
		return unhealthy(c, "the header Clerk-Proxy-Url is not the public address of this instance")
	}
	address := respond.ClientAddress(c.r)
	hops := strings.FieldsFunc(strings.Join(c.r.Header.Values("X-Forwarded-For"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	if !slices.Contains(hops, address) {
		return unhealthy(c, "the header X-Forwarded-For is missing, or the proxy is not one of the trusted ones")
	}
	respond.JSON(c.w, http.StatusOK, fields{"status": "healthy", "x_forwarded_for": address})
	return nil
}

func unhealthy(c *call, message string) error {
	respond.JSON(c.w, http.StatusOK, fields{"status": "unhealthy", "message": message})
	return nil
}
