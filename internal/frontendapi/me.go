package frontendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/wire"
)

func (a *API) getMe(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	return a.answerWith(c, func(*wire.Client) any { return a.toPerson(c, me) })
}

// updateMe takes only what a person may change of themselves; everything else
// in the body, private metadata or an external id, is not even read.
func (a *API) updateMe(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	in := user.UpdateSelf{
		Profile: user.Profile{
			FirstName: f.Optional("first_name"), LastName: f.Optional("last_name"), Username: f.Optional("username"),
		},
		PrimaryEmail: auth.EmailID(f.String("primary_email_address_id")),
		PrimaryPhone: auth.PhoneID(f.String("primary_phone_number_id")),
	}
	in.UnsafeMeta, _ = f.Object("unsafe_metadata")
	if f.String("primary_web3_wallet_id") != "" { // nobody has one
		f.Fail(auth.CodeResourceNotFound, "primary_web3_wallet_id")
	}
	if err := f.Err(); err != nil {
		return err
	}
	changed, err := a.Self.Update(c.r.Context(), me.ID, in)
	return a.answerMe(c, changed, err)
}

func (a *API) mergeMyMetadata(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	f, err := c.read()
	if err != nil {
		return err
	}
	patch, present := f.Object("unsafe_metadata")
	if !present {
		f.Fail(auth.CodeParamMissing, "unsafe_metadata")
	}
	if err := f.Err(); err != nil {
		return err
	}
	changed, err := a.Self.MergeMetadata(c.r.Context(), me.ID, patch)
	return a.answerMe(c, changed, err)
}

// answerMe is the answer of every change of oneself.
func (a *API) answerMe(c *call, me auth.User, err error) error {
	if err != nil {
		return err
	}
	return a.answerWith(c, func(*wire.Client) any { return a.toPerson(c, me) })
}

func (a *API) deleteMe(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	if err := a.Self.Delete(c.r.Context(), acting.User); err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "user", ID: string(acting.User), Deleted: true})
}

func (a *API) listMyEmails(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	out := make([]wire.EmailAddress, 0, len(me.Emails))
	for _, e := range me.Emails {
		out = append(out, toEmail(e, a.Now()))
	}
	return a.answerArray(c, out)
}

// answerArray writes one of the few answers that are not wrapped.
func (a *API) answerArray(c *call, array any) error {
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, array)
	return nil
}
