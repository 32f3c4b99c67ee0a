package auth

import "time"

// Change is everything one use case wants to make durable, as data. The store
// commits all of it or none of it.
//
// A record with Version zero is inserted and must not exist; any other is
// written only where the stored version still equals Version, and the stored
// version then rises by one. One stale record fails the whole change with
// [ErrConflict]: load again, decide again, try again. A taken unique identifier
// fails it with an [ExistsError]. That guard is also what consumes one-time
// secrets: of any number of parallel consumers exactly one commits.
type Change struct {
	Clients              []Client
	Tokens               []ClientToken // inserted only
	Lineages             []Lineage     // beyond [MaxLineages] of a client the oldest go
	Sessions             []Session
	Users                []User // emails and phones are replaced as sets
	DeletedUsers         []User // only ID and Version are read; sessions of the user must be ended in the same change
	SignIns              []SignIn
	SignUps              []SignUp
	Reverifications      []Reverification
	SignInTokens         []SignInToken
	Lockouts             []Lockout
	Messages             []Message // inserted only
	Images               []Image   // inserted only
	DeletedImages        []ImageID // those that do not exist are no error
	BrowserFlows         []BrowserFlow
	EmailLinks           []EmailLink
	ContactVerifications []ContactVerification
	OAuthFlows           []OAuthFlow
	JWTTemplates         []JWTTemplate
	DeletedJWTTemplates  []JWTTemplateID // those that do not exist are no error
	Organizations        OrganizationChange
	Admission            AdmissionChange
	Webhooks             WebhookChange
}

// Message is a mail or text to be delivered. What it says is sealed, because it
// holds a one-time code until it is delivered.
type Message struct {
	ID        MessageID
	Sealed    []byte
	CreatedAt time.Time
}

// Empty says whether there is nothing to make durable.
func (c Change) Empty() bool {
	return len(c.Clients)+len(c.Tokens)+len(c.Lineages)+len(c.Sessions)+len(c.Users)+len(c.DeletedUsers)+
		len(c.SignIns)+len(c.SignUps)+len(c.Reverifications)+len(c.SignInTokens)+len(c.Lockouts)+len(c.Messages)+
		len(c.Images)+len(c.DeletedImages)+len(c.BrowserFlows)+len(c.EmailLinks)+len(c.ContactVerifications)+len(c.OAuthFlows)+len(c.JWTTemplates)+len(c.DeletedJWTTemplates) == 0 && c.Organizations.Empty() && c.Admission.Empty() && c.Webhooks.Empty()
}
