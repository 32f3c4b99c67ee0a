package hosted

import (
	"errors"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
)

// organizationDomains is the page of the domains of an organization.
type organizationDomains struct {
	organizationFrame
	Name      string // as in the form
	Domains   []domainShown
	Pages     pager
	MayChange bool
}

type domainShown struct {
	Name, Path, Mode     string
	Verified             bool
	Invited, Suggestions int // whom it has made an offer that is not answered yet
}

func (r *room) shownDomain(d auth.OwnedDomain) domainShown {
	return domainShown{
		Name: d.Name, Path: r.path("/domains/" + string(d.ID)), Mode: string(d.Enrollment), Verified: d.Verified(),
		Invited: d.PendingInvitations, Suggestions: d.PendingSuggestions,
	}
}

func (p *Pages) showDomains(r *room) error {
	page := organizationDomains{
		organizationFrame: p.frameOf(r), Name: r.form.value("domain"), MayChange: r.in.Allow(auth.OrgChangeDomains) == nil,
	}
	q := auth.OrgDomainQuery{OrderBy: "name", Limit: pageSize, Offset: r.from()}
	list, total, err := p.Organizations.Domains.List(r.r.Context(), r.by, r.in.Organization.ID, q)
	if err != nil {
		return err
	}
	page.Pages = r.pager(len(list), total, "")
	for _, d := range list {
		page.Domains = append(page.Domains, r.shownDomain(d))
	}
	return p.renderRoom(r, "organization_domains", &page, "domain")
}

// addDomain adds a domain and goes on to its proof.
func (p *Pages) addDomain(r *room) (string, error) {
	d, err := p.Organizations.Domains.Create(r.r.Context(), r.by, r.in.Organization.ID, organization.NewDomain{Name: r.form.value("domain")})
	return said(r.path("/domains/"+string(d.ID)), "domain_added"), atField(err, "domain")
}

// organizationDomain is the page of one domain: its proof, and what it does once
// it is proven.
type organizationDomain struct {
	organizationFrame
	Domain      domainShown
	MayChange   bool
	Typed       string       // what stands before the @ of the address, as in the form
	Address     string       // that a code was sent to and may still be entered for; or empty
	Mailbox     string       // what stands before its @
	Wait        int          // seconds until another code is sent to it
	Modes       []modeChoice // what a proven domain can do
	Record      string       // where the DNS has to have Value; or empty
	RecordValue string
	List        string
}

// modeChoice is something that a domain can do for people with an address in it.
type modeChoice struct {
	Key    string
	Chosen bool
}

func (p *Pages) onDomain() deeds {
	return deeds{
		"send": p.sendDomainCode, "prove": p.proveDomain, "record": p.makeRecord, "check": p.checkRecord,
		"mode": p.changeMode, "remove": p.removeDomain,
	}
}

// domain is the one that the path names.
func (r *room) domain() (auth.OrgDomainID, error) {
	id := r.r.PathValue("domain")
	if !auth.ValidID("orgdmn", id) {
		return "", auth.Refuse(auth.CodeResourceNotFound)
	}
	return auth.OrgDomainID(id), nil
}

func (p *Pages) showDomain(r *room) error {
	id, err := r.domain()
	var d auth.OwnedDomain
	if err == nil {
		d, err = p.Organizations.Domains.Get(r.r.Context(), r.by, r.in.Organization.ID, id)
	}
	if errors.Is(err, auth.Refuse(auth.CodeResourceNotFound)) {
		p.redirect(r.visit, said(r.path("/domains"), "domain_removed"))
		return nil
	}
	if err != nil {
		return err
	}
	page := organizationDomain{
		organizationFrame: p.frameOf(r), Domain: r.shownDomain(d), MayChange: r.in.Allow(auth.OrgChangeDomains) == nil,
		Typed: r.form.value("mailbox"), List: r.path("/domains"),
	}
	page.proof(d, p)
	return p.renderRoom(r, "organization_domain", &page, "mailbox", "code")
}

