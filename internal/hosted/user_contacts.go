package hosted

import (
	"errors"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/user"
)

// contactsPage lists the addresses or the numbers of an account.
type contactsPage struct {
	userFrame
	Words    contactWords
	Path     string
	Contacts []contact
	Add      *field // for another one; nil where the instance has none
	// MaySecond: numbers can be reserved for the second factor.
	MaySecond bool
}

// contactForm is a form of one button about one contact.
type contactForm struct {
	Do    string
	ID    auth.IdentificationID
	Label string
}

// Form is the form that does something to a contact, with the key of what its
// button says.
func (f *contactsPage) Form(do string, id auth.IdentificationID, key string) contactForm {
	return contactForm{do, id, f.T(key)}
}

// list is the page with all of a kind.
func (k *contactKind) list() userPage {
	return userPage{
		name: "user_contacts", wide: true, fields: []string{k.param},
		show: func(a *account) (userFramed, error) {
			set := a.p.Settings()
			page := &contactsPage{Words: k.words, Path: k.path, Contacts: k.of(a.me), MaySecond: k.secondFactor(set)}
			if k.on(set) {
				page.Add = &field{
					Name: k.param, Label: a.T(k.words.Label), Type: k.mode, Mode: k.mode, Autocomplete: k.complete,
					Value: a.typed(k.param, ""), Required: true,
				}
			}
			return page, nil
		},
		acts: map[string]userAct{
			"add":        {sensitive: true, do: k.addAct},
			"primary":    {do: k.primaryAct},
			"remove":     {sensitive: true, do: k.removeAct},
			"second-on":  {sensitive: true, do: k.secondAct(user.PhoneUpdate{SecondFactor: new(true)})},
			"second-off": {sensitive: true, do: k.secondAct(user.PhoneUpdate{SecondFactor: new(false)})},
			"default":    {sensitive: true, do: k.secondAct(user.PhoneUpdate{DefaultSecondFactor: new(true)})},
		},
	}
}

// addAct adds one and sends the code that proves it. Where none can be sent now,
// the page of the new one says so and offers it again.
func (k *contactKind) addAct(a *account) (outcome, error) {
	ctx, self := a.r.Context(), a.p.Self
	id, err := k.add(self, ctx, a.me.ID, a.r.PostForm.Get(k.param))
	var refused *auth.Error
	if errors.As(err, &refused) && refused.Code == auth.CodeIdentifierExists {
		if own, ok := k.unproven(a); ok { // the form was sent twice
			id, err = own, nil
		}
	}
	if err != nil {
		return outcome{}, err
	}
	if err := k.prepare(self, ctx, a.me.ID, id); err != nil && !errors.As(err, &refused) {
		return outcome{}, err
	}
	return outcome{to: k.path + "/" + string(id)}, nil
}

// unproven is the contact that a form adds, if the account has it already and it
// is still to be proven.
func (k *contactKind) unproven(a *account) (auth.IdentificationID, bool) {
	text, err := k.normal(a.r.PostForm.Get(k.param), k.param)
	me, findErr := a.p.Self.Find(a.r.Context(), a.me.ID)
	if err != nil || findErr != nil {
		return "", false
	}
	for _, c := range k.of(me) {
		if c.Text == text && !c.Verified {
			return c.ID, true
		}
	}
	return "", false
}

// chosen is the contact that a form is about.
func chosen(a *account) auth.IdentificationID {
	return auth.IdentificationID(a.r.PostForm.Get("id"))
}

func (k *contactKind) primaryAct(a *account) (outcome, error) {
	if chosen(a) == "" {
		return outcome{}, auth.RefuseParam(auth.CodeResourceNotFound, "id")
	}
	_, err := a.p.Self.Update(a.r.Context(), a.me.ID, k.primary(chosen(a)))
	return outcome{said: k.words.saidPrimary}, err
}

// removeAct removes one. One that is gone already, by a form sent twice, is.
func (k *contactKind) removeAct(a *account) (outcome, error) {
	done := outcome{to: k.path, said: k.words.saidRemoved}
	if _, ok := k.named(a, chosen(a)); !ok {
		return done, nil
	}
	return done, k.remove(a.p.Self, a.r.Context(), a.me.ID, chosen(a))
}

// secondAct changes how a number is used as a second factor. Backup codes that
// come with the first one are shown now or never.
func (k *contactKind) secondAct(update user.PhoneUpdate) func(a *account) (outcome, error) {
	return func(a *account) (outcome, error) {
		if k != phoneContacts {
			return outcome{}, auth.RefuseParam(auth.CodeParamInvalid, "do")
		}
		_, codes, err := a.p.Self.UpdatePhone(a.r.Context(), a.session, chosen(a), update)
		switch {
		case err != nil:
			return outcome{}, err
		case len(codes) > 0:
			return a.showCodes(codes), nil
		case update.SecondFactor != nil && !*update.SecondFactor:
			return outcome{said: "second-off"}, nil
		default:
			return outcome{said: "second-on"}, nil
		}
	}
}
