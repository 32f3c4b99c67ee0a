package apitest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// difference is one place where answers deliberately differ from the published
// documents. It is matched narrowly: operation, status, place and keyword.
type difference struct {
	operation string // method and published path; "*" is any
	status    int    // 0 is any
	at        string // place in the body, "*" stands for one element or name, "**/" in front for any beginning
	keyword   string // of the schema that is violated
	contains  string // of the text of the mismatch
	reason    string
}

// knownDifferences is the whole list, with [pagedLists].
var knownDifferences = []difference{
	{
		operation: "POST /v1/client/sessions/{session_id}/remove", status: 200, at: "response/user", keyword: "nullable",
		reason: "a session whose user was deleted has nobody to show, and ending it again must succeed",
	},
	{
		operation: "POST /v1/client/sessions/{session_id}/end", status: 200, at: "response/user", keyword: "nullable",
		reason: "a session whose user was deleted has nobody to show, and ending it again must succeed",
	},
	{
		operation: "*", status: 200, at: "user_settings/attributes/*", keyword: "properties", contains: `"name"`,
		reason: "published SDKs accept, and older ones show, the name of an attribute",
	},
	{
		operation: "*", status: 200, at: "user_settings/sign_in/second_factor", keyword: "properties", contains: `"enabled"`,
		reason: "published SDKs read whether a second factor can be used at all",
	},
	{
		operation: "*", status: 200, at: "user_settings/social", keyword: "properties", contains: `"oauth_custom_`,
		reason: "published SDKs list a provider of one's own by the same name as its strategy",
	},
	{
		operation: "*", status: 200, at: "organization_settings", keyword: "properties", contains: `"force_organization_selection"`,
		reason: "published SDKs read whether an organization must be chosen",
	},
	{
		operation: "*", status: 200, at: "**/verifications/*/expire_at", keyword: "nullable",
		reason: "a code that was never asked for has no end; published decoders take null",
	},
	{
		operation: "*", status: 200, at: "**/verifications/*/strategy", keyword: "enum",
		reason: "the published components take a strategy of an open proof for a code that was sent, and send none",
	},
	{
		operation: "*", status: 200, at: "**/first_factor_verification/status", keyword: "enum",
		reason: "an address that was proven without an account is transferable to a sign-up, which published SDKs look for",
	},
	{
		operation: "POST /v1/organizations/{organization_id}/invitations/bulk", status: 200, at: "", keyword: "type", contains: "object",
		reason: "the Android SDK decodes a list at the top of the body and fails the call otherwise",
	},
}

// pagedLists are the operations whose array is wrapped when the request says
// paginated=true, with the reason. The array inside is held to the document.
var pagedLists = map[string]string{
	"GET /v1/users/{user_id}/oauth_access_tokens/{provider}": "the published SDKs ask for it and decode {data, total_count}; the document knows the array only",

	"GET /v1/sessions":                  "the published SDKs ask for it and decode {data, total_count}; the document knows the array only",
	"GET /v1/invitations":               "the published SDKs ask for it and decode {data, total_count}; the document knows the array only",
	"GET /v1/allowlist_identifiers":     "the published SDKs ask for it and decode {data, total_count}; the document knows the array only",
	"GET /v1/templates/{template_type}": "the document publishes the parameter and knows the array only",
	"GET /v1/clients":                   "the published SDKs ask for it and decode {data, total_count}; the document knows the array only",
	"GET /v1/redirect_urls":             "the published SDKs ask for it and decode {data, total_count}; the document knows the array only",
}

// unwrapPage returns the array inside a page.
func unwrapPage(body []byte) ([]byte, []mismatch) {
	var page struct {
		Data  json.RawMessage `json:"data"`
		Total *int            `json:"total_count"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&page); err != nil || page.Data == nil || page.Total == nil {
		return nil, []mismatch{{keyword: "page", text: "not {data, total_count}"}}
	}
	return page.Data, nil
}

func (k difference) explains(operation string, status int, m mismatch) bool {
	return (k.operation == "*" || k.operation == operation) &&
		(k.status == 0 || k.status == status) &&
		k.keyword == m.keyword &&
		strings.Contains(m.text, k.contains) &&
		matchPlace(k.at, m.at)
}

func matchPlace(pattern string, at []string) bool {
	var want []string
	rest, anywhere := strings.CutPrefix(pattern, "**/")
	if rest != "" {
		want = strings.Split(rest, "/")
	}
	if anywhere && len(at) > len(want) {
		at = at[len(at)-len(want):]
	}
	if len(at) != len(want) {
		return false
	}
	for i, w := range want {
		if w != "*" && w != at[i] {
			return false
		}
	}
	return true
}
