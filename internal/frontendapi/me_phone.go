package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/wire"
)

func (a *API) listMyPhones(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	out := make([]wire.PhoneNumber, 0, len(me.Phones))
	for _, p := range me.Phones {
		out = append(out, toPhone(p, a.Now()))
	}
	return a.answerArray(c, out)
}

// createMyPhone adds a number, which is then to be proven; see
// [API.createMyEmail] for its limit.
func (a *API) createMyPhone(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	number := form.Required("phone_number")
	if err := form.Err(); err != nil {
		return err
	}
	p, err := a.Self.AddPhone(c.r.Context(), acting.User, number)
	return a.answerPhone(c, p, nil, err)
}

func (a *API) getMyPhone(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	p, ok := me.Phone(c.phoneID())
	if !ok {
		return auth.Refuse(auth.CodeResourceNotFound)
	}
	return a.answerPhone(c, p, nil, nil)
}

// updateMyPhone says how a number is used as a second factor.
func (a *API) updateMyPhone(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	change := user.PhoneUpdate{
		SecondFactor:        form.OptionalBool("reserved_for_second_factor"),
		DefaultSecondFactor: form.OptionalBool("default_second_factor"),
	}
	if err := form.Err(); err != nil {
		return err
	}
	p, codes, err := a.Self.UpdatePhone(c.r.Context(), acting, c.phoneID(), change)
	return a.answerPhone(c, p, codes, err)
}

func (a *API) prepareMyPhone(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	// clerk-js names no strategy here: there is only one for a number.
	if s := form.String("strategy"); s != "" && auth.Strategy(s) != auth.StrategyPhoneCode {
		form.Fail(auth.CodeStrategyUnsupported, "strategy")
	}
	if err := form.Err(); err != nil {
		return err
	}
	p, err := a.Self.PreparePhone(c.r.Context(), me.ID, c.phoneID())
	return a.answerPhone(c, p, nil, err)
}

func (a *API) attemptMyPhone(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	code := form.Required("code")
	if err := form.Err(); err != nil {
		return err
	}
	p, err := a.Self.AttemptPhone(c.r.Context(), me.ID, c.phoneID(), code)
	return a.answerPhone(c, p, nil, err)
}

func (a *API) deleteMyPhone(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	if err := a.Self.DeletePhone(c.r.Context(), acting.User, c.phoneID()); err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "phone_number", ID: string(c.phoneID()), Deleted: true})
}

func (c *call) phoneID() auth.PhoneID { return auth.PhoneID(c.r.PathValue("phone_id")) }

// answerPhone is the answer of every operation on one number. Codes are backup
// codes that were just made.
func (a *API) answerPhone(c *call, p auth.PhoneNumber, codes []string, err error) error {
	if err != nil {
		return err
	}
	doc := toPhone(p, a.Now())
	doc.BackupCodes = codes
	return a.answer(c, doc)
}
