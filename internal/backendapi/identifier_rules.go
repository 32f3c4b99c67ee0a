package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// ruleRoutes manage the identifiers that are allowed and blocked. Whether the
// lists count is an instance restriction.
func (a *API) ruleRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/allowlist_identifiers":                    a.listAllowed,
		"POST /v1/allowlist_identifiers":                   a.allow,
		"DELETE /v1/allowlist_identifiers/{identifier_id}": a.unlist(auth.AllowList),
		"GET /v1/blocklist_identifiers":                    a.listBlocked,
		"POST /v1/blocklist_identifiers":                   a.block,
		"DELETE /v1/blocklist_identifiers/{identifier_id}": a.unlist(auth.BlockList),
	}
}

type ruleJSON struct {
	Object         string `json:"object"`
	ID             string `json:"id"`
	InvitationID   string `json:"invitation_id,omitempty"`
	Identifier     string `json:"identifier"`
	IdentifierType string `json:"identifier_type"`
	InstanceID     string `json:"instance_id"`
	CreatedAt      int64  `json:"created_at"`
	UpdatedAt      int64  `json:"updated_at"`
}

func (a *API) toRule(r auth.IdentifierRule) ruleJSON {
	return ruleJSON{
		Object: string(r.List) + "list_identifier", ID: string(r.ID), Identifier: r.Identifier, IdentifierType: r.Kind,
		InstanceID: a.InstanceID, CreatedAt: r.CreatedAt.UnixMilli(), UpdatedAt: r.UpdatedAt.UnixMilli(),
	}
}

// allow puts an identifier on the allow list and, when asked to, invites it.
func (a *API) allow(w http.ResponseWriter, r *http.Request) (any, error) {
	rule, notify, err := a.addRule(w, r, auth.AllowList)
	if err != nil {
		return nil, err
	}
	out := a.toRule(rule)
	if notify {
		made, err := a.Admission.Invite(r.Context(), admission.NewInvitation{EmailAddress: rule.Identifier, Notify: true, IgnoreExisting: true})
		if err != nil {
			return nil, err
		}
		out.InvitationID = string(made.ID)
	}
	return out, nil
}

func (a *API) block(w http.ResponseWriter, r *http.Request) (any, error) {
	rule, _, err := a.addRule(w, r, auth.BlockList)
	if err != nil {
		return nil, err
	}
	return a.toRule(rule), nil
}

func (a *API) addRule(w http.ResponseWriter, r *http.Request, list auth.RuleList) (rule auth.IdentifierRule, notify bool, err error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return rule, false, err
	}
	identifier := f.Required("identifier")
	if notify = f.Bool("notify"); notify {
		if _, err := auth.NormalizeEmail(identifier, "notify"); err != nil {
			f.Fail(auth.CodeParamInvalid, "notify") // only an address can be invited
		}
	}
	if err := f.Err(); err != nil {
		return rule, false, err
	}
	rule, err = a.Admission.AddRule(r.Context(), list, identifier)
	return rule, notify, err
}

func (a *API) listAllowed(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query(r)
	rules, total, err := a.rules(r, q, auth.AllowList)
	if err != nil {
		return nil, err
	}
	return pageOrArray(q, rules, total), nil
}

func (a *API) listBlocked(_ http.ResponseWriter, r *http.Request) (any, error) {
	rules, total, err := a.rules(r, query(r), auth.BlockList)
	return pageJSON[ruleJSON]{rules, total}, err
}

func (a *API) rules(r *http.Request, q *respond.Form, list auth.RuleList) ([]ruleJSON, int, error) {
	limit, offset := page(q)
	if err := q.Err(); err != nil {
		return nil, 0, err
	}
	found, total, err := a.Admission.ListRules(r.Context(), list, limit, offset)
	out := make([]ruleJSON, 0, len(found))
	for _, rule := range found {
		out = append(out, a.toRule(rule))
	}
	return out, total, err
}

// unlist removes an identifier from a list.
func (a *API) unlist(list auth.RuleList) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		id, err := pathID[auth.IdentifierRuleID](r, "identifier_id", map[auth.RuleList]string{auth.AllowList: "alid", auth.BlockList: "blid"}[list])
		if err != nil {
			return nil, err
		}
		if err := a.Admission.DeleteRule(r.Context(), list, id); err != nil {
			return nil, err
		}
		return deleted(string(list)+"list_identifier", string(id)), nil
	}
}
