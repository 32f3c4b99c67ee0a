package hosted

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/organization"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

// taskPath is the page of what a session waits for before it is active.
const taskPath = "/task"

// taskPage is what the page is given.
type taskPage struct {
	frame
	Task          auth.Task
	Organizations []auth.Organization // to choose from
	MayCreate     bool                // an organization
	Fields        []field
	App, Phone    bool // what a second factor can be
	Action        string
	Away          string // where to sign out
	Query         string // of the pages of the account, from which the way leads back here
}

// task shows what the session of somebody waits for first, and does what the
// form asks for. Who has nothing left to do goes on.
func (p *Pages) task(v *visit, who person) error {
	var problem error
	if v.r.Method == http.MethodPost {
		if problem = p.doTask(v, who); problem == nil {
			p.redirect(v, v.at+v.query())
			return nil
		}
	}
	tasks := p.Sessions.Acting(v.caller.Client, who.Session).Tasks.List()
	if len(tasks) == 0 {
		p.redirect(v, p.next(v))
		return nil
	}
	next := p.taskPage(v, who, tasks[0])
	status := http.StatusOK
	if problem != nil {
		status, next.Problem = p.explain(v, problem)
		if marked(v, next.Fields, problem) {
			next.Problem = v.T("auth.check_fields")
		}
	}
	p.render(v, status, "task", next)
	return nil
}

// doTask does what the form asks for. Doing it again is harmless.
func (p *Pages) doTask(v *visit, who person) error {
	ctx, form := v.r.Context(), v.r.PostForm
	var err error
	switch form.Get("do") {
	case "password":
		_, err = p.Self.ChangePassword(ctx, who.Session, user.ChangePassword{
			New: form.Get("new_password"), SignOutOthers: form.Get("sign_out_others") == "true",
		})
	case "choose":
		err = p.choose(v, who, form.Get("organization"))
	case "create":
		var made auth.Belonging
		made, err = p.Organizations.Organizations.Create(ctx, organization.Actor{User: who.User.ID}, organization.Create{
			Name: strings.TrimSpace(form.Get("name")),
		})
		if err == nil {
			err = p.choose(v, who, string(made.Organization.ID))
		}
	default:
		err = auth.RefuseParam(auth.CodeParamInvalid, "do")
	}
	return err
}

// choose makes the session act in an organization.
func (p *Pages) choose(v *visit, who person, id string) error {
	_, err := p.Sessions.Touch(v.r.Context(), v.caller, who.Session.ID, &id, respond.Activity(v.r))
	return err
}

// taskPage is the page of a task.
func (p *Pages) taskPage(v *visit, who person, task auth.Task) *taskPage {
	set := p.Settings()
	next := &taskPage{Task: task, Action: v.at + v.query(), Away: signOutPath, Query: v.query()}
	switch task {
	case auth.TaskResetPassword:
		next.Fields = []field{{
			Name: "new_password", Label: v.T("auth.new_password"), Type: "password", Autocomplete: "new-password", Required: true, Focus: true,
		}}
	case auth.TaskSetupMFA:
		next.App, next.Phone = set.SecondFactors.TOTP, set.SecondFactors.PhoneCode
	case auth.TaskChooseOrganization:
		for _, b := range v.caller.Client.Belongings[who.User.ID] {
			next.Organizations = append(next.Organizations, b.Organization)
		}
		next.MayCreate = set.Organizations.MayCreate(who.User)
		next.Fields = []field{{
			Name: "name", Label: v.T("auth.task.organization_name"), Type: "text", Autocomplete: "organization", Required: true,
			Value: v.r.PostFormValue("name"),
		}}
	}
	return next
}
