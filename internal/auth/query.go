package auth

import "time"

// UserQuery selects users. Empty members do not restrict; values inside one
// member are alternatives, members are combined.
type UserQuery struct {
	UserIDs          []UserID
	EmailAddresses   []string // normalised; only proven ones count, since anybody can claim one without proof
	PhoneNumbers     []string // normalised; only proven ones count
	Usernames        []string
	ExternalIDs      []string
	Organizations    []OrganizationID // members of one of them
	NotOrganizations []OrganizationID // members of none of them
	NotUserIDs       []UserID
	NotExternalIDs   []string // users without any are kept
	Query            string   // part of an id, address, username or name, case-insensitive
	EmailQuery       string   // part of any address, case-insensitive
	PhoneQuery       string   // part of any phone number
	UsernameQuery    string   // part of the username, case-insensitive
	NameQuery        string   // part of the first name, a space and the last name, case-insensitive
	Banned           *bool
	Created          Period
	LastSignIn       Period    // a user who never signed in is in no period
	LastActive       Period    // a user who was never active is in no period
	LastActiveSince  time.Time // inclusive
	After            UserID    // cursor: only users that come after this one in the order of creation
	OrderBy          string    // a name of [UserOrders], "-" in front for descending; empty: -created_at
	Limit            int       // 1 to 500
	Offset           int       // from 0
}

// Period is the time strictly between two instants; a zero one leaves its side open.
type Period struct {
	After  time.Time
	Before time.Time
}

// UserOrders are the orders a user list can have.
var UserOrders = []string{"created_at", "updated_at", "last_sign_in_at", "last_active_at", "email_address", "phone_number", "username", "first_name", "last_name"}

// SessionQuery selects sessions, newest first. Empty members do not restrict.
type SessionQuery struct {
	Client ClientID
	User   UserID
	Status SessionStatus // as it is at Now, see [Session.StatusAt]
	Now    time.Time
	Limit  int // 1 to 500
	Offset int // from 0
}
