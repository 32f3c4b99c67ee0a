package sqlstore

import (
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// userFilter is everything of a query but its order, cursor and page.
func userFilter(q auth.UserQuery) *filter {
	f := &filter{}
	identifiers(f, q)
	partsOfText(f, q)
	period(f, "u.created_at", q.Created)
	period(f, "u.last_sign_in_at", q.LastSignIn)
	period(f, "u.last_active_at", q.LastActive)
	if !q.LastActiveSince.IsZero() {
		f.where("u.last_active_at >= " + f.arg(ms(q.LastActiveSince)))
	}
	if q.Banned != nil {
		f.where("u.banned = " + f.arg(*q.Banned))
	}
	return f
}

func identifiers(f *filter, q auth.UserQuery) {
	if len(q.UserIDs) > 0 {
		f.where("u.id " + in(f, q.UserIDs))
	}
	if len(q.EmailAddresses) > 0 {
		f.where("u.id IN (SELECT e.user_id FROM emails e WHERE e.status = 'verified' AND e.address " + in(f, q.EmailAddresses) + ")")
	}
	if len(q.PhoneNumbers) > 0 {
		f.where("u.id IN (SELECT p.user_id FROM phones p WHERE p.status = 'verified' AND p.number " + in(f, q.PhoneNumbers) + ")")
	}
	if len(q.Usernames) > 0 {
		f.where("u.username " + in(f, q.Usernames))
	}
	if len(q.ExternalIDs) > 0 {
		f.where("u.external_id " + in(f, q.ExternalIDs))
	}
	if len(q.Organizations) > 0 {
		f.where("u.id IN (SELECT m.user_id FROM org_memberships m WHERE m.org_id " + in(f, q.Organizations) + ")")
	}
	if len(q.NotOrganizations) > 0 {
		f.where("u.id NOT IN (SELECT m.user_id FROM org_memberships m WHERE m.org_id " + in(f, q.NotOrganizations) + ")")
	}
	if len(q.NotUserIDs) > 0 {
		f.where("u.id NOT " + in(f, q.NotUserIDs))
	}
	if len(q.NotExternalIDs) > 0 {
		f.where("(u.external_id IS NULL OR u.external_id NOT " + in(f, q.NotExternalIDs) + ")")
	}
}

// partsOfText compares in lower case on both sides: the database's own folding
// ends at ASCII.
func partsOfText(f *filter, q auth.UserQuery) {
	like := func(term, part string) {
		if part != "" {
			f.where(strings.Replace(term, "?", f.arg(containing(strings.ToLower(part)))+` ESCAPE '\'`, 1))
		}
	}
	like("u.search LIKE ?", q.Query)
	like("EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND e.address LIKE ?)", q.EmailQuery)
	like("EXISTS (SELECT 1 FROM phones p WHERE p.user_id = u.id AND p.number LIKE ?)", q.PhoneQuery)
	like("lower(u.username) LIKE ?", q.UsernameQuery)
	like("u.folded_name LIKE ?", q.NameQuery)
}

// period keeps what lies strictly inside; what never happened is stored as 0
// and lies in none.
func period(f *filter, column string, p auth.Period) {
	if !p.After.IsZero() {
		f.where(column + " > " + f.arg(ms(p.After)))
	}
	if !p.Before.IsZero() {
		f.where(column + " > 0 AND " + column + " < " + f.arg(ms(p.Before)))
	}
}
