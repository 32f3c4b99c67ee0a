package frontendapi

import (
	"crypto/rand"
	"net/http"

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
	id := devBrowserID + rand.Text()
	w.Header().Set("Clerk-Db-Jwt", id)
	respond.JSON(w, http.StatusOK, fields{"object": "dev_browser", "id": id, "token": id})
}
