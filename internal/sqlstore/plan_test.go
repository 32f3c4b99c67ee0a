package sqlstore_test

import (
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// walk is a step that visits rows one after the other.
var walk = regexp.MustCompile(`^SCAN (\w+)(.*)$`)

// mustSeek fails when a text visits every row of a table or sorts what an index
// could have delivered in order. A walk along an index in the order of the page
// is allowed where it is asked for: it stops at the end of the page.
func mustSeek(t *testing.T, s *sqlstore.Store, name, text string, alongIndex, sorting bool) {
	t.Helper()
	steps, err := s.Plan(t.Context(), text)
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
		return
	}
	for _, step := range steps {
		if m := walk.FindStringSubmatch(step); m != nil {
			if m[1] == "goose_db_version" {
				continue // one row for each migration, read from its end
			}
			if indexed := strings.Contains(m[2], " INDEX "); !indexed || !alongIndex {
				t.Errorf("%s visits all rows: %s\n%s", name, step, text)
			}
		}
		if strings.Contains(step, "TEMP B-TREE") && !sorting {
			t.Errorf("%s sorts: %s\n%s", name, step, text)
		}
	}
}

// TestQueriesSeek reads the plan of every fixed query.
func TestQueriesSeek(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	// Pages of everything, in the order of an index; and counts, which have no
	// shortcut in either database.
	along := regexp.MustCompile(`(?s)LIMIT|^SELECT count`)
	// The few live sessions of one client.
	sorts := regexp.MustCompile(`FROM sessions s\s+WHERE s.client_id = \$1`)
	n := 0
	for _, text := range sqlstore.FixedQueries() {
		if regexp.MustCompile(`^(SELECT|UPDATE|DELETE)`).MatchString(text) {
			mustSeek(t, s, "fixed", text, along.MatchString(text), sorts.MatchString(text))
			n++
		}
	}
	if n < 20 {
		t.Errorf("only %d texts were looked at", n)
	}
}

// TestListsSeek reads the plan of lists by each filter and in each order.
func TestListsSeek(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	for _, order := range auth.UserOrders {
		for _, direction := range []string{"", "-"} {
			text, err := sqlstore.UsersText(auth.UserQuery{OrderBy: direction + order, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			mustSeek(t, s, "users by "+direction+order, text, true, false)
		}
	}
	for name, q := range map[string]auth.UserQuery{
		"ids":          {UserIDs: []auth.UserID{"a", "b"}},
		"addresses":    {EmailAddresses: []string{"a", "b"}},
		"usernames":    {Usernames: []string{"a", "b"}},
		"external ids": {ExternalIDs: []string{"a", "b"}},
		"numbers":      {PhoneNumbers: []string{"a", "b"}},
		"memberships":  {Organizations: []auth.OrganizationID{"a", "b"}},
	} {
		q.Limit = 10
		text, err := sqlstore.UsersText(q)
		if err != nil {
			t.Fatal(err)
		}
		mustSeek(t, s, "users with "+name, text, false, true) // few rows, sorted
		mustSeek(t, s, "count of users with "+name, sqlstore.CountUsersText(q), false, false)
	}
	for name, q := range map[string]auth.UserQuery{
		"after one":           {After: "a"},
		"created in a period": {Created: auth.Period{After: time.Unix(1, 0), Before: time.Unix(2, 0)}},
	} {
		text, err := sqlstore.UsersText(q)
		if err != nil {
			t.Fatal(err)
		}
		mustSeek(t, s, "users "+name, text, false, false)
	}
	// Searching inside text visits the users in their order until the page is
	// full, and so does leaving some out.
	for _, field := range visitingFilters(t) {
		text, err := sqlstore.UsersText(field.query)
		if err != nil {
			t.Fatal(err)
		}
		// Those of a period are found by it, and sorted.
		sorts := field.name == "LastSignIn" || field.name == "LastActive"
		mustSeek(t, s, "users by "+field.name, text, true, sorts)
	}

	for _, status := range []auth.SessionStatus{"", auth.SessionActive, auth.SessionExpired, auth.SessionAbandoned, auth.SessionEnded} {
		for name, q := range map[string]auth.SessionQuery{
			"of a client": {Client: "c"}, "of a user": {User: "u"}, "of both": {Client: "c", User: "u"},
		} {
			q.Status, q.Now, q.Limit = status, time.Unix(1, 0), 10
			count, list := sqlstore.SessionsTexts(q)
			mustSeek(t, s, "sessions "+name+" "+string(status), list, false, true) // of one owner, sorted
			mustSeek(t, s, "count of sessions "+name+" "+string(status), count, false, false)
		}
		_, list := sqlstore.SessionsTexts(auth.SessionQuery{Status: status, Now: time.Unix(1, 0), Limit: 10})
		mustSeek(t, s, "sessions "+string(status), list, true, false)
	}
}

// userFilterOf is a query with a value in one field.
type userFilterOf struct {
	name  string
	query auth.UserQuery
}

// visitingFilters are the filters that no index finds users by, each alone:
// every field of a query but those that the other tests name.
func visitingFilters(t *testing.T) (out []userFilterOf) {
	t.Helper()
	sought := "UserIDs EmailAddresses PhoneNumbers Usernames ExternalIDs Organizations After OrderBy Limit Offset"
	kind := reflect.TypeFor[auth.UserQuery]()
	banned, when := true, time.Unix(1, 0)
	for i := range kind.NumField() {
		if slices.Contains(strings.Fields(sought), kind.Field(i).Name) {
			continue
		}
		q := auth.UserQuery{Limit: 10}
		switch field := reflect.ValueOf(&q).Elem().Field(i).Addr().Interface().(type) {
		case *string:
			*field = "a"
		case *[]string:
			*field = []string{"a", "b"}
		case *[]auth.UserID:
			*field = []auth.UserID{"a", "b"}
		case *[]auth.OrganizationID:
			*field = []auth.OrganizationID{"a", "b"}
		case **bool:
			*field = &banned
		case *time.Time:
			*field = when
		case *auth.Period:
			*field = auth.Period{After: when, Before: when.Add(time.Hour)}
		default:
			t.Fatalf("no value for the field %s", kind.Field(i).Name)
		}
		out = append(out, userFilterOf{kind.Field(i).Name, q})
	}
	return out
}
