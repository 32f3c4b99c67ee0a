package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

func (a *API) listMembers(c *call, s scope) error {
	f := respond.Query(c.r)
	q := auth.MemberQuery{Users: auth.UserQuery{Query: f.String("query")}}
	q.Limit, q.Offset = f.Page()
	roles := f.CommaList("role")
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Members.List(c.r.Context(), s.by, s.id, q, roles)
	return a.answerMembers(c, f, list, total, err)
}

// answerMembers writes a page where the request asks for one, else an array.
func (a *API) answerMembers(c *call, f *respond.Form, list []auth.Member, total int, err error) error {
	paginated := f.Bool("paginated")
	if err == nil {
		err = f.Err()
	}
	if err != nil {
		return err
	}
	page := respond.PageOf(list, total, a.orgs.Member)
	if !paginated {
		return a.answer(c, page.Data)
	}
	return a.answer(c, page)
}

func (a *API) addMember(c *call, s scope) error {
	f, err := c.read()
	if err != nil {
		return err
	}
	in := organization.Add{User: auth.UserID(f.Required("user_id")), Role: f.Required("role")}
	if err := f.Err(); err != nil {
		return err
	}
	m, err := a.Organizations.Members.Add(c.r.Context(), s.by, s.id, in)
	return a.answerMember(c, m, err)
}

func (a *API) answerMember(c *call, m auth.Member, err error) error {
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Member(m))
}

func (a *API) changeMember(c *call, s scope) error {
	user, err := pathText[auth.UserID](c, "user_id", "user")
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	role := f.Required("role")
	if err := f.Err(); err != nil {
		return err
	}
	m, err := a.Organizations.Members.Change(c.r.Context(), s.by, s.id, user, role)
	return a.answerMember(c, m, err)
}

func (a *API) removeMember(c *call, s scope) error {
	user, err := pathText[auth.UserID](c, "user_id", "user")
	if err != nil {
		return err
	}
	m, err := a.Organizations.Members.Remove(c.r.Context(), s.by, s.id, user)
	return a.answerMember(c, m, err)
}

func (a *API) leaveOrganization(c *call, s scope) error {
	m, err := a.Organizations.Members.Remove(c.r.Context(), s.by, s.id, s.by.User)
	if err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "organization_membership", ID: string(m.Membership.ID), Deleted: true})
}

func (a *API) listMyMemberships(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	f := respond.Query(c.r)
	q := auth.MemberQuery{OrderBy: "created_at"}
	q.Limit, q.Offset = f.Page()
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Members.OfUser(c.r.Context(), me.ID, q)
	return a.answerMembers(c, f, list, total, err)
}

func (a *API) listMembershipRequests(c *call, s scope) error {
	f := respond.Query(c.r)
	q := auth.OrgSuggestionQuery{}
	q.Limit, q.Offset = f.Page()
	for _, status := range f.CommaList("status") {
		known := auth.SuggestionStatusOfRequest(status)
		if known == "" {
			f.Fail(auth.CodeParamInvalid, "status")
		}
		q.Statuses = append(q.Statuses, known)
	}
	if err := f.Err(); err != nil {
		return err
	}
	list, total, err := a.Organizations.Suggestions.Requests(c.r.Context(), s.by, s.id, q)
	if err != nil {
		return err
	}
	return a.answer(c, respond.PageOf(list, total, a.orgs.Request))
}

func (a *API) acceptMembershipRequest(c *call, s scope) error { return a.answerRequest(c, s, true) }
func (a *API) rejectMembershipRequest(c *call, s scope) error { return a.answerRequest(c, s, false) }

func (a *API) answerRequest(c *call, s scope, accept bool) error {
	id, err := pathText[auth.OrgSuggestionID](c, "request_id", "orgsug")
	if err != nil {
		return err
	}
	request, err := a.Organizations.Suggestions.Answer(c.r.Context(), s.by, s.id, id, accept)
	if err != nil {
		return err
	}
	return a.answer(c, a.orgs.Request(request))
}
