package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/respond"
)

// messageTemplateRoutes manage what mails and texts say.
func (a *API) messageTemplateRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/templates/{template_type}":                         a.listMessageTemplates,
		"GET /v1/templates/{template_type}/{slug}":                  a.getMessageTemplate,
		"PUT /v1/templates/{template_type}/{slug}":                  a.updateMessageTemplate,
		"POST /v1/templates/{template_type}/{slug}/preview":         a.previewMessageTemplate,
		"POST /v1/templates/{template_type}/{slug}/revert":          a.revertMessageTemplate,
		"POST /v1/templates/{template_type}/{slug}/toggle_delivery": a.toggleMessageDelivery,
	}
}

// messageTemplateJSON is the published Template. A template of the server
// belongs to no instance and was never changed: its times are zero.
type messageTemplateJSON struct {
	ID                  string   `json:"id"`
	Object              string   `json:"object"`
	InstanceID          *string  `json:"instance_id"`
	ResourceType        string   `json:"resource_type"` // "system" or "user"
	TemplateType        string   `json:"template_type"`
	Name                string   `json:"name"`
	Slug                string   `json:"slug"`
	Position            int      `json:"position"`
	CanRevert           bool     `json:"can_revert"`
	CanDelete           bool     `json:"can_delete"`
	CanEditBody         bool     `json:"can_edit_body"`
	CanToggle           bool     `json:"can_toggle"` // of Enabled, which every template is
	Subject             *string  `json:"subject"`    // null for a text
	Markup              string   `json:"markup"`
	Body                string   `json:"body"`
	AvailableVariables  []string `json:"available_variables"`
	RequiredVariables   []string `json:"required_variables"`
	FromEmailName       string   `json:"from_email_name"`
	ReplyToEmailName    string   `json:"reply_to_email_name"`
	DeliveredByClerk    bool     `json:"delivered_by_clerk"`
	Enabled             bool     `json:"enabled"`
	FlaggedAsSuspicious bool     `json:"flagged_as_suspicious"`
	UpdatedAt           int64    `json:"updated_at"` // milliseconds
	CreatedAt           int64    `json:"created_at"` // milliseconds
}

func (a *API) toMessageTemplate(t notify.Template) messageTemplateJSON {
	out := messageTemplateJSON{
		ID: "tmpl_" + string(t.Channel) + "_" + t.Slug, Object: "template", ResourceType: "system",
		TemplateType: string(t.Channel), Name: t.Name, Slug: t.Slug, Position: t.Position, CanEditBody: true,
		Subject: respond.OrNull(t.Subject), Markup: t.Markup, Body: t.Body,
		AvailableVariables: append([]string{}, t.Variables...), RequiredVariables: append([]string{}, t.Required...),
		FromEmailName: t.FromName, ReplyToEmailName: t.ReplyToName, DeliveredByClerk: t.Delivered, Enabled: true,
	}
	if t.Own {
		out.ResourceType, out.InstanceID, out.CanRevert = "user", &a.InstanceID, true
		out.CreatedAt, out.UpdatedAt = t.CreatedAt.UnixMilli(), t.UpdatedAt.UnixMilli()
	}
	return out
}

// messageTemplateAnswer is the answer of every operation on one template.
func (a *API) messageTemplateAnswer(t notify.Template, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.toMessageTemplate(t), nil
}

func messageTemplateID(r *http.Request) notify.TemplateID {
	return notify.TemplateID{Channel: notify.Channel(r.PathValue("template_type")), Slug: r.PathValue("slug")}
}

func (a *API) listMessageTemplates(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query(r)
	limit, offset := page(q)
	q.OptionalBool("paginated")
	channel := notify.Channel(r.PathValue("template_type"))
	if channel != notify.Email && channel != notify.SMS {
		q.Fail(auth.CodeParamInvalid, "template_type")
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	all := a.Messages.List(channel)
	from := min(offset, len(all))
	out := make([]messageTemplateJSON, 0, len(all))
	for _, t := range all[from:min(from+limit, len(all))] {
		out = append(out, a.toMessageTemplate(t))
	}
	return pageOrArray(q, out, len(all)), nil
}

func (a *API) getMessageTemplate(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.messageTemplateAnswer(a.Messages.Get(messageTemplateID(r)))
}

// updateMessageTemplate changes what is sent and leaves the rest.
func (a *API) updateMessageTemplate(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	edit := contentEdit(f)
	edit.Name, edit.Markup = f.Optional("name"), f.Optional("markup")
	edit.Delivered = f.OptionalBool("delivered_by_clerk")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.messageTemplateAnswer(a.Messages.Update(r.Context(), messageTemplateID(r), edit))
}

// contentEdit reads what a change and a preview have in common.
func contentEdit(f *respond.Form) notify.TemplateEdit {
	return notify.TemplateEdit{
		Subject: f.Optional("subject"), Body: f.Optional("body"),
		FromName: f.Optional("from_email_name"), ReplyToName: f.Optional("reply_to_email_name"),
	}
}

// messagePreviewJSON is a message as it would be sent, with examples in it. The
// published document says only that it is an object.
type messagePreviewJSON struct {
	Subject          *string `json:"subject"` // null for a text
	Body             string  `json:"body"`
	FromEmailName    string  `json:"from_email_name"`
	ReplyToEmailName string  `json:"reply_to_email_name"`
}

func (a *API) previewMessageTemplate(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	edit := contentEdit(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	m, err := a.Messages.Preview(messageTemplateID(r), edit)
	if err != nil {
		return nil, err
	}
	out := messagePreviewJSON{
		Subject: respond.OrNull(m.Subject), Body: m.Body, FromEmailName: m.FromName, ReplyToEmailName: m.ReplyToName,
	}
	if m.HTML != "" {
		out.Body = m.HTML
	}
	return out, nil
}

func (a *API) revertMessageTemplate(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.messageTemplateAnswer(a.Messages.Revert(r.Context(), messageTemplateID(r)))
}

// toggleMessageDelivery sets the value that is asked for. Without one it is
// refused: a request that is sent again must not undo itself.
func (a *API) toggleMessageDelivery(w http.ResponseWriter, r *http.Request) (any, error) {
	id := messageTemplateID(r)
	if _, err := a.Messages.Get(id); err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	delivered := f.OptionalBool("delivered_by_clerk")
	if delivered == nil {
		f.Fail(auth.CodeParamMissing, "delivered_by_clerk")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.messageTemplateAnswer(a.Messages.Update(r.Context(), id, notify.TemplateEdit{Delivered: delivered}))
}
