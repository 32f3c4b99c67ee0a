package frontendapi

import (
	"net/http"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// createDevBrowser hands out the opaque value by which SDKs tell a browser under
// development apart. Nothing depends on it: it names no client and opens
// nothing. Production has none.
func (a *API) createDevBrowser(w http.ResponseWriter, r *http.Request) {
	if a.Settings().Production {
		respond.Error(w, r, auth.Refuse(auth.CodeResourceNotFound))
		return
	}
	tellDevBrowser(w, respond.DevBrowser(""))
}

func tellDevBrowser(w http.ResponseWriter, id string) {
	w.Header().Set("Clerk-Db-Jwt", id)
	respond.JSON(w, http.StatusOK, fields{"object": "dev_browser", "id": id, "token": id})
}

// initDevBrowser is [API.createDevBrowser] for older SDKs, which say whose page
// asks and keep the value they have.
func (a *API) initDevBrowser(c *call) error {
	q := c.r.URL.Query()
	switch origin := q.Get("origin"); {
	case a.Settings().Production:
		return auth.Refuse(auth.CodeInvalidForEnvironment)
	case origin != "" && !a.mayRedirect(origin):
		return auth.RefuseParam(auth.CodeOriginInvalid, "origin")
	}
	tellDevBrowser(c.w, respond.DevBrowser(q.Get(respond.DevBrowserName)))
	return nil
}

// setDevBrowserCookie keeps the value in a cookie of this host.
func (a *API) setDevBrowserCookie(c *call) error {
	if a.Settings().Production {
		return auth.Refuse(auth.CodeInvalidForEnvironment)
	}
	id := respond.DevBrowser(c.r.URL.Query().Get(respond.DevBrowserName))
	cookie := a.cookies.Client(c.r, id, int(respond.CookieLifetime/time.Second))
	cookie.Name = respond.DevBrowserName
	http.SetCookie(c.w, cookie)
	tellDevBrowser(c.w, id)
	return nil
}
