package backendapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/admission"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// invitationRoutes manage who is invited to sign up.
func (a *API) invitationRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/invitations":                         a.listInvitations,
		"POST /v1/invitations":                        a.createInvitation,
		"POST /v1/invitations/bulk":                   a.createInvitations,
		"POST /v1/invitations/{invitation_id}/revoke": a.revokeInvitation,
		"DELETE /v1/invitations/{invitation_id}":      a.deleteInvitation,
	}
}

const maxBulkInvitations = 10

type invitationJSON struct {
	Object         string          `json:"object"`
	ID             string          `json:"id"`
	EmailAddress   string          `json:"email_address"`
	PublicMetadata json.RawMessage `json:"public_metadata"`
	Revoked        bool            `json:"revoked"`
	Status         string          `json:"status"`
	URL            string          `json:"url,omitempty"` // told once
	ExpiresAt      *int64          `json:"expires_at"`
	CreatedAt      int64           `json:"created_at"`
	UpdatedAt      int64           `json:"updated_at"`
}

func (a *API) toInvitation(i auth.Invitation, link string) invitationJSON {
	status := i.StatusAt(a.Now())
	return invitationJSON{
		Object: "invitation", ID: string(i.ID), EmailAddress: i.EmailAddress, PublicMetadata: respond.Object(i.PublicMeta),
		Revoked: status == auth.InvitationRevoked, Status: string(status), URL: link, ExpiresAt: respond.Millis(i.ExpireAt),
		CreatedAt: i.CreatedAt.UnixMilli(), UpdatedAt: i.UpdatedAt.UnixMilli(),
	}
}

func (a *API) createInvitation(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	request, err := invitationRequest(f)
	if err != nil {
		return nil, err
	}
	made, err := a.Admission.Invite(r.Context(), request)
	if err != nil {
		return nil, err
	}
	return a.toInvitation(made.Invitation, made.Link), nil
}

// createInvitations makes all of them or none.
func (a *API) createInvitations(w http.ResponseWriter, r *http.Request) (any, error) {
	forms, err := respond.ReadList(w, r)
	if err != nil {
		return nil, err
	}
	if len(forms) == 0 || len(forms) > maxBulkInvitations {
		return nil, auth.RefuseParam(auth.CodeParamInvalid, "email_address")
	}
	requests := make([]admission.NewInvitation, 0, len(forms))
	for _, f := range forms {
		request, err := invitationRequest(f)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	made, err := a.Admission.InviteAll(r.Context(), requests)
	if err != nil {
		return nil, err
	}
	out := make([]invitationJSON, 0, len(made))
	for _, m := range made {
		out = append(out, a.toInvitation(m.Invitation, m.Link))
	}
	return out, nil
}

func invitationRequest(f *respond.Form) (admission.NewInvitation, error) {
	request := admission.NewInvitation{
		EmailAddress: f.Required("email_address"), RedirectURL: f.String("redirect_url"), Notify: true,
		IgnoreExisting: f.Bool("ignore_existing"),
	}
	if notify := f.OptionalBool("notify"); notify != nil {
		request.Notify = *notify
	}
	request.PublicMeta, _ = f.Object("public_metadata")
	if days := f.OptionalInt("expires_in_days"); days != nil {
		if *days < 1 || *days > 365 {
			f.Fail(auth.CodeParamInvalid, "expires_in_days")
		}
		request.Lifetime = time.Duration(*days) * 24 * time.Hour
	}
	// The integrator chooses where their links lead; a script is no place.
	if u, err := url.Parse(request.RedirectURL); request.RedirectURL != "" &&
		(err != nil || u.Scheme == "" || u.Scheme == "javascript" || u.Scheme == "data") {
		f.Fail(auth.CodeParamInvalid, "redirect_url")
	}
	return request, f.Err()
}

func (a *API) listInvitations(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query(r)
	limit, offset := page(q)
	request := auth.InvitationQuery{
		Status: auth.InvitationStatus(q.String("status")), Query: strings.ToLower(q.String("query")),
		Oldest: oldestFirst(q), Limit: limit, Offset: offset,
	}
	switch request.Status {
	case "", auth.InvitationPending, auth.InvitationAccepted, auth.InvitationRevoked, auth.InvitationExpired:
	default:
		q.Fail(auth.CodeParamInvalid, "status")
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, total, err := a.Admission.List(r.Context(), request)
	if err != nil {
		return nil, err
	}
	out := make([]invitationJSON, 0, len(found))
	for _, i := range found {
		out = append(out, a.toInvitation(i, ""))
	}
	return pageOrArray(q, out, total), nil
}

func (a *API) revokeInvitation(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := invitationID(r)
	if err != nil {
		return nil, err
	}
	i, err := a.Admission.Revoke(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.toInvitation(i, ""), nil
}

func (a *API) deleteInvitation(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := invitationID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Admission.Delete(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("invitation", string(id)), nil
}

func invitationID(r *http.Request) (auth.InvitationID, error) {
	return pathID[auth.InvitationID](r, "invitation_id", "inv")
}

// oldestFirst reads an order by creation, which has an index.
func oldestFirst(q *respond.Form) bool {
	switch q.String("order_by") {
	case "", "-created_at":
		return false
	case "created_at", "+created_at":
		return true
	default:
		q.Fail(auth.CodeParamInvalid, "order_by")
		return false
	}
}

// pageOrArray is a list as asked for: with its total when it is paginated.
func pageOrArray[T any](q *respond.Form, items []T, total int) any {
	if !q.Bool("paginated") {
		return items
	}
	return pageJSON[T]{items, total}
}

// pageJSON is a page of a list and how much the whole list has.
type pageJSON[T any] struct {
	Data       []T `json:"data"`
	TotalCount int `json:"total_count"`
}
