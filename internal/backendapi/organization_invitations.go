package backendapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// orgInvitationJSON is an invitation as back ends see one.
type orgInvitationJSON struct {
	wire.OrganizationInvitation
	InviterID       *string         `json:"inviter_id"`
	Inviter         *inviterJSON    `json:"public_inviter_data"`
	PrivateMetadata json.RawMessage `json:"private_metadata"`
}

type inviterJSON struct {
	UserID     string  `json:"user_id"`
	FirstName  *string `json:"first_name"`
	LastName   *string `json:"last_name"`
	ImageURL   string  `json:"image_url"`
	HasImage   bool    `json:"has_image"`
	Identifier string  `json:"identifier"`
}

// toOrgInvitation leaves out what is told of the organization: the caller names it.
func (a *API) toOrgInvitation(i auth.Invited) orgInvitationJSON {
	out := a.toNamedOrgInvitation(i)
	out.PublicOrganizationData = nil
	return out
}

func (a *API) toNamedOrgInvitation(i auth.Invited) orgInvitationJSON {
	out := orgInvitationJSON{
		OrganizationInvitation: a.orgs.Invitation(i), InviterID: respond.OrNull(string(i.OrgInvitation.Inviter)),
		PrivateMetadata: respond.Object(i.PrivateMeta),
	}
	if u := a.orgs.User(i.Inviter); u != nil {
		out.Inviter = &inviterJSON{
			UserID: u.UserID, FirstName: u.FirstName, LastName: u.LastName, ImageURL: u.ImageURL, HasImage: u.HasImage,
			Identifier: u.Identifier,
		}
	}
	return out
}

// toNewOrgInvitation shows the link, this once.
func (a *API) toNewOrgInvitation(i organization.NewInvitation) orgInvitationJSON {
	out := a.toOrgInvitation(i.Invited)
	out.URL = respond.OrNull(i.URL)
	return out
}

// orgInvitationQuery reads what lists of invitations have in common.
func orgInvitationQuery(f *respond.Form) (q auth.OrgInvitationQuery) {
	q.OrderBy = order(f, auth.OrgInvitationOrders)
	q.Limit, q.Offset = f.Page()
	for _, status := range list(f, "status") {
		switch s := auth.OrgInvitationStatus(status); s {
		case auth.OrgInvitationPending, auth.OrgInvitationAccepted, auth.OrgInvitationRevoked, auth.OrgInvitationExpired:
			q.Statuses = append(q.Statuses, s)
		default:
			f.Fail(auth.CodeParamInvalid, "status")
		}
	}
	return q
}

func (a *API) listOrgInvitations(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f := query(r)
	q := orgInvitationQuery(f)
	var none bool
	if q.EmailAddresses, none = emails(f); none {
		return respond.PageOf([]auth.Invited{}, 0, a.toOrgInvitation), f.Err()
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerOrgInvitations(a.Organizations.Invitations.List(r.Context(), organization.Operator, o.ID, q))
}

func (a *API) answerOrgInvitations(page []auth.Invited, total int, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, a.toOrgInvitation), nil
}

func (a *API) listPendingOrgInvitations(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f := query(r)
	q := auth.OrgInvitationQuery{Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationPending}}
	q.Limit, q.Offset = f.Page()
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerOrgInvitations(a.Organizations.Invitations.List(r.Context(), organization.Operator, o.ID, q))
}

func (a *API) listAllOrgInvitations(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q := orgInvitationQuery(f)
	q.Query = f.String("query")
	if err := f.Err(); err != nil {
		return nil, err
	}
	page, total, err := a.Organizations.Invitations.All(r.Context(), q)
	if err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, a.toNamedOrgInvitation), nil
}

func (a *API) listOrgInvitationsOfUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f := query(r)
	q := orgInvitationQuery(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if _, err := a.Users.Get(r.Context(), id); err != nil {
		return nil, err
	}
	page, total, err := a.Organizations.Invitations.OfUser(r.Context(), id, q)
	if err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, a.toNamedOrgInvitation), nil
}

func (a *API) getOrgInvitation(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := pathID[auth.OrgInvitationID](r, "invitation_id", "orginv")
	if err != nil {
		return nil, err
	}
	return a.answerOrgInvitation(a.Organizations.Invitations.Get(r.Context(), organization.Operator, o.ID, id))
}

func (a *API) answerOrgInvitation(i auth.Invited, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toOrgInvitation(i), nil
}

func (a *API) revokeOrgInvitation(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := pathID[auth.OrgInvitationID](r, "invitation_id", "orginv")
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	by := organization.Actor{User: auth.UserID(f.String("requesting_user_id"))}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerOrgInvitation(a.Organizations.Invitations.Revoke(r.Context(), by, o.ID, id))
}

func (a *API) createOrgInvitation(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := orgInvite(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	made, err := a.Organizations.Invitations.Create(r.Context(), organization.Operator, o.ID, []organization.Invite{in})
	if err != nil {
		return nil, err
	}
	return a.toNewOrgInvitation(made[0]), nil
}

func (a *API) createOrgInvitations(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	forms, err := respond.ReadList(w, r)
	if err != nil {
		return nil, err
	}
	in := make([]organization.Invite, 0, len(forms))
	for _, f := range forms {
		in = append(in, orgInvite(f))
		if err := f.Err(); err != nil {
			return nil, err
		}
	}
	made, err := a.Organizations.Invitations.Create(r.Context(), organization.Operator, o.ID, in)
	if err != nil {
		return nil, err
	}
	return respond.PageOf(made, len(made), a.toNewOrgInvitation), nil
}

// orgInvite reads whom to invite.
func orgInvite(f *respond.Form) organization.Invite {
	in := organization.Invite{
		EmailAddress: f.Required("email_address"), Role: f.Required("role"), Inviter: auth.UserID(f.String("inviter_user_id")),
		RedirectURL: f.String("redirect_url"),
	}
	in.PublicMeta, _ = f.Object("public_metadata")
	in.PrivateMeta, _ = f.Object("private_metadata")
	if notify := f.OptionalBool("notify"); notify != nil {
		in.Silent = !*notify
	}
	if days := f.OptionalInt("expires_in_days"); days != nil {
		if *days < 1 || *days > 365 {
			f.Fail(auth.CodeParamInvalid, "expires_in_days")
		}
		in.Lifetime = time.Duration(*days) * 24 * time.Hour
	}
	if in.RedirectURL != "" && !webURL(in.RedirectURL) {
		f.Fail(auth.CodeParamFormatInvalid, "redirect_url")
	}
	return in
}

// webURL says whether text is an absolute address of a page.
func webURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(text) <= 2048
}
