package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// Lists tests filters, orders and pages.
func Lists(t *testing.T, open Open) {
	each(t, open, map[string]func(*testing.T, Store){
		"users by filter":       testUserFilters,
		"users in each order":   testUserOrders,
		"pages of users":        testUserPages,
		"users after one":       testUserCursor,
		"sessions by filter":    testSessionFilters,
		"clients, newest first": testClientPages,
	})
}

func testUserFilters(t *testing.T, s Store) {
	ch := auth.Change{}
	for n := range 5 {
		u := newUser(n)
		u.LastName = []string{"Ünal", "100%", "under_score", `back\slash`, ""}[n]
		u.Banned = n == 3
		if n == 2 {
			u.LastSignInAt, u.ExternalID = time.Time{}, ""
		}
		ch.Users = append(ch.Users, u)
	}
	mustCommit(t, s, ch)
	for name, test := range map[string]struct {
		q    auth.UserQuery
		want string // digits of the users, oldest first
	}{
		"nothing restricts":                 {auth.UserQuery{}, "01234"},
		"ids":                               {auth.UserQuery{UserIDs: []auth.UserID{"user_1", "user_3", "user_x"}}, "13"},
		"proven addresses only":             {auth.UserQuery{EmailAddresses: []string{"u1@example.com", "other2@example.com"}}, "1"},
		"usernames":                         {auth.UserQuery{Usernames: []string{"name0"}}, "0"},
		"external ids":                      {auth.UserQuery{ExternalIDs: []string{"ext-4", "ext-0"}}, "04"},
		"members are combined":              {auth.UserQuery{Usernames: []string{"name0", "name1"}, ExternalIDs: []string{"ext-1"}}, "1"},
		"part of an address":                {auth.UserQuery{Query: "OTHER3@EX"}, "3"},
		"part of a name beyond ASCII":       {auth.UserQuery{Query: "üNA"}, "0"},
		"full name":                         {auth.UserQuery{Query: "zoë 2 under"}, "2"},
		"a percent sign is itself":          {auth.UserQuery{Query: "%"}, "1"},
		"an underscore is itself":           {auth.UserQuery{Query: "r_s"}, "2"},
		"a backslash is itself":             {auth.UserQuery{Query: `\`}, "3"},
		"a quote is itself":                 {auth.UserQuery{Query: `' OR 1=1 --`}, ""},
		"active since":                      {auth.UserQuery{LastActiveSince: at(11)}, "34"},
		"all but some ids":                  {auth.UserQuery{NotUserIDs: []auth.UserID{"user_1", "user_x"}}, "0234"},
		"all but some external ids":         {auth.UserQuery{NotExternalIDs: []string{"ext-0", "ext-1"}}, "234"},
		"part of any address":               {auth.UserQuery{EmailQuery: "OTHER2@"}, "2"},
		"an address is not a name":          {auth.UserQuery{NameQuery: "example"}, ""},
		"part of a username":                {auth.UserQuery{UsernameQuery: "AME4"}, "4"},
		"part of first and last name":       {auth.UserQuery{NameQuery: "0 ÜN"}, "0"},
		"banned":                            {auth.UserQuery{Banned: new(true)}, "3"},
		"not banned":                        {auth.UserQuery{Banned: new(false)}, "0124"},
		"created strictly between":          {auth.UserQuery{Created: auth.Period{After: at(0), Before: at(3)}}, "12"},
		"never signed in is in no period":   {auth.UserQuery{LastSignIn: auth.Period{Before: at(11)}}, "013"},
		"active after":                      {auth.UserQuery{LastActive: auth.Period{After: at(11)}}, "4"},
		"nobody":                            {auth.UserQuery{UserIDs: []auth.UserID{"user_x"}}, ""},
		"as many values as a request holds": {auth.UserQuery{UserIDs: manyIDs(500)}, "01234"},
	} {
		t.Run(name, func(t *testing.T) {
			test.q.OrderBy, test.q.Limit = "created_at", 500
			if got := digits(t, s, test.q); got != test.want {
				t.Errorf("got users %q, want %q", got, test.want)
			}
			n, err := s.CountUsers(t.Context(), test.q)
			if err != nil || n != len(test.want) {
				t.Errorf("count %d, %v, want %d", n, err, len(test.want))
			}
		})
	}
}

func manyIDs(n int) (out []auth.UserID) {
	for i := range n {
		out = append(out, auth.UserID(fmt.Sprintf("user_%d", i)))
	}
	return out
}

// digits lists users by the digit their id ends with.
func digits(t testing.TB, s Store, q auth.UserQuery) string {
	t.Helper()
	users, err := s.Users(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, u := range users {
		b.WriteByte(u.ID[len(u.ID)-1])
	}
	return b.String()
}

func testUserOrders(t *testing.T, s Store) {
	ch := auth.Change{}
	for n, key := range []int{2, 0, 3, 1} {
		u := newUser(n)
		when := at(key)
		u.CreatedAt, u.UpdatedAt, u.LastSignInAt, u.LastActiveAt = when, when, when, when
		name := string(rune('a' + key))
		u.Username, u.FirstName, u.LastName, u.Emails[0].Address = name, name, name, name+"@example.com"
		u.Phones[0].Number = fmt.Sprintf("+49%d", key)
		ch.Users = append(ch.Users, u)
	}
	mustCommit(t, s, ch)
	for _, order := range auth.UserOrders {
		for prefix, want := range map[string]string{"": "1302", "+": "1302", "-": "2031"} {
			if got := digits(t, s, auth.UserQuery{OrderBy: prefix + order, Limit: 9}); got != want {
				t.Errorf("by %s%s: %s, want %s", prefix, order, got, want)
			}
		}
	}
	if got := digits(t, s, auth.UserQuery{Limit: 9}); got != "2031" {
		t.Errorf("by default newest first: %s", got)
	}
	_, err := s.Users(t.Context(), auth.UserQuery{OrderBy: "password", Limit: 9})
	if !errors.Is(err, auth.Refuse(auth.CodeParamInvalid)) {
		t.Errorf("by an unknown order: %v", err)
	}

	absent := newUser(9) // what has no username comes before all that have one
	absent.Username = ""
	mustCommit(t, s, auth.Change{Users: []auth.User{absent}})
	if up, down := digits(t, s, auth.UserQuery{OrderBy: "username", Limit: 9}), digits(t, s, auth.UserQuery{OrderBy: "-username", Limit: 9}); up != "91302" || down != "20319" {
		t.Errorf("without username: %s and %s", up, down)
	}
}

func testUserPages(t *testing.T, s Store) {
	ch := auth.Change{}
	for n := range 23 {
		u := newUser(n)
		u.CreatedAt = at(n / 5) // many equal
		ch.Users = append(ch.Users, u)
	}
	mustCommit(t, s, ch)
	for _, order := range []string{"created_at", "-created_at", "last_name"} {
		seen := map[auth.UserID]bool{}
		for offset := 0; offset < 30; offset += 4 {
			users, err := s.Users(t.Context(), auth.UserQuery{OrderBy: order, Limit: 4, Offset: offset})
			if err != nil || len(users) != min(4, max(0, 23-offset)) {
				t.Fatalf("%s at %d: %d users, %v", order, offset, len(users), err)
			}
			for _, u := range users {
				if seen[u.ID] {
					t.Errorf("%s: %s on two pages", order, u.ID)
				}
				seen[u.ID] = true
			}
		}
	}
}

func testUserCursor(t *testing.T, s Store) {
	ch := auth.Change{}
	for n := range 8 {
		u := newUser(n)
		u.CreatedAt = at(n / 3) // many equal
		ch.Users = append(ch.Users, u)
	}
	mustCommit(t, s, ch)
	for order, want := range map[string]string{"created_at": "01234567", "-created_at": "76543210", "": "76543210"} {
		got, after := "", auth.UserID("")
		for {
			page := digits(t, s, auth.UserQuery{OrderBy: order, After: after, Limit: 2})
			if page == "" {
				break
			}
			got, after = got+page, auth.UserID("user_"+page[len(page)-1:])
		}
		if got != want {
			t.Errorf("by %q: %s, want %s", order, got, want)
		}
	}
	if got := digits(t, s, auth.UserQuery{After: "user_none", Limit: 9}); got != "" {
		t.Errorf("after nobody: %s", got)
	}
}

func testSessionFilters(t *testing.T, s Store) {
	c, d, u, v := newClient(1), newClient(2), newUser(1), newUser(2)
	ch := auth.Change{Clients: []auth.Client{c, d}, Users: []auth.User{u, v}}
	ends := auth.SessionLifetime
	now := start.Add(30 * 24 * time.Hour)
	for i, x := range []struct {
		client  auth.ClientID
		user    auth.UserID
		status  auth.SessionStatus
		expire  time.Duration
		abandon time.Duration
	}{
		{c.ID, u.ID, auth.SessionActive, ends, ends},
		{c.ID, v.ID, auth.SessionPending, ends, ends},
		{c.ID, u.ID, auth.SessionRevoked, ends, ends},
		{d.ID, u.ID, auth.SessionActive, time.Hour, ends},           // expired, not yet stored so
		{d.ID, v.ID, auth.SessionActive, ends, time.Hour},           // abandoned, not yet stored so
		{d.ID, u.ID, auth.SessionExpired, time.Hour, ends},          // expired and stored so
		{d.ID, u.ID, auth.SessionActive, 30 * 24 * time.Hour, ends}, // expires this instant
	} {
		y := newSession(i, x.client, x.user)
		y.Status, y.ExpireAt, y.AbandonAt = x.status, start.Add(x.expire), start.Add(x.abandon)
		ch.Sessions = append(ch.Sessions, y)
	}
	mustCommit(t, s, ch)
	for name, test := range map[string]struct {
		q    auth.SessionQuery
		want string // newest first
	}{
		"all":                    {auth.SessionQuery{}, "6543210"},
		"of a client":            {auth.SessionQuery{Client: c.ID}, "210"},
		"of a user":              {auth.SessionQuery{User: u.ID}, "65320"},
		"of both":                {auth.SessionQuery{Client: d.ID, User: v.ID}, "4"},
		"active":                 {auth.SessionQuery{Status: auth.SessionActive}, "0"},
		"pending":                {auth.SessionQuery{Status: auth.SessionPending}, "1"},
		"revoked":                {auth.SessionQuery{Status: auth.SessionRevoked}, "2"},
		"expired, stored or not": {auth.SessionQuery{Status: auth.SessionExpired}, "653"},
		"abandoned by the clock": {auth.SessionQuery{Status: auth.SessionAbandoned}, "4"},
		"active of a user":       {auth.SessionQuery{User: v.ID, Status: auth.SessionActive}, ""},
		"of nobody":              {auth.SessionQuery{User: "user_x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.q.Now, test.q.Limit = now, 3
			var got strings.Builder
			for ; test.q.Offset == 0 || test.q.Offset < len(test.want); test.q.Offset += 3 {
				page, total, err := s.Sessions(t.Context(), test.q)
				if err != nil || total != len(test.want) {
					t.Fatalf("total %d, %v, want %d", total, err, len(test.want))
				}
				for _, x := range page {
					got.WriteByte(x.ID[len(x.ID)-1])
				}
			}
			if got.String() != test.want {
				t.Errorf("got sessions %q, want %q", got.String(), test.want)
			}
		})
	}
	for _, status := range []auth.SessionStatus{auth.SessionActive, auth.SessionExpired, auth.SessionAbandoned} {
		page, _, err := s.Sessions(t.Context(), auth.SessionQuery{Status: status, Now: now, Limit: 9})
		if wrong := slices.IndexFunc(page, func(x auth.Session) bool { return x.StatusAt(now) != status }); err != nil || wrong >= 0 {
			t.Errorf("%s: row %d disagrees with the rule, %v", status, wrong, err)
		}
	}
}

func testClientPages(t *testing.T, s Store) {
	ch := auth.Change{}
	for n := range 7 {
		ch.Clients = append(ch.Clients, newClient(n))
	}
	gone := newClient(8)
	gone.Deleted = true
	ch.Clients = append(ch.Clients, gone)
	mustCommit(t, s, ch)
	page, total, err := s.Clients(t.Context(), 2, 3)
	if err != nil || total != 7 || len(page) != 2 {
		t.Fatalf("%d of %d, %v", len(page), total, err)
	}
	if diff := cmp.Diff([]auth.ClientID{"client_3", "client_2"}, []auth.ClientID{page[0].Client.ID, page[1].Client.ID}); diff != "" {
		t.Error(diff)
	}
}
