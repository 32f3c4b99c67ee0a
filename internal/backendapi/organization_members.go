package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// toMember is a membership as back ends see one.
func (a *API) toMember(m auth.Member) wire.OrganizationMembership {
	out := a.orgs.Member(m)
	out.PrivateMetadata, out.Organization = respond.Object(m.Membership.PrivateMeta), a.toOrganization(m.Organization)
	return out
}

func (a *API) answerMember(m auth.Member, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toMember(m), nil
}

func (a *API) answerMembers(page []auth.Member, total int, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return respond.PageOf(page, total, a.toMember), nil
}

// memberQuery reads what lists of members have in common. None is true when
// nobody can match.
func memberQuery(f *respond.Form) (q auth.MemberQuery, none bool) {
	q.OrderBy = order(f, append(auth.MemberOrders, "phone_number"))
	if q.OrderBy == "phone_number" || q.OrderBy == "-phone_number" {
		q.OrderBy = ""
	}
	q.Limit, q.Offset = f.Page()
	q.Users, none = userQuery(f)
	return q, none
}

func (a *API) listMembers(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f := query(r)
	q, none := memberQuery(f)
	roles := list(f, "role")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if none {
		return a.answerMembers(nil, 0, nil)
	}
	return a.answerMembers(a.Organizations.Members.List(r.Context(), organization.Operator, o.ID, q, roles))
}

func (a *API) listAllMembers(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q, _ := memberQuery(f)
	q.Users = auth.UserQuery{}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerMembers(a.Organizations.Members.All(r.Context(), q))
}

func (a *API) listMembershipsOfUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f := query(r)
	q := auth.MemberQuery{}
	q.Limit, q.Offset = f.Page()
	if err := f.Err(); err != nil {
		return nil, err
	}
	if _, err := a.Users.Get(r.Context(), id); err != nil {
		return nil, err
	}
	return a.answerMembers(a.Organizations.Members.OfUser(r.Context(), id, q))
}

func (a *API) addMember(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	in := organization.Add{User: auth.UserID(f.Required("user_id")), Role: f.Required("role")}
	in.PublicMeta, _ = f.Object("public_metadata")
	in.PrivateMeta, _ = f.Object("private_metadata")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerMember(a.Organizations.Members.Add(r.Context(), organization.Operator, o.ID, in))
}

func (a *API) changeMember(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	role := f.Required("role")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerMember(a.Organizations.Members.Change(r.Context(), organization.Operator, o.ID, id, role))
}

func (a *API) removeMember(_ http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	return a.answerMember(a.Organizations.Members.Remove(r.Context(), organization.Operator, o.ID, id))
}

func (a *API) mergeMemberMetadata(w http.ResponseWriter, r *http.Request, o auth.Organization) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	public, _ := f.Object("public_metadata")
	private, _ := f.Object("private_metadata")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.answerMember(a.Organizations.Members.MergeMetadata(r.Context(), o.ID, id, public, private))
}
