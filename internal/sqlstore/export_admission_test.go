package sqlstore

import "github.com/perennialauth/perennial/internal/auth"

// AdmissionTexts are the texts that list who may sign up, by what they select.
func AdmissionTexts() map[string]string {
	out := map[string]string{}
	for name, q := range map[string]auth.InvitationQuery{
		"all": {}, "pending": {Status: auth.InvitationPending}, "oldest": {Oldest: true}, "of an address": {EmailAddress: "a"},
	} {
		out["invitations "+name] = invitationsText(invitationFilter(q), q)
	}
	for name, q := range map[string]auth.WaitlistQuery{"all": {}, "pending": {Status: auth.WaitlistPending}, "oldest": {Oldest: true}} {
		out["waitlist "+name] = waitlistText(waitlistFilter(q), q)
	}
	out["matching rules"], _ = matchingText([]string{"a", "b"})
	return out
}
