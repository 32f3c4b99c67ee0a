package hosted

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/picture"
	"github.com/perennialauth/perennial/internal/respond"
)

// organizationPath is the list of the organizations of whoever is signed in;
// the pages of each are below it.
const organizationPath = "/organization"

// organizationPages are the pages about organizations by their paths.
func (p *Pages) organizationPages() map[string]http.HandlerFunc {
	const one = organizationPath + "/{organization}"
	return map[string]http.HandlerFunc{
		organizationPath:             p.atOrganizations(p.showOrganizations, p.onOrganizations()),
		organizationPath + "/create": p.atOrganizations(p.showCreate, deeds{"create": p.createOrganization}),
		one:                          p.inOrganization(p.showOrganization, p.onOrganization()),
		one + "/members":             p.inOrganization(p.showMembers, p.onMembers()),
		one + "/invitations":         p.inOrganization(p.showInvitations, p.onInvitations()),
		one + "/requests":            p.inOrganization(p.showRequests, p.onRequests()),
		one + "/domains":             p.inOrganization(p.showDomains, deeds{"add": p.addDomain}),
		one + "/domains/{domain}":    p.inOrganization(p.showDomain, p.onDomain()),
	}
}

// room is a visit of somebody to a page about organizations, or about one that
// they belong to.
type room struct {
	*visit
	who     person
	by      organization.Actor
	in      auth.Belonging // zero on a page that is about no single organization
	form    form
	problem error // what was wrong about the form that was sent
}

// show writes the page, as things are now.
type show func(*room) error

// deeds are what the forms of a page ask for, by the value of their field do.
// Each returns where the visitor goes next, and which notice is shown there.
type deeds map[string]func(*room) (to string, err error)

// atOrganizations is a page of somebody who may belong to no organization.
func (p *Pages) atOrganizations(look show, can deeds) http.HandlerFunc {
	return p.own(func(v *visit, who person) error {
		if !p.Settings().Organizations.Enabled {
			return auth.Refuse(auth.CodeOrganizationsDisabled)
		}
		return p.serve(&room{visit: v, who: who, by: organization.Actor{User: who.User.ID}}, look, can)
	})
}

// inOrganization is a page of a member of an organization. Who is none, any
// more, is sent to the organizations that they do belong to.
func (p *Pages) inOrganization(look show, can deeds) http.HandlerFunc {
	return p.atOrganizations(func(r *room) error {
		if err := p.enterOrganization(r); err != nil {
			return err
		}
		if r.in.Organization.ID == "" {
			p.redirect(r.visit, said(organizationPath, "gone"))
			return nil
		}
		return p.act(r, look, can)
	}, nil)
}

// enterOrganization finds the organization that the path names, for a member of
// it. It leaves none in the room when there is none.
func (p *Pages) enterOrganization(r *room) (err error) {
	id := r.r.PathValue("organization")
	if !auth.ValidID("org", id) {
		return nil
	}
	r.in, err = p.Organizations.Organizations.Get(r.r.Context(), r.by, auth.OrganizationID(id))
	if errors.Is(err, auth.Refuse(auth.CodeResourceNotFound)) {
		r.in, err = auth.Belonging{}, nil
	}
	return err
}

// serve shows a page whose forms, if it has any, are not for one organization.
func (p *Pages) serve(r *room, look show, can deeds) error {
	if can == nil {
		return look(r)
	}
	return p.act(r, look, can)
}

// act does what a form asks for and sends the browser on, so that reloading
// repeats nothing. What is refused is said on the page that the form is on.
func (p *Pages) act(r *room, look show, can deeds) error {
	if r.r.Method != http.MethodPost {
		return look(r)
	}
	to, err := p.doAsked(r, can)
	var refused *auth.Error
	switch {
	case err == nil:
		p.redirect(r.visit, to)
		return nil
	case !errors.As(err, &refused):
		return err
	}
	r.problem = refused
	return look(r)
}

func (p *Pages) doAsked(r *room, can deeds) (to string, err error) {
	if err := r.form.read(r.visit); err != nil {
		return "", err
	}
	do, ok := can[r.form.value("do")]
	if !ok {
		return "", auth.Refuse(auth.CodeBodyInvalid)
	}
	return do(r)
}

// atField makes a refusal one of a field of the form, by its name there. A
// refusal of something else stays as it is.
func atField(err error, name string) error {
	var refused *auth.Error
	if !errors.As(err, &refused) || refused.Param == "" {
		return err
	}
	return auth.RefuseParam(refused.Code, name)
}

// form is what was sent, with or without a file.
type form struct {
	plain  url.Values
	upload *respond.Form
}

// maxUpload has room for a picture and what surrounds it, in bytes.
const maxUpload = picture.MaxUpload + maxForm

func (f *form) read(v *visit) (err error) {
	if strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/") {
		f.upload, err = respond.ReadUpload(v.w, v.r, maxUpload)
		return err
	}
	f.plain = v.r.PostForm
	return nil
}

