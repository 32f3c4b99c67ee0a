package auth

import "time"

// OrganizationQuery selects organizations. Empty members do not restrict.
type OrganizationQuery struct {
	IDs      []OrganizationID
	NotIDs   []OrganizationID
	Users    []UserID // that have one of them as a member
	NotUsers []UserID // that have none of them as a member
	Query    string   // an id, or part of a name or slug, case-insensitive
	OrderBy  string   // a name of [OrganizationOrders], "-" in front for descending; empty: -created_at
	Limit    int      // 1 to 500
	Offset   int      // from 0
}

// OrganizationOrders are the orders a list of organizations can have.
var OrganizationOrders = []string{"created_at", "name", "members_count"}

// MemberQuery selects memberships. Empty members do not restrict; Users is
// about the member.
type MemberQuery struct {
	Organization OrganizationID
	User         UserID
	Roles        []RoleID
	Users        UserQuery // its order, cursor and page are not read
	OrderBy      string    // a name of [MemberOrders], "-" in front for descending; empty: -created_at
	Limit        int       // 1 to 500
	Offset       int       // from 0
}

// MemberOrders are the orders a list of members can have.
var MemberOrders = []string{"created_at", "email_address", "username", "first_name", "last_name"}

// OrgInvitationQuery selects invitations to organizations. Empty members do not
// restrict.
type OrgInvitationQuery struct {
	Organization   OrganizationID
	EmailAddresses []string // normalised
	Domain         OrgDomainID
	Query          string // part of the address, case-insensitive
	Statuses       []OrgInvitationStatus
	Now            time.Time // decides which pending ones are expired
	OrderBy        string    // created_at or email_address, "-" in front for descending; empty: -created_at
	Limit          int       // 1 to 500
	Offset         int       // from 0
}

// OrgInvitationOrders are the orders a list of invitations can have.
var OrgInvitationOrders = []string{"created_at", "email_address"}

// OrgDomainQuery selects domains of organizations. Empty members do not
// restrict.
type OrgDomainQuery struct {
	Organization OrganizationID
	Names        []string
	Query        string // part of the name, case-insensitive
	Verified     *bool
	Modes        []EnrollmentMode
	NotModes     []EnrollmentMode
	OrderBy      string // name or created_at, "-" in front for descending; empty: -created_at
	Limit        int    // 1 to 500
	Offset       int    // from 0
}

// OrgDomainOrders are the orders a list of domains can have.
var OrgDomainOrders = []string{"created_at", "name"}

// OrgSuggestionQuery selects suggestions, newest first. Empty members do not
// restrict.
type OrgSuggestionQuery struct {
	Organization OrganizationID
	User         UserID
	Domain       OrgDomainID
	Statuses     []SuggestionStatus
	Limit        int // 1 to 500
	Offset       int // from 0
}
