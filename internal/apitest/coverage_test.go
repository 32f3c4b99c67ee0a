package apitest

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/backendapi"
	"github.com/perennialauth/perennial/internal/frontendapi"
)

var rewrite = flag.Bool("rewrite", false, "write the generated files instead of comparing them")

// coverageFile is generated from the published documents and the routes.
const coverageFile = "../../docs/coverage.md"

// published is one operation of a document.
type published struct {
	operation string // METHOD /path
	tag       string
}

// TestCoverage keeps the table of operations and the lists of those that
// answer 501 equal to what the documents publish and the routes serve.
func TestCoverage(t *testing.T) {
	contract := Published(t)
	if contract == nil {
		t.Skip("published documents are not on this machine: the table of operations was not compared")
	}
	var doc bytes.Buffer
	for _, api := range []struct {
		title, pkg string
		document   *document
		served     []string
	}{
		{"Frontend API", "frontendapi", contract.frontend, append(frontendapi.Operations(), "GET /v1/health")},
		{"Backend API", "backendapi", contract.backend, backendapi.Operations()},
	} {
		all := api.document.published()
		for _, op := range api.served {
			if unpublishedOperations[op] == "" && !slices.ContainsFunc(all, func(p published) bool { return sameOperation(p.operation, op) }) {
				t.Errorf("%s is served and not published", op)
			}
		}
		var list bytes.Buffer
		writeTable(&doc, api.title, all, api.served)
		writeList(&list, api.pkg, all, api.served)
		compare(t, "../"+api.pkg+"/unimplemented_gen.go", list.String())
	}
	compare(t, coverageFile, coverageHead+doc.String())
}

// unpublishedOperations are served although no document has them, with the reason.
var unpublishedOperations = map[string]string{
	"POST /v1/environment":                                    "browsers under development send PATCH as a POST",
	"PATCH /v1/environment":                                   "browsers under development ask for the environment with this method",
	"GET /v1/client/touch":                                    "browsers navigate here to prolong their cookie",
	"POST /v1/client/hosted_auth":                             "native SDKs sign in in the browser; the document names the path alone",
	"GET /v1/instance/settings":                               "most of what an instance can be set to has no published name",
	"PATCH /v1/instance/settings":                             "most of what an instance can be set to has no published name",
	"GET /v1/images/{image_id}":                               "images are served from the same host; the documents only publish their URLs",
	"POST /v1/client/magic_links/complete":                    "native SDKs complete a link in a mail; no document has it",
	"POST /v1/sessions/{session_id}/verify":                   "back ends on older SDKs verify sessions here; no document has it any more",
	"DELETE /v1/invitations/{invitation_id}":                  "the newest SDKs delete invitations; no document has it yet",
	"PUT /v1/client":                                          "older SDKs create a client with this method",
	"DELETE /v1/client/sessions/{session_id}":                 "some SDKs remove a session with this method",
	"GET /v1/webhooks/endpoints":                              ownWebhooks,
	"POST /v1/webhooks/endpoints":                             ownWebhooks,
	"GET /v1/webhooks/endpoints/{endpoint_id}":                ownWebhooks,
	"PATCH /v1/webhooks/endpoints/{endpoint_id}":              ownWebhooks,
	"DELETE /v1/webhooks/endpoints/{endpoint_id}":             ownWebhooks,
	"GET /v1/webhooks/endpoints/{endpoint_id}/secret":         ownWebhooks,
	"POST /v1/webhooks/endpoints/{endpoint_id}/secret/rotate": ownWebhooks,
	"GET /v1/webhooks/endpoints/{endpoint_id}/deliveries":     ownWebhooks,
	"POST /v1/webhooks/deliveries/{delivery_id}/replay":       ownWebhooks,
}

const ownWebhooks = "the published API only leads to the dashboard of another product"

const coverageHead = `# Published operations and what this server does with them

Generated from the published documents and the routes of the server; a test
fails when it is out of date. An operation that is not implemented answers 501
with the code not_implemented, except where the reason says otherwise.
`

func (d *document) published() (out []published) {
	for _, r := range d.routes {
		ops := r.item.Operations()
		for _, method := range slices.Sorted(maps.Keys(ops)) {
			tag := "Miscellaneous"
			if tags := ops[method].Tags; len(tags) > 0 {
				tag = tags[0]
			}
			out = append(out, published{method + " " + r.path, tag})
		}
	}
	return out
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// sameOperation ignores how parameters are called.
func sameOperation(a, b string) bool {
	return parameter.ReplaceAllString(a, "{}") == parameter.ReplaceAllString(b, "{}")
}

func isServed(served []string, operation string) bool {
	return slices.ContainsFunc(served, func(s string) bool { return sameOperation(s, operation) })
}

func writeTable(w *bytes.Buffer, title string, all []published, served []string) {
	byTag := map[string][]published{}
	count := 0
	for _, p := range all {
		byTag[p.tag] = append(byTag[p.tag], p)
		if isServed(served, p.operation) && placeholders[p.operation] == "" {
			count++
		}
	}
	fmt.Fprintf(w, "\n## %s: %d of %d operations\n", title, count, len(all))
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		fmt.Fprintf(w, "\n### %s\n\n| operation | state |\n|---|---|\n", tag)
		for _, p := range byTag[tag] {
			state := "implemented"
			if !isServed(served, p.operation) {
				state = "not implemented: " + reasonFor(p.operation, tag)
			} else if why := placeholders[p.operation]; why != "" {
				state = why
			}
			fmt.Fprintf(w, "| `%s` | %s |\n", p.operation, state)
		}
	}
}

// wholeSegment finds a parameter that is a part of its segment: routes know
// whole ones only.
var wholeSegment = regexp.MustCompile(`(\{[^}]*\})[^/]+`)

