package notify

import "strings"

// Channel is how a message travels.
type Channel string

// Channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// channelOf tells from the normalised receiver: only numbers begin with a plus
// sign.
func channelOf(to string) Channel {
	if strings.HasPrefix(to, "+") {
		return SMS
	}
	return Email
}

// Mail is a worded message: a mail, or a text to a phone.
type Mail struct {
	ID      string // of the message; the same each time it is tried
	To      string
	Channel Channel
	Subject string // empty for a text
	Body    string // plain text
	HTML    string // what to show instead of Body where HTML can be shown; or empty
	// FromName and ReplyToName are local parts beside the domain of the
	// configured sender; empty for the configured address and for none.
	FromName, ReplyToName string
	Code                  string // the one-time code in it, or empty
	Link                  string // the link in it, or empty
}
