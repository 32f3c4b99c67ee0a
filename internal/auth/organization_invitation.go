package auth

import (
	"encoding/json"
	"time"
)

// OrgInvitation offers a place in an organization to whoever proves an address.
type OrgInvitation struct {
	ID           OrgInvitationID
	Version      int64 // compare-and-swap guard; zero means not stored yet
	Organization OrganizationID
	EmailAddress string // normalised
	Role         RoleID
	Inviter      UserID      // empty when a back end or a domain invited
	Domain       OrgDomainID // whose enrollment made it, or empty
	Status       OrgInvitationStatus
	Hash         [32]byte // of the ticket; zero when there is none
	RedirectURL  string   // where accepting it by link leads, or empty
	PublicMeta   json.RawMessage
	PrivateMeta  json.RawMessage
	ExpireAt     time.Time // zero is never
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// OrgInvitationStatus is the state of an invitation to an organization.
type OrgInvitationStatus string

// Invitation statuses by their published names.
const (
	OrgInvitationPending  OrgInvitationStatus = "pending"
	OrgInvitationAccepted OrgInvitationStatus = "accepted"
	OrgInvitationRevoked  OrgInvitationStatus = "revoked"
	OrgInvitationExpired  OrgInvitationStatus = "expired"
)

const (
	// OrgInvitationLifetime is how long an invitation can be accepted when
	// nothing else is asked for.
	OrgInvitationLifetime = 30 * 24 * time.Hour
	// MaxPendingInvitations bounds the open invitations of one organization:
	// each has sent mail to somebody who did not ask for it.
	MaxPendingInvitations = 1000
)

// StatusAt is the status at now: a pending invitation past its end is expired,
// whether or not that was stored.
func (i OrgInvitation) StatusAt(now time.Time) OrgInvitationStatus {
	if i.Status == OrgInvitationPending && !i.ExpireAt.IsZero() && !now.Before(i.ExpireAt) {
		return OrgInvitationExpired
	}
	return i.Status
}

// Invited is an invitation with what is published beside it.
type Invited struct {
	OrgInvitation
	Organization Organization
	Role         Role
	Inviter      User // zero when nobody did, or is there no longer
}

// Settle returns the invitation in another status.
func (i OrgInvitation) Settle(s OrgInvitationStatus, now time.Time) OrgInvitation {
	i.Status, i.UpdatedAt = s, now
	return i
}