func writeList(w *bytes.Buffer, pkg string, all []published, served []string) {
	w.WriteString("// Code generated by TestCoverage in internal/apitest; DO NOT EDIT.\n\npackage " + pkg + "\n\n" +
		"// unimplemented are the published operations that answer 501.\nvar unimplemented = []string{\n")
	for _, p := range all {
		if !isServed(served, p.operation) {
			fmt.Fprintf(w, "\t%q,\n", wholeSegment.ReplaceAllString(p.operation, "$1"))
		}
	}
	w.WriteString("}\n")
}

// leftOut are the areas that are not planned for now; the others are.
var leftOut = map[string]string{
	"Billing": "billing is left out", "Subscriptions": "billing is left out", "Subscription Items": "billing is left out",
	"Payment Methods": "billing is left out", "Checkouts": "billing is left out", "Payment Attempts": "billing is left out",
	"Statements": "billing is left out", "Plans": "billing is left out",
	"SAML": "enterprise connections are left out", "SAML Connections": "enterprise connections are left out",
	"Enterprise Connections": "enterprise connections are left out", "SCIM Directories": "enterprise directories are left out",
	"Directories": "enterprise directories are left out", "Admin Portal Link Tokens": "enterprise connections are left out",
	"Web3 Wallets": "web3 is left out",
	"Machines":     "machine credentials are left out", "M2M Tokens": "machine credentials are left out", "API Keys": "machine credentials are left out",
	"OAuth Applications": "acting as an OAuth provider is left out", "OAuth Access Tokens": "acting as an OAuth provider is left out",
	"OAuth2 Identity Provider": "acting as an OAuth provider is left out",
	"Agent Tasks":              "left out", "Beta Features": "there are no beta features to switch",
}

// placeholders are served with an answer that is true and does nothing: they
// do not count.
var placeholders = map[string]string{
	"POST /v1/sessions/{session_id}/refresh": "always 401: no refresh tokens are handed out, SDKs fall back to the handshake",
}

// leftOutOperations are single ones.
var leftOutOperations = map[string]string{
	"GET /v1/agents/tasks":                        "agent tasks are left out",
	"GET /v1/client/sync":                         "satellite domains are left out",
	"GET /v1/client/link":                         "satellite domains are left out",
	"GET /.well-known/oauth-authorization-server": "acting as an OAuth provider is left out",

	"POST /v1/domains":                             "satellite domains are left out, and the primary one is there",
	"DELETE /v1/domains/{domain_id}":               "satellite domains are left out, and the primary one stays",
	"PATCH /v1/domains/{domain_id}":                "the one domain is decided by how the instance is run",
	"POST /v1/instance/change_domain":              "the one domain is decided by how the instance is run",
	"GET /v1/public/interstitial":                  "the handshake does its work",
	"GET /v1/instance/protect":                     "there is no such protection to switch",
	"PATCH /v1/instance/protect":                   "there is no such protection to switch",
	"POST /v1/webhooks/svix":                       ownWebhooks + "; see /v1/webhooks/endpoints",
	"DELETE /v1/webhooks/svix":                     ownWebhooks + "; see /v1/webhooks/endpoints",
	"POST /v1/webhooks/svix_url":                   ownWebhooks + "; see /v1/webhooks/endpoints",
	"GET /v1/users/{user_id}/billing/credits":      "billing is left out",
	"POST /v1/users/{user_id}/billing/credits":     "billing is left out",
	"GET /v1/users/{user_id}/billing/subscription": "billing is left out",

	"GET /v1/organizations/{organization_id}/billing/credits":      "billing is left out",
	"POST /v1/organizations/{organization_id}/billing/credits":     "billing is left out",
	"GET /v1/organizations/{organization_id}/billing/subscription": "billing is left out",

	"GET /v1/instance/oauth_application_settings":   "acting as an OAuth provider is left out",
	"PATCH /v1/instance/oauth_application_settings": "acting as an OAuth provider is left out",

	"DELETE /v1/users/{user_id}/web3_wallets/{web3_wallet_identification_id}": "web3 is left out",
}

func reasonFor(operation, tag string) string {
	if reason := leftOutOperations[operation]; reason != "" {
		return reason
	}
	if reason := leftOut[tag]; reason != "" {
		return reason
	}
	return "planned"
}

func compare(t *testing.T, file, want string) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is out of date: run go test ./internal/apitest -run TestCoverage -rewrite", file)
	}
}

// Paths that only the Backend API has belong to it even without a key; paths
// that the Frontend API has too belong to that one until a key is shown.
func TestAreasOfTheBackendAPI(t *testing.T) {
	t.Parallel()
	contract := Published(t)
	if contract == nil {
		t.Skip("published documents are not on this machine: the division of paths was not compared")
	}
	front := map[string]bool{}
	for _, r := range contract.frontend.routes {
		if len(r.segments) > 2 && r.segments[1] == "v1" {
			front[r.segments[2]] = true
		}
	}
	for _, r := range contract.backend.routes {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, parameter.ReplaceAllString(r.path, "x"), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, shared := backendapi.IsRequest(req), front[r.segments[2]]
		if got == shared {
			t.Errorf("%s without a key: for the Backend API %v, shared with the Frontend API %v", r.path, got, shared)
		}
		req.Header.Set("Authorization", "Bearer sk_test_x")
		if !backendapi.IsRequest(req) {
			t.Errorf("%s with a key is not for the Backend API", r.path)
		}
	}
	for _, r := range contract.frontend.routes {
		path := strings.NewReplacer("{", "", "}", "").Replace(r.path)
		if req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil); err == nil && backendapi.IsRequest(req) {
			t.Errorf("%s would never reach the Frontend API", path)
		}
	}
}
