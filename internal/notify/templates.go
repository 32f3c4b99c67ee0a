package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/livevalue"
)

// templatesName is where what the instance says differently is stored.
const templatesName = "message_templates"

// Templates are what messages say. They are safe for concurrent use, and
// reading costs no I/O: every message is worded with them.
//
// Only what differs from the wordings of the server is stored, so that a
// template that nobody changed follows later versions.
type Templates struct {
	// Appearance is how the instance looks, which its mails follow. Nil is as
	// every instance looks from the start. It is set before the first message.
	Appearance func() auth.Appearance

	application string
	now         func() time.Time
	value       *livevalue.Value[map[TemplateID]override]
}

// OpenTemplates returns the templates with what is stored over them.
func OpenTemplates(ctx context.Context, store livevalue.Store, application string, now func() time.Time) (*Templates, error) {
	value, err := livevalue.Open(ctx, store, livevalue.Coding[map[TemplateID]override]{
		Name: templatesName, Decode: decode, Encode: encode,
	})
	if err != nil {
		return nil, err
	}
	return &Templates{application: application, now: now, value: value}, nil
}

// own is what the instance says in place of the wording.
func (t *Templates) own(id TemplateID) override { return t.value.Now()[id] }

// List returns the templates of a channel, in their order.
func (t *Templates) List(c Channel) []Template {
	var out []Template
	for i, w := range wordingsOf(c) {
		id := TemplateID{c, w.slug}
		out = append(out, compose(id, w, i, t.own(id)))
	}
	return out
}

// Get returns one template, or [auth.ErrNotFound].
func (t *Templates) Get(id TemplateID) (Template, error) {
	w, position, err := wordingOf(id)
	if err != nil {
		return Template{}, err
	}
	return compose(id, w, position, t.own(id)), nil
}

// Update changes a template, which messages follow from the next one on. It
// refuses unknown variables, a body without those that are required, and what is
// too long or not safe to send.
func (t *Templates) Update(ctx context.Context, id TemplateID, e TemplateEdit) (Template, error) {
	w, _, err := wordingOf(id)
	if err != nil {
		return Template{}, err
	}
	return t.change(ctx, id, func(before override) (override, error) {
		after := before.with(e)
		after.UpdatedAt = t.now().UTC().Truncate(time.Millisecond)
		if before.empty() {
			after.CreatedAt = after.UpdatedAt
		}
		return after, after.check(w, id.Channel)
	})
}

// Revert goes back to what the server says by itself, which it delivers.
func (t *Templates) Revert(ctx context.Context, id TemplateID) (Template, error) {
	return t.change(ctx, id, func(override) (override, error) { return override{}, nil })
}

// Preview renders a template with an edit over it and examples put in. Nothing
// is stored or sent. It refuses what [Templates.Update] does.
func (t *Templates) Preview(id TemplateID, e TemplateEdit) (Mail, error) {
	w, _, err := wordingOf(id)
	if err != nil {
		return Mail{}, err
	}
	own := t.own(id).with(e)
	if err := own.check(w, id.Channel); err != nil {
		return Mail{}, err
	}
	m := t.render(id.Channel, w, own, english, samples(t.application))
	return m, nil
}

// change makes what decide returns durable before it is seen.
func (t *Templates) change(ctx context.Context, id TemplateID, decide func(override) (override, error)) (Template, error) {
	if _, _, err := wordingOf(id); err != nil {
		return Template{}, err
	}
	_, err := t.value.Update(ctx, func(before map[TemplateID]override) (map[TemplateID]override, error) {
		after, err := decide(before[id])
		if err != nil {
			return nil, err
		}
		all := maps.Clone(before)
		if all[id] = after; after.empty() {
			delete(all, id)
		}
		return all, nil
	})
	if err != nil {
		return Template{}, err
	}
	return t.Get(id)
}

// decode reads what is stored, nil for nothing.
func decode(stored []byte) (map[TemplateID]override, error) {
	all := map[TemplateID]override{}
	if stored == nil {
		return all, nil
	}
	var channels map[Channel]map[string]override
	if err := json.Unmarshal(stored, &channels); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	for channel, slugs := range channels {
		for slug, o := range slugs {
			all[TemplateID{channel, slug}] = o
		}
	}
	return all, nil
}

func encode(all map[TemplateID]override) ([]byte, error) {
	channels := map[Channel]map[string]override{}
	for id, o := range all {
		if channels[id.Channel] == nil {
			channels[id.Channel] = map[string]override{}
		}
		channels[id.Channel][id.Slug] = o
	}
	return json.Marshal(channels)
}

// compose lays what the instance says over the wording.
func compose(id TemplateID, w wording, position int, own override) Template {
	says := w.in(id.Channel, english)
	out := Template{
		TemplateID: id, Name: w.name, Position: position, Own: !own.empty(), Subject: says.subject, Body: says.body,
		Markup: own.Markup, Variables: w.variables, Required: w.required, FromName: own.FromName, ReplyToName: own.ReplyToName,
		Delivered: !own.Undelivered || w.opens(), CreatedAt: own.CreatedAt, UpdatedAt: own.UpdatedAt,
	}
	for at, text := range map[*string]string{&out.Name: own.Name, &out.Subject: own.Subject, &out.Body: own.Body} {
		if text != "" {
			*at = text
		}
	}
	return out
}
