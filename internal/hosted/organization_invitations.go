package hosted

import (
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
)

// organizationInvitations is the page of who is invited.
type organizationInvitations struct {
	organizationFrame
	Addresses   string // as in the form
	Roles       []roleChoice
	Full        bool // nobody else can be invited
	Most        int  // that can be invited at once
	Invitations []invitationShown
	Pages       pager
}

type invitationShown struct {
	ID, Address, Role string
	Sent, Expires     time.Time
}

func (p *Pages) onInvitations() deeds { return deeds{"invite": p.invite, "revoke": p.revoke} }

func (p *Pages) showInvitations(r *room) error {
	page := organizationInvitations{organizationFrame: p.frameOf(r), Addresses: r.form.value("email_address"), Most: organization.MaxBulk}
	list, total, err := p.Organizations.Invitations.List(r.r.Context(), r.by, r.in.Organization.ID, auth.OrgInvitationQuery{
		Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationPending}, Limit: pageSize, Offset: r.from(),
	})
	if err != nil {
		return err
	}
	page.Pages = r.pager(len(list), total, "")
	org := r.in.Organization
	org.Pending = total
	page.Full = org.RoomFor(1) != nil
	for _, i := range list {
		page.Invitations = append(page.Invitations, invitationShown{
			ID: string(i.ID), Address: i.EmailAddress, Role: r.roleName(i.Role), Sent: i.OrgInvitation.CreatedAt, Expires: i.ExpireAt,
		})
	}
	chosen := r.form.value("role")
	if chosen == "" {
		chosen = p.Settings().Organizations.DefaultRole
	}
	if page.Roles, err = p.givable(r, chosen); err != nil {
		return err
	}
	return p.renderRoom(r, "organization_invitations", &page, "email_address")
}

// invite invites everybody whose address was given, or nobody.
func (p *Pages) invite(r *room) (string, error) {
	var in []organization.Invite
	for _, address := range strings.FieldsFunc(r.form.value("email_address"), betweenAddresses) {
		in = append(in, organization.Invite{EmailAddress: address, Role: r.form.value("role")})
	}
	if len(in) == 0 {
		return "", auth.RefuseParam(auth.CodeParamMissing, "email_address")
	}
	_, err := p.Organizations.Invitations.Create(r.r.Context(), r.by, r.in.Organization.ID, in)
	return r.here("invited"), err
}

func betweenAddresses(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) }

func (p *Pages) revoke(r *room) (string, error) {
	id, err := identified[auth.OrgInvitationID](r, "invitation", "orginv")
	if err != nil {
		return "", err
	}
	_, err = p.Organizations.Invitations.Revoke(r.r.Context(), r.by, r.in.Organization.ID, id)
	return r.here("revoked"), err
}

// organizationRequests is the page of who asks to join.
type organizationRequests struct {
	organizationFrame
	Requests []requestShown
	Pages    pager
}

type requestShown struct {
	ID, Name, Identifier, Picture, Initial string
	Asked                                  time.Time
}

func (p *Pages) onRequests() deeds {
	return deeds{
		"accept": func(r *room) (string, error) { return p.answerRequest(r, true) },
		"reject": func(r *room) (string, error) { return p.answerRequest(r, false) },
	}
}

func (p *Pages) showRequests(r *room) error {
	page := organizationRequests{organizationFrame: p.frameOf(r)}
	list, total, err := p.Organizations.Suggestions.Requests(r.r.Context(), r.by, r.in.Organization.ID, auth.OrgSuggestionQuery{
		Statuses: []auth.SuggestionStatus{auth.SuggestionAccepted}, Limit: pageSize, Offset: r.from(),
	})
	if err != nil {
		return err
	}
	page.Pages = r.pager(len(list), total, "")
	for _, g := range list {
		shown := requestShown{
			ID: string(g.OrgSuggestion.ID), Name: fullName(g.User), Identifier: g.User.Identifier(), Picture: respond.PersonURL("", g.User),
			Asked: g.OrgSuggestion.UpdatedAt,
		}
		if shown.Initial = initial(shown.Name); shown.Identifier == shown.Name {
			shown.Identifier = ""
		}
		page.Requests = append(page.Requests, shown)
	}
	return p.renderRoom(r, "organization_requests", &page)
}

func (p *Pages) answerRequest(r *room, accept bool) (string, error) {
	id, err := identified[auth.OrgSuggestionID](r, "request", "orgsug")
	if err != nil {
		return "", err
	}
	_, err = p.Organizations.Suggestions.Answer(r.r.Context(), r.by, r.in.Organization.ID, id, accept)
	if errors.Is(err, auth.Refuse(auth.CodeResourceNotFound)) {
		return "", auth.Refuse(auth.CodeOrgSuggestionNotPending)
	}
	if accept {
		return r.here("request_accepted"), err
	}
	return r.here("request_rejected"), err
}
