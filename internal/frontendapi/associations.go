package frontendapi

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// associationDocuments tell platforms which apps and pages may use what belongs
// to this host, its passkeys above all.
func (a *API) associationDocuments() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /.well-known/apple-app-site-association": a.appleAppSiteAssociation,
		"GET /.well-known/assetlinks.json":            a.assetLinks,
		"GET /.well-known/webauthn":                   a.relatedOrigins,
	}
}

// appleAppSiteAssociation lists the apps that may use the credentials of this
// site.
func (a *API) appleAppSiteAssociation(w http.ResponseWriter, _ *http.Request) {
	apps := a.Settings().NativeApps.Apple
	if apps == nil {
		apps = []string{}
	}
	respond.JSON(w, http.StatusOK, fields{"webcredentials": fields{"apps": apps}})
}

// assetLinks are the Digital Asset Links of the Android apps.
func (a *API) assetLinks(w http.ResponseWriter, _ *http.Request) {
	links := []fields{}
	for _, app := range a.Settings().NativeApps.Android {
		links = append(links, fields{
			"relation": []string{"delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"},
			"target": fields{
				"namespace": "android_app", "package_name": app.PackageName, "sha256_cert_fingerprints": app.SHA256,
			},
		})
	}
	respond.JSON(w, http.StatusOK, links)
}

// relatedOrigins are the pages of other sites that may use passkeys of this host
// (WebAuthn Level 3, section 5.11.1). Where passkeys belong to the whole site
// there is no such document.
func (a *API) relatedOrigins(w http.ResponseWriter, r *http.Request) {
	if !a.Settings().RelatedOrigins(a.host) {
		respond.Error(w, r, auth.Refuse(auth.CodeResourceNotFound))
		return
	}
	origins := []string{}
	for _, o := range a.Origins {
		if !strings.Contains(o, "*") { // browsers read no patterns
			origins = append(origins, o)
		}
	}
	respond.JSON(w, http.StatusOK, fields{"origins": origins})
}
