package sqlstore

import (
	"context"
	"net/url"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/perennialauth/perennial/internal/auth"
)

// NewestSchema is the last schema this program knows.
var NewestSchema = newestSchema()

// FixedQueries are the texts of all fixed queries.
func FixedQueries() (out []string) {
	for _, q := range queries {
		out = append(out, q.sql())
	}
	return out
}

// UsersText is the text that lists users.
func UsersText(q auth.UserQuery) (string, error) {
	text, _, err := usersText(q)
	return text, err
}

// CountUsersText is the text that counts users.
func CountUsersText(q auth.UserQuery) string { return countUsersText(userFilter(q)) }

// SessionsTexts are the texts that count and list sessions.
func SessionsTexts(q auth.SessionQuery) (count, list string) {
	f := sessionFilter(q)
	return countSessionsText(f), listSessionsText(f, q)
}

// OrganizationTexts are the texts that count and list what belongs to
// organizations, for some queries of each kind.
func OrganizationTexts() (out map[string][2]string, _ error) {
	out = map[string][2]string{}
	add := func(name string, l listing, err error) error {
		out[name] = [2]string{l.count, l.page}
		return err
	}
	for _, order := range auth.OrganizationOrders {
		for _, sign := range []string{"", "-"} {
			l, err := organizationsListing(auth.OrganizationQuery{OrderBy: sign + order})
			if err := add("all organizations by "+sign+order, l, err); err != nil {
				return nil, err
			}
		}
	}
	for _, order := range auth.MemberOrders {
		for name, q := range map[string]auth.MemberQuery{
			"all members": {}, "members of one": {Organization: "o"}, "members with a role of one": {Organization: "o", Roles: []auth.RoleID{"r"}},
			"memberships of a user": {User: "u"},
		} {
			q.OrderBy = "-" + order
			l, err := membersListing(q)
			if err := add(name+" by "+order, l, err); err != nil {
				return nil, err
			}
		}
	}
	for _, order := range auth.OrgInvitationOrders {
		for name, q := range map[string]auth.OrgInvitationQuery{
			"all invitations": {}, "invitations of one": {Organization: "o"}, "invitations of an address": {EmailAddresses: []string{"a"}},
			"open invitations of one": {Organization: "o", Statuses: []auth.OrgInvitationStatus{auth.OrgInvitationPending}},
			"invitations of a domain": {Domain: "d"},
		} {
			q.OrderBy = order
			l, err := orgInvitationsListing(q)
			if err := add(name+" by "+order, l, err); err != nil {
				return nil, err
			}
		}
	}
	for _, order := range auth.OrgDomainOrders {
		for name, q := range map[string]auth.OrgDomainQuery{"all domains": {}, "domains of one": {Organization: "o"}} {
			q.OrderBy = order
			l, err := orgDomainsListing(q)
			if err := add(name+" by "+order, l, err); err != nil {
				return nil, err
			}
		}
	}
	for name, q := range map[string]auth.OrgSuggestionQuery{
		"suggestions of one": {Organization: "o"}, "suggestions of a user": {User: "u"}, "suggestions of a domain": {Domain: "d"},
	} {
		out[name] = [2]string{orgSuggestionsListing(q).count, orgSuggestionsListing(q).page}
	}
	return out, nil
}

// Plan is what the database says it would do for a text.
func (s *Store) Plan(ctx context.Context, text string) (steps []string, _ error) {
	err := s.read(ctx, "plan", func(c *conn) error {
		args := make([]any, 64)
		return c.dynamic("EXPLAIN QUERY PLAN "+text, args, func(r *row) {
			r.next = 3
			steps = append(steps, r.text())
		})
	})
	return steps, err
}

// ReadCancelled reads with a context that ends between two queries of one read.
func (s *Store) ReadCancelled(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return s.read(ctx, "cancelled", func(c *conn) error {
		for range 2 {
			if _, err := c.one(schemaVersion, func(*row) {}); err != nil {
				return err
			}
			cancel()
		}
		return nil
	})
}

// onDisk maps the path of a database to the name of the file layer it is on.
var onDisk sync.Map

// PutOnDisk opens this path on another file layer from now on.
func PutOnDisk(path, name string) { onDisk.Store(path, name) }

func init() {
	usual := openFile
	openFile = func(path string) (*sqlite3.Conn, error) {
		name, ok := onDisk.Load(path)
		if !ok {
			return usual(path)
		}
		uri := url.URL{Scheme: "file", Opaque: path, RawQuery: url.Values{"vfs": {name.(string)}}.Encode()}
		return sqlite3.OpenFlags(uri.String(), sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	}
}

// CachedClients is how many clients are answered from memory.
func (s *Store) CachedClients() int {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	return len(s.clients.clients)
}

// CloneClient is the copy that callers get of a cached client.
var CloneClient = cloneClient

// Touches says whether a client is read again after a change.
func Touches(ch auth.Change, a auth.ClientAggregate) bool { return touchedBy(ch).touches(a) }
