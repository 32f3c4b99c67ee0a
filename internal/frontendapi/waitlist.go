package frontendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// joinWaitlist asks for an invitation. The answer is the same whether or not
// the address is known in any way.
func (a *API) joinWaitlist(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	address := form.Required("email_address")
	if err := form.Err(); err != nil {
		return err
	}
	entry, err := a.Admission.Join(c.r.Context(), address)
	if err != nil {
		return err
	}
	a.handOut(c)
	respond.JSON(c.w, http.StatusOK, wire.WaitlistEntry{Object: "waitlist_entry", ID: string(entry.ID)})
	return nil
}
