package hosted

import (
	"slices"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// organizationMembers is the page of who belongs to an organization.
type organizationMembers struct {
	organizationFrame
	Search  string
	Members []memberShown
	Pages   pager
}

type memberShown struct {
	ID, Name, Identifier, Picture, Initial, Role string
	Joined                                       time.Time
	Me                                           bool
	Roles                                        []roleChoice // that the visitor may give this member; or none
	Removable                                    bool
}

func (p *Pages) onMembers() deeds {
	return deeds{"change_role": p.changeRole, "remove": p.removeMember}
}

// maxSearch bounds what is looked for, in characters.
const maxSearch = 100

func (r *room) search() string {
	text := []rune(strings.TrimSpace(strings.ToValidUTF8(r.r.URL.Query().Get("search"), "")))
	return string(text[:min(len(text), maxSearch)])
}

func (p *Pages) showMembers(r *room) error {
	page := organizationMembers{organizationFrame: p.frameOf(r), Search: r.search()}
	q := auth.MemberQuery{Users: auth.UserQuery{Query: page.Search}, OrderBy: "created_at", Limit: pageSize, Offset: r.from()}
	list, total, err := p.Organizations.Members.List(r.r.Context(), r.by, r.in.Organization.ID, q, nil)
	if err != nil {
		return err
	}
	page.Pages = r.pager(len(list), total, page.Search)
	var roles []roleChoice
	if r.in.Allow(auth.OrgChangeMember) == nil {
		if roles, err = p.givable(r, ""); err != nil {
			return err
		}
	}
	for _, m := range list {
		shown, err := p.shownMember(r, m, roles)
		if err != nil {
			return err
		}
		page.Members = append(page.Members, shown)
	}
	return p.renderRoom(r, "organization_members", &page)
}

// shownMember is a member with what the visitor, who may give some roles, may do
// about them. The last one who can manage the organization keeps their role;
// leaving is another page.
func (p *Pages) shownMember(r *room, m auth.Member, roles []roleChoice) (memberShown, error) {
	out := memberShown{
		ID: string(m.User.ID), Name: fullName(m.User), Identifier: m.User.Identifier(), Picture: respond.PersonURL("", m.User),
		Role: r.roleName(m.Role), Joined: m.Membership.CreatedAt, Me: m.User.ID == r.by.User,
	}
	out.Initial = initial(out.Name)
	if out.Identifier == out.Name {
		out.Identifier = ""
	}
	if r.in.Allow(auth.OrgChangeMember) != nil || r.in.AllowRole(m.Role) != nil {
		return out, nil
	}
	if out.Me {
		err := p.Organizations.Members.MayLeave(r.r.Context(), r.by, r.in.Organization.ID)
		if err != nil {
			return out, refusalOnly(err)
		}
	}
	out.Removable = !out.Me
	if len(roles) > 1 {
		out.Roles = slices.Clone(roles)
		for i := range out.Roles {
			out.Roles[i].Chosen = out.Roles[i].Key == m.Role.Key
		}
	}
	return out, nil
}

func (p *Pages) changeRole(r *room) (string, error) {
	user, err := identified[auth.UserID](r, "user", "user")
	if err != nil {
		return "", err
	}
	_, err = p.Organizations.Members.Change(r.r.Context(), r.by, r.in.Organization.ID, user, r.form.value("role"))
	return r.here("role_changed"), err
}

func (p *Pages) removeMember(r *room) (string, error) {
	user, err := identified[auth.UserID](r, "user", "user")
	if err != nil {
		return "", err
	}
	_, err = p.Organizations.Members.Remove(r.r.Context(), r.by, r.in.Organization.ID, user)
	return r.here("member_removed"), err
}
