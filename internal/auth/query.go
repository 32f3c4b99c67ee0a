package auth

import "time"

// UserQuery selects users. Empty members do not restrict; values inside one
// member are alternatives, members are combined.
type UserQuery struct {
	UserIDs         []UserID
	EmailAddresses  []string // normalised
	Usernames       []string
	ExternalIDs     []string
	Query           string // part of an id, address, username or name, case-insensitive
	LastActiveSince time.Time
	OrderBy         string // a name of [UserOrders], "-" in front for descending; empty: -created_at
	Limit           int    // 1 to 500
	Offset          int    // from 0
}

// UserOrders are the orders a user list can have.
var UserOrders = []string{"created_at", "updated_at", "last_sign_in_at", "last_active_at", "email_address", "username", "first_name", "last_name"}

// SessionQuery selects sessions, newest first. Empty members do not restrict.
type SessionQuery struct {
	Client ClientID
	User   UserID
	Status SessionStatus // as it is at Now, see [Session.StatusAt]
	Now    time.Time
	Limit  int // 1 to 500
	Offset int // from 0
}
