package backendapi

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// waitlistRoutes decide who of those that asked is invited.
func (a *API) waitlistRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/waitlist_entries":                             a.listWaitlist,
		"POST /v1/waitlist_entries":                            a.addToWaitlist,
		"POST /v1/waitlist_entries/bulk":                       a.addAllToWaitlist,
		"DELETE /v1/waitlist_entries/{waitlist_entry_id}":      a.deleteFromWaitlist,
		"POST /v1/waitlist_entries/{waitlist_entry_id}/invite": a.inviteFromWaitlist,
		"POST /v1/waitlist_entries/{waitlist_entry_id}/reject": a.rejectFromWaitlist,
	}
}

const maxBulkWaitlist = 50

type waitlistJSON struct {
	Object       string          `json:"object"`
	ID           string          `json:"id"`
	EmailAddress string          `json:"email_address"`
	Status       string          `json:"status"`
	IsLocked     bool            `json:"is_locked"`
	Invitation   *invitationJSON `json:"invitation"`
	CreatedAt    int64           `json:"created_at"`
	UpdatedAt    int64           `json:"updated_at"`
}

func toWaitlist(e auth.WaitlistEntry) waitlistJSON {
	return waitlistJSON{
		Object: "waitlist_entry", ID: string(e.ID), EmailAddress: e.EmailAddress, Status: string(e.Status),
		CreatedAt: e.CreatedAt.UnixMilli(), UpdatedAt: e.UpdatedAt.UnixMilli(),
	}
}

func (a *API) listWaitlist(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query(r)
	limit, offset := page(q)
	request := auth.WaitlistQuery{
		Status: auth.WaitlistStatus(q.String("status")), Query: strings.ToLower(q.String("query")), Oldest: oldestFirst(q),
		Limit: limit, Offset: offset,
	}
	switch request.Status {
	case "", auth.WaitlistPending, auth.WaitlistInvited, auth.WaitlistCompleted, auth.WaitlistRejected:
	default:
		q.Fail(auth.CodeParamInvalid, "status")
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, total, err := a.Admission.WaitlistEntries(r.Context(), request)
	if err != nil {
		return nil, err
	}
	out := make([]waitlistJSON, 0, len(found))
	for _, e := range found {
		out = append(out, toWaitlist(e))
	}
	return pageJSON[waitlistJSON]{out, total}, nil
}

func (a *API) addToWaitlist(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	return a.waitlisted(r, f)
}

// addAllToWaitlist checks every address before it adds the first.
func (a *API) addAllToWaitlist(w http.ResponseWriter, r *http.Request) (any, error) {
	forms, err := respond.ReadList(w, r)
	if err != nil {
		return nil, err
	}
	if len(forms) == 0 || len(forms) > maxBulkWaitlist {
		return nil, auth.RefuseParam(auth.CodeParamInvalid, "email_address")
	}
	seen := map[string]bool{}
	for _, f := range forms {
		address, err := auth.NormalizeEmail(f.Required("email_address"), "email_address")
		if err != nil {
			return nil, err
		}
		if seen[address] {
			return nil, auth.RefuseParam(auth.CodeParamDuplicate, "email_address")
		}
		seen[address] = true
	}
	out := make([]waitlistJSON, 0, len(forms))
	for _, f := range forms {
		entry, err := a.waitlisted(r, f)
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	return out, nil
}

func (a *API) waitlisted(r *http.Request, f *respond.Form) (waitlistJSON, error) {
	given := f.Required("email_address")
	if err := f.Err(); err != nil {
		return waitlistJSON{}, err
	}
	address, err := auth.NormalizeEmail(given, "email_address")
	if err != nil {
		return waitlistJSON{}, err
	}
	entry, err := a.Admission.AddToWaitlist(r.Context(), address)
	return toWaitlist(entry), err
}

func (a *API) inviteFromWaitlist(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	ignore := f.Bool("ignore_existing")
	if err := f.Err(); err != nil {
		return nil, err
	}
	id, err := waitlistID(r)
	if err != nil {
		return nil, err
	}
	entry, invited, err := a.Admission.InviteFromWaitlist(r.Context(), id, ignore)
	if err != nil {
		return nil, err
	}
	out, invitation := toWaitlist(entry), a.toInvitation(invited.Invitation, invited.Link)
	out.Invitation = &invitation
	return out, nil
}

func (a *API) rejectFromWaitlist(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := waitlistID(r)
	if err != nil {
		return nil, err
	}
	entry, err := a.Admission.RejectFromWaitlist(r.Context(), id)
	return toWaitlist(entry), err
}

func (a *API) deleteFromWaitlist(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := waitlistID(r)
	if err != nil {
		return nil, err
	}
	if err := a.Admission.DeleteFromWaitlist(r.Context(), id); err != nil {
		return nil, err
	}
	return deleted("waitlist_entry", string(id)), nil
}

func waitlistID(r *http.Request) (auth.WaitlistID, error) {
	return pathID[auth.WaitlistID](r, "waitlist_entry_id", "wle")
}
