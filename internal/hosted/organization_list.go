package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// organizationList is the page of the organizations of a person: the one they
// act in, the others, and those that they can join.
type organizationList struct {
	organizationFrame
	Memberships []membershipShown
	Pages       pager
	Personal    bool // the person can act for themselves
	Picture     string
	AsPersonal  bool // and does
	MayCreate   bool
	Invitations []offer
	Suggestions []offer
}

type membershipShown struct {
	organizationShown
	Role   string
	Path   string
	Active bool
}

// offer is an organization that the person can join, or ask to.
type offer struct {
	organizationShown
	Offer string // the id of the invitation or suggestion
	Role  string
	Asked bool
}

// maxOffers bounds the invitations and the suggestions on one page; more appear
// as they are answered.
const maxOffers = 20

func (p *Pages) onOrganizations() deeds {
	return deeds{"activate": p.activate, "accept": p.acceptOrgInvitation, "ask": p.askToJoin}
}

func (p *Pages) showOrganizations(r *room) error {
	active, acting := r.caller.Client.Active(r.who.Session)
	page := organizationList{
		organizationFrame: p.frameOf(r), Personal: !p.Settings().Organizations.ForceSelection, AsPersonal: !acting,
		Picture: respond.PersonURL("", r.who.User),
	}
	q := auth.MemberQuery{OrderBy: "created_at", Limit: pageSize, Offset: r.from()}
	list, total, err := p.Organizations.Members.OfUser(r.r.Context(), r.by.User, q)
	if err != nil {
		return err
	}
	page.Pages = r.pager(len(list), total, "")
	for _, m := range list {
		shown := shownOrganization(m.Organization)
		page.Memberships = append(page.Memberships, membershipShown{
			organizationShown: shown, Role: r.roleName(m.Role), Path: organizationPath + "/" + shown.ID,
			Active: acting && m.Organization.ID == active.Organization.ID,
		})
	}
	if err := p.offers(r, &page); err != nil {
		return err
	}
	page.MayCreate = p.Organizations.Organizations.MayCreate(r.r.Context(), r.by) == nil
	return p.renderRoom(r, "organizations", &page)
}

// offers are what the person can join: by an invitation at once, by a suggestion
// when somebody there agrees.
func (p *Pages) offers(r *room, page *organizationList) error {
	invited, _, err := p.Organizations.Invitations.OfUser(r.r.Context(), r.by.User, auth.OrgInvitationQuery{
		Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationPending}, Limit: maxOffers,
	})
	if err != nil {
		return err
	}
	for _, i := range invited {
		page.Invitations = append(page.Invitations, offer{
			organizationShown: shownOrganization(i.Organization), Offer: string(i.ID), Role: r.roleName(i.Role),
		})
	}
	suggested, _, err := p.Organizations.Suggestions.OfUser(r.r.Context(), r.by.User, auth.OrgSuggestionQuery{
		Statuses: []auth.SuggestionStatus{auth.SuggestionPending, auth.SuggestionAccepted}, Limit: maxOffers,
	})
	if err != nil {
		return err
	}
	for _, g := range suggested {
		page.Suggestions = append(page.Suggestions, offer{
			organizationShown: shownOrganization(g.Organization), Offer: string(g.OrgSuggestion.ID), Asked: g.Status == auth.SuggestionAccepted,
		})
	}
	return nil
}

// activate makes the session act in an organization, or for the person alone.
func (p *Pages) activate(r *room) (string, error) {
	org := r.form.value("organization")
	if err := p.actIn(r, org); err != nil {
		return "", err
	}
	switch {
	case r.back != "":
		return p.next(r.visit), nil
	case org == "":
		return said(organizationPath, "personal"), nil
	default:
		return said(organizationPath, "switched"), nil
	}
}

func (p *Pages) actIn(r *room, org string) error {
	_, err := p.Sessions.Touch(r.r.Context(), r.caller, r.who.Session.ID, &org, respond.Activity(r.r))
	return err
}

func (p *Pages) acceptOrgInvitation(r *room) (string, error) {
	id, err := identified[auth.OrgInvitationID](r, "invitation", "orginv")
	if err != nil {
		return "", err
	}
	_, err = p.Organizations.Invitations.AcceptOwn(r.r.Context(), r.by.User, id)
	return said(organizationPath, "joined"), err
}

func (p *Pages) askToJoin(r *room) (string, error) {
	id, err := identified[auth.OrgSuggestionID](r, "suggestion", "orgsug")
	if err != nil {
		return "", err
	}
	_, err = p.Organizations.Suggestions.Ask(r.r.Context(), r.by.User, id)
	return said(organizationPath, "asked"), err
}
