package frontendapi

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/factor"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// createMyTOTP begins to set up an authenticator app. Its secret is told in
// this answer and never again.
func (a *API) createMyTOTP(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	t, err := a.Self.CreateTOTP(c.r.Context(), acting.User)
	if err != nil {
		return err
	}
	doc := toTOTP(t.TOTP)
	doc.Secret = &t.Secret
	doc.URI = respond.OrNull(factor.URI(a.Settings().ApplicationName, t.Account, t.Secret))
	return a.answer(c, doc)
}

func (a *API) attemptMyTOTP(c *call) error {
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
	t, codes, err := a.Self.AttemptTOTP(c.r.Context(), me.ID, code)
	if err != nil {
		return err
	}
	doc := toTOTP(t)
	doc.BackupCodes = codes
	return a.answer(c, doc)
}

func (a *API) deleteMyTOTP(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	gone, err := a.Self.DeleteTOTP(c.r.Context(), acting.User)
	if err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "totp", ID: string(gone), Deleted: true})
}

// createMyBackupCodes makes a new set of codes and tells them this once.
func (a *API) createMyBackupCodes(c *call) error {
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	set, codes, err := a.Self.CreateBackupCodes(c.r.Context(), acting.User)
	if err != nil {
		return err
	}
	return a.answer(c, wire.BackupCodes{
		Object: "backup_code", ID: string(set.ID), Codes: codes,
		CreatedAt: set.CreatedAt.UnixMilli(), UpdatedAt: set.UpdatedAt.UnixMilli(),
	})
}

func toTOTP(t auth.TOTP) wire.TOTP {
	return wire.TOTP{
		Object: "totp", ID: string(t.ID), Verified: t.Verified,
		CreatedAt: t.CreatedAt.UnixMilli(), UpdatedAt: t.UpdatedAt.UnixMilli(),
	}
}
