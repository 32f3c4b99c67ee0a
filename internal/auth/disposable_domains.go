package auth

import "strings"

// disposableDomains hand out an address to anybody for minutes. The list names
// those that are met most; it can never be complete, and block rules are there
// for the others.
var disposableDomains = map[string]bool{
	"10minutemail.com": true, "10minutemail.net": true, "20minutemail.com": true, "33mail.com": true, "anonaddy.me": true,
	"burnermail.io": true, "byom.de": true, "discard.email": true, "discardmail.com": true, "dispostable.com": true,
	"dropmail.me": true, "einrot.com": true, "emailfake.com": true, "emailondeck.com": true, "fakeinbox.com": true,
	"fakemail.net": true, "getairmail.com": true, "getnada.com": true, "grr.la": true, "guerrillamail.biz": true,
	"guerrillamail.com": true, "guerrillamail.de": true, "guerrillamail.info": true, "guerrillamail.net": true,
	"guerrillamail.org": true, "guerrillamailblock.com": true, "inboxkitten.com": true, "maildrop.cc": true,
	"mailcatch.com": true, "mailexpire.com": true, "mailinator.com": true, "mailinator.net": true, "mailnesia.com": true,
	"mailnull.com": true, "mailsac.com": true, "mintemail.com": true, "moakt.com": true, "mohmal.com": true,
	"mytemp.email": true, "nada.email": true, "sharklasers.com": true, "spam4.me": true, "spambox.us": true,
	"spamgourmet.com": true, "temp-mail.io": true, "temp-mail.org": true, "tempail.com": true, "tempinbox.com": true,
	"tempmail.com": true, "tempmail.dev": true, "tempmail.net": true, "tempr.email": true, "throwawaymail.com": true,
	"trashmail.com": true, "trashmail.de": true, "trashmail.net": true, "wegwerfmail.de": true, "yopmail.com": true,
	"yopmail.fr": true, "yopmail.net": true,
}

// disposable says whether a domain, or one that it belongs to, is listed.
func disposable(domain string) bool {
	for {
		if disposableDomains[domain] {
			return true
		}
		_, parent, ok := strings.Cut(domain, ".")
		if !ok {
			return false
		}
		domain = parent
	}
}
