package auth

import (
	"encoding/json"
	"time"
)

// Invitation lets the owner of an address sign up, where others may not.
type Invitation struct {
	ID           InvitationID
	Version      int64    // compare-and-swap guard; zero means not stored yet
	EmailAddress string   // normalised
	Hash         [32]byte // of the ticket
	Status       InvitationStatus
	PublicMeta   json.RawMessage // of the user who accepts it; JSON object or nil
	RedirectURL  string          // where its link leads, or empty
	ExpireAt     time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// InvitationStatus is the state of an invitation.
type InvitationStatus string

// Invitation statuses by their published names.
const (
	InvitationPending  InvitationStatus = "pending"
	InvitationAccepted InvitationStatus = "accepted"
	InvitationRevoked  InvitationStatus = "revoked"
	InvitationExpired  InvitationStatus = "expired"
)

const (
	// InvitationLifetime is how long an invitation is valid when nothing else
	// is asked for.
	InvitationLifetime = 30 * 24 * time.Hour
	// MaxInvitationLifetime bounds what can be asked for.
	MaxInvitationLifetime = 365 * 24 * time.Hour
)

// StatusAt is the status at now.
func (i Invitation) StatusAt(now time.Time) InvitationStatus {
	if i.Status == InvitationPending && !now.Before(i.ExpireAt) {
		return InvitationExpired
	}
	return i.Status
}

// Usable says why the ticket of the invitation cannot be used at now, or nil.
func (i Invitation) Usable(now time.Time) error {
	switch i.StatusAt(now) {
	case InvitationPending:
		return nil
	case InvitationAccepted:
		return RefuseParam(CodeTicketConsumed, "ticket")
	case InvitationExpired:
		return RefuseParam(CodeTicketExpired, "ticket")
	default:
		return RefuseParam(CodeTicketInvalid, "ticket")
	}
}

// WaitlistEntry is somebody who asked to be invited.
type WaitlistEntry struct {
	ID           WaitlistID
	Version      int64  // compare-and-swap guard; zero means not stored yet
	EmailAddress string // normalised; unique
	Status       WaitlistStatus
	Invitation   InvitationID // that was sent, or empty
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// WaitlistStatus is the state of a waitlist entry.
type WaitlistStatus string

// Waitlist statuses by their published names.
const (
	WaitlistPending   WaitlistStatus = "pending"
	WaitlistInvited   WaitlistStatus = "invited"
	WaitlistCompleted WaitlistStatus = "completed"
	WaitlistRejected  WaitlistStatus = "rejected"
)

// InvitationQuery selects invitations, newest first. Empty members do not
// restrict.
type InvitationQuery struct {
	Status       InvitationStatus // as it is at Now
	EmailAddress string           // normalised
	Query        string           // part of an id or address
	Now          time.Time
	Oldest       bool // oldest first
	Limit        int  // 1 to 500
	Offset       int  // from 0
}

// WaitlistQuery selects waitlist entries, newest first. Empty members do not
// restrict.
type WaitlistQuery struct {
	Status WaitlistStatus
	Query  string // part of the address
	Oldest bool   // oldest first
	Limit  int    // 1 to 500
	Offset int    // from 0
}

// AdmissionChange is the part of a [Change] about who may sign up.
type AdmissionChange struct {
	Invitations        []Invitation
	DeletedInvitations []Invitation // only ID and Version are read
	Waitlist           []WaitlistEntry
	DeletedWaitlist    []WaitlistEntry  // only ID and Version are read
	Identifiers        []IdentifierRule // inserted only
	DeletedRules       []IdentifierRuleID
}

// Empty says whether there is nothing to make durable.
func (c AdmissionChange) Empty() bool {
	return len(c.Invitations)+len(c.DeletedInvitations)+len(c.Waitlist)+len(c.DeletedWaitlist)+len(c.Identifiers)+len(c.DeletedRules) == 0
}

// Merge returns both changes as one.
func (c AdmissionChange) Merge(d AdmissionChange) AdmissionChange {
	c.Invitations = append(c.Invitations, d.Invitations...)
	c.DeletedInvitations = append(c.DeletedInvitations, d.DeletedInvitations...)
	c.Waitlist = append(c.Waitlist, d.Waitlist...)
	c.DeletedWaitlist = append(c.DeletedWaitlist, d.DeletedWaitlist...)
	c.Identifiers = append(c.Identifiers, d.Identifiers...)
	c.DeletedRules = append(c.DeletedRules, d.DeletedRules...)
	return c
}