func (f *form) value(name string) string {
	if f.upload != nil {
		return f.upload.String(name)
	}
	return f.plain.Get(name)
}

// file is the file that was chosen; none when it is empty.
func (f *form) file(name string) []byte {
	if f.upload == nil {
		return nil
	}
	content, _, _ := f.upload.File(name)
	return content
}

// identified is a value that names something by its identifier. Any other names
// nothing that exists.
func identified[T ~string](r *room, name, prefix string) (T, error) {
	id := r.form.value(name)
	if !auth.ValidID(prefix, id) {
		return "", auth.Refuse(auth.CodeResourceNotFound)
	}
	return T(id), nil
}

// organizationNotices are what a page can be told to say was done: nothing else
// in an address is ever shown.
var organizationNotices = []string{
	"gone", "created", "created_without_logo", "updated", "logo_changed", "logo_removed", "left", "deleted", "switched",
	"personal", "joined", "asked", "role_changed", "member_removed", "invited", "revoked", "request_accepted",
	"request_rejected", "domain_added", "domain_removed", "domain_verified", "domain_changed", "code_sent", "record_made",
}

// said is the address of a page that says what was done.
func said(path, notice string) string { return path + "?" + url.Values{saidParam: {notice}}.Encode() }

// path is that of a page of the room's organization.
func (r *room) path(page string) string {
	return organizationPath + "/" + string(r.in.Organization.ID) + page
}

// isAt says, as in aria-current, whether the visit is to this page or below it.
func (r *room) isAt(page string) string {
	path, at := r.path(page), r.r.URL.Path
	switch {
	case at == path:
		return "page"
	case page != "" && strings.HasPrefix(at, path+"/"):
		return "true"
	default:
		return ""
	}
}

// here is the same page, saying what was done.
func (r *room) here(notice string) string { return said(r.r.URL.Path, notice) }

// organizationFrame is what the pages about organizations have in common.
type organizationFrame struct {
	frame
	Org    organizationShown
	Tabs   []tab
	Action string // where the forms go
}

// tab leads to another page of the same organization.
type tab struct {
	Name string // the end of the key of its text
	Path string
	Here string // as in aria-current: page, true below it, or empty
}

// organizationShown is an organization as the pages show it.
type organizationShown struct {
	ID, Name, Slug, Picture, Initial string
	Members                          int
}

func shownOrganization(o auth.Organization) organizationShown {
	return organizationShown{
		ID: string(o.ID), Name: o.Name, Slug: o.Slug, Picture: pictureURL(o.Image), Initial: initial(o.Name), Members: o.Members,
	}
}

func pictureURL(id auth.ImageID) string {
	if id == "" {
		return ""
	}
	return respond.ImageURL("", id)
}

// frameOf is the frame of a page in this room.
func (p *Pages) frameOf(r *room) organizationFrame {
	f := organizationFrame{frame: frame{Wide: true, Menu: p.menu(false)}, Action: r.r.URL.Path + r.query()}
	if r.in.Organization.ID == "" {
		return f
	}
	f.Org = shownOrganization(r.in.Organization)
	for _, t := range []struct {
		name, page string
		op         auth.OrgOperation
	}{
		{"general", "", auth.OrgRead}, {"members", "/members", auth.OrgListMembers}, {"invitations", "/invitations", auth.OrgListInvitations},
		{"requests", "/requests", auth.OrgListRequests}, {"domains", "/domains", auth.OrgListDomains},
	} {
		set := p.Settings().Organizations
		byDomain := t.op == auth.OrgListRequests || t.op == auth.OrgListDomains
		if r.in.Allow(t.op) == nil && (set.Domains || !byDomain) {
			f.Tabs = append(f.Tabs, tab{Name: t.name, Path: r.path(t.page), Here: r.isAt(t.page)})
		}
	}
	return f
}

// listed is a list of addresses in words.
func listed(addresses any) string {
	list, _ := addresses.([]string)
	return strings.Join(list, ", ")
}

// renderRoom writes a page with what came of the form before it. Fields are
// those at which the page says what is wrong about them.
func (p *Pages) renderRoom(r *room, name string, data framed, fields ...string) error {
	status, f := http.StatusOK, data.around()
	var refused *auth.Error
	if errors.As(r.problem, &refused) {
		status, f.Problem = p.explain(r.visit, r.problem)
		for _, key := range []string{string(refused.Code) + "_" + refused.Param, string(refused.Code)} {
			if key = "organization.problem." + key; r.words().Has(key) {
				f.Problem = r.T(key, "Addresses", listed(refused.Meta["email_addresses"]))
				break
			}
		}
		if slices.Contains(fields, refused.Param) {
			f.About = refused.Param
		}
	} else if notice := r.r.URL.Query().Get(saidParam); slices.Contains(organizationNotices, notice) {
		f.Notice = r.T("organization.said." + notice)
	}
	p.render(r.visit, status, name, data)
	return nil
}