// proof says what is left to do to prove the domain, or what it can do.
func (page *organizationDomain) proof(d auth.OwnedDomain, p *Pages) {
	now := p.Now()
	if d.Verified() {
		for _, mode := range []auth.EnrollmentMode{auth.EnrollManual, auth.EnrollInvite, auth.EnrollSuggest} {
			if p.Settings().Organizations.Offers(mode) {
				page.Modes = append(page.Modes, modeChoice{Key: string(mode), Chosen: mode == d.Enrollment})
			}
		}
		return
	}
	if d.Affiliation.Started() && d.Affiliation.StatusAt(now) == auth.VerificationUnverified {
		page.Address, page.Wait = d.AffiliationAddress, seconds(d.Affiliation.ResendIn(now))
		page.Mailbox, _, _ = strings.Cut(d.AffiliationAddress, "@")
	}
	if status, begun := d.OwnershipStatus(now); begun && status == auth.VerificationUnverified && d.OwnershipValue != "" {
		page.Record, page.RecordValue = d.RecordName(), d.OwnershipValue
	}
}

// sendDomainCode mails a code to an address in the domain. Only what stands
// before the @ is asked for.
func (p *Pages) sendDomainCode(r *room) (string, error) {
	id, err := r.domain()
	if err != nil {
		return "", err
	}
	d, err := p.Organizations.Domains.Get(r.r.Context(), r.by, r.in.Organization.ID, id)
	if err != nil {
		return "", err
	}
	mailbox, _, _ := strings.Cut(strings.TrimSpace(r.form.value("mailbox")), "@")
	if mailbox == "" {
		return "", auth.RefuseParam(auth.CodeParamMissing, "mailbox")
	}
	_, err = p.Organizations.Domains.PrepareAffiliation(r.r.Context(), r.by, r.in.Organization.ID, id, mailbox+"@"+d.Name)
	return r.here("code_sent"), atField(err, "mailbox")
}

func (p *Pages) proveDomain(r *room) (string, error) {
	id, err := r.domain()
	if err != nil {
		return "", err
	}
	code := strings.Join(strings.Fields(r.form.value("code")), "")
	_, err = p.Organizations.Domains.AttemptAffiliation(r.r.Context(), r.by, r.in.Organization.ID, id, code)
	if errors.Is(err, auth.Refuse(auth.CodeVerificationAlreadyVerified)) {
		err = nil // the form was sent twice
	}
	return r.here("domain_verified"), err
}

func (p *Pages) makeRecord(r *room) (string, error) {
	id, err := r.domain()
	if err == nil {
		_, err = p.Organizations.Domains.PrepareOwnership(r.r.Context(), r.by, r.in.Organization.ID, id)
	}
	return r.here("record_made"), err
}

func (p *Pages) checkRecord(r *room) (string, error) {
	id, err := r.domain()
	if err == nil {
		_, err = p.Organizations.Domains.AttemptOwnership(r.r.Context(), r.by, r.in.Organization.ID, id)
	}
	return r.here("domain_verified"), err
}

func (p *Pages) changeMode(r *room) (string, error) {
	id, err := r.domain()
	if err != nil {
		return "", err
	}
	mode := auth.EnrollmentMode(r.form.value("enrollment_mode"))
	_, err = p.Organizations.Domains.Update(r.r.Context(), r.by, r.in.Organization.ID, id, organization.UpdateDomain{
		Enrollment: &mode, DeletePending: r.form.value("delete_pending") != "",
	})
	return r.here("domain_changed"), err
}

func (p *Pages) removeDomain(r *room) (string, error) {
	id, err := r.domain()
	if err == nil {
		err = p.Organizations.Domains.Delete(r.r.Context(), r.by, r.in.Organization.ID, id)
	}
	return said(r.path("/domains"), "domain_removed"), err
}
