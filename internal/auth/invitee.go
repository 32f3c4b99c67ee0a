package auth

import "encoding/json"

// Invitee is whom the ticket of an invitation is for: proving the ticket proves
// the address it was sent to.
type Invitee struct {
	ID           InvitationID    // orginv_… of an invitation to an organization, else inv_…
	EmailAddress string          // normalised
	PublicMeta   json.RawMessage // for the user who signs up with it, or nil
	RedirectURL  string          // where accepting it by link leads, or empty
}
