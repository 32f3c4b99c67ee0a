package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// invitationStatuses reads the statuses to filter by. Older SDKs call an
// accepted invitation completed.
func invitationStatuses(f *respond.Form) (out []auth.OrgInvitationStatus) {
	for _, status := range f.CommaList("status") {
		switch s := auth.OrgInvitationStatus(status); s {
		case auth.OrgInvitationPending, auth.OrgInvitationAccepted, auth.OrgInvitationRevoked, auth.OrgInvitationExpired:
			out = append(out, s)
		case "completed":
			out = append(out, auth.OrgInvitationAccepted)
		default:
			f.Fail(auth.CodeParamInvalid, "status")
		}
	}
	return out
}

func (a *API) listOrgInvitations(c *call, s scope) error {
	f := respond.Query(c.r)
	q := auth.OrgInvitationQuery{Statuses: invitationStatuses(f)}
	q.Limit, q.Offset = f.Page()
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Invitations.List(c.r.Context(), s.by, s.id, q)
	return a.answerInvitations(c, list, total, err)
}

func (a *API) listPendingOrgInvitations(c *call, s scope) error {
	f := respond.Query(c.r)
	q := auth.OrgInvitationQuery{Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationPending}}
	q.Limit, q.Offset = f.Page()
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Invitations.List(c.r.Context(), s.by, s.id, q)
	return a.answerInvitations(c, list, total, err)
}

func (a *API) answerInvitations(c *call, list []auth.Invited, total int, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, respond.PageOf(list, total, a.orgs.Invitation))
}

func (a *API) createOrgInvitation(c *call, s scope) error {
	made, err := a.invite(c, s)
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Invitation(made[0].Invited))
}

// createOrgInvitations answers with an array, which the Android SDK looks for at
// the top and all others in the envelope.
func (a *API) createOrgInvitations(c *call, s scope) error {
	made, err := a.invite(c, s)
	if err != nil {
		return err
	}
	out := make([]wire.OrganizationInvitation, 0, len(made))
	for _, i := range made {
		out = append(out, a.orgs.Invitation(i.Invited))
	}
	if c.r.Header.Get("x-android-sdk-version") != "" {
		return a.answerArray(c, out)
	}
	return a.answer(c, out)
}

// invite invites every address in the body with one role. The links go by mail
// only: whoever invites must not be able to accept in the other's name.
func (a *API) invite(c *call, s scope) ([]organization.NewInvitation, error) {
	f, err := c.read()
	if err != nil {
		return nil, err
	}
	role, notify := f.Required("role"), f.OptionalBool("notify")
	addresses := f.CommaList("email_address")
	if len(addresses) == 0 {
		f.Fail(auth.CodeParamMissing, "email_address")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	in := make([]organization.Invite, 0, len(addresses))
	for _, address := range addresses {
		in = append(in, organization.Invite{EmailAddress: address, Role: role, Silent: notify != nil && !*notify})
	}
	return a.Organizations.Invitations.Create(c.r.Context(), s.by, s.id, in)
}

func (a *API) revokeOrgInvitation(c *call, s scope) error {
	id, err := pathText[auth.OrgInvitationID](c, "invitation_id", "orginv")
	if err != nil {
		return err
	}
	revoked, err := a.Organizations.Invitations.Revoke(c.r.Context(), s.by, s.id, id)
	return a.answerInvitation(c, revoked, err)
}

func (a *API) answerInvitation(c *call, i auth.Invited, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Invitation(i))
}

func (a *API) listMyOrgInvitations(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	f := respond.Query(c.r)
	q := auth.OrgInvitationQuery{Statuses: invitationStatuses(f)}
	q.Limit, q.Offset = f.Page()
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Invitations.OfUser(c.r.Context(), me.ID, q)
	return a.answerInvitations(c, list, total, err)
}

func (a *API) acceptMyOrgInvitation(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	id, err := pathText[auth.OrgInvitationID](c, "invitation_id", "orginv")
	if err != nil {
		return err
	}
	accepted, err := a.Organizations.Invitations.AcceptOwn(c.r.Context(), me.ID, id)
	return a.answerInvitation(c, accepted, err)
}

func (a *API) listMySuggestions(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	f := respond.Query(c.r)
	q := auth.OrgSuggestionQuery{}
	q.Limit, q.Offset = f.Page()
	for _, status := range f.CommaList("status") {
		switch s := auth.SuggestionStatus(status); s {
		case auth.SuggestionPending, auth.SuggestionAccepted, auth.SuggestionCompleted:
			q.Statuses = append(q.Statuses, s)
		default:
			f.Fail(auth.CodeParamInvalid, "status")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Suggestions.OfUser(c.r.Context(), me.ID, q)
	if err != nil {
		return err
	}
	return a.answer(c, respond.PageOf(list, total, a.orgs.Suggestion))
}

func (a *API) acceptMySuggestion(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	id, err := pathText[auth.OrgSuggestionID](c, "suggestion_id", "orgsug")
	if err != nil {
		return err
	}
	asked, err := a.Organizations.Suggestions.Ask(c.r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Suggestion(asked))
}
