package backendapi

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

func (a *API) listUsers(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q, none := userQuery(f)
	q.Limit, q.Offset = page(f)
	q.OrderBy = userOrder(f)
	q.After = auth.UserID(f.String("starting_after"))
	if q.After != "" && (q.Offset != 0 || strings.TrimPrefix(q.OrderBy, "-") != "created_at") {
		f.Fail(auth.CodeParamInvalid, "starting_after")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if none {
		return []userJSON{}, nil
	}
	users, err := a.Users.List(r.Context(), q)
	if err != nil {
		return nil, err
	}
	return a.toUsers(users), nil
}

// totalCount is the answer to a count.
type totalCount struct {
	Object     string `json:"object"`
	TotalCount int    `json:"total_count"`
}

func (a *API) countUsers(_ http.ResponseWriter, r *http.Request) (any, error) {
	f := query(r)
	q, none := userQuery(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if none {
		return totalCount{"total_count", 0}, nil
	}
	n, err := a.Users.Count(r.Context(), q)
	if err != nil {
		return nil, err
	}
	return totalCount{"total_count", n}, nil
}

// userQuery reads the filters that a list and a count share. None is true when
// no user can match: a filter names only things that no user has here.
func userQuery(f *respond.Form) (q auth.UserQuery, none bool) {
	var unknown bool
	q.EmailAddresses, none = emails(f)
	q.PhoneNumbers, unknown = numbers(f)
	none = none || unknown
	q.Usernames = lower(list(f, "username"))
	include, exclude := signed(list(f, "user_id"))
	q.UserIDs, q.NotUserIDs = userIDs(include), userIDs(exclude)
	q.ExternalIDs, q.NotExternalIDs = signed(list(f, "external_id"))
	include, exclude = signed(list(f, "organization_id"))
	q.Organizations, q.NotOrganizations = ids[auth.OrganizationID](include), ids[auth.OrganizationID](exclude)
	q.Query, q.EmailQuery = f.String("query"), f.String("email_address_query")
	q.PhoneQuery = strings.TrimSpace(f.String("phone_number_query"))
	q.UsernameQuery, q.NameQuery = f.String("username_query"), f.String("name_query")
	q.Banned = f.OptionalBool("banned")
	q.Created = period(f, "created_at")
	q.LastSignIn = period(f, "last_sign_in_at")
	q.LastActive = period(f, "last_active_at")
	q.LastActiveSince = moment(f, "last_active_at_since")
	for _, name := range []string{"web3_wallet", "provider_user_id"} {
		include, _ := signed(list(f, name))
		none = none || len(include) > 0
	}
	return q, none
}

// emails are the addresses asked for. One that is not an address belongs to
// nobody; when only such were given, nobody matches.
func emails(f *respond.Form) (out []string, none bool) {
	given := list(f, "email_address")
	for _, text := range given {
		if address, err := auth.NormalizeEmail(text, "email_address"); err == nil {
			out = append(out, address)
		}
	}
	return out, len(given) > 0 && len(out) == 0
}

// numbers are the phone numbers asked for, as [emails]. The plus sign is put
// back: a bare one in a query string arrives as a space, which the list has
// trimmed.
func numbers(f *respond.Form) (out []string, none bool) {
	given := list(f, "phone_number")
	for _, text := range given {
		if number, err := auth.NormalizePhone("+"+strings.TrimPrefix(text, "+"), "phone_number"); err == nil {
			out = append(out, number)
		}
	}
	return out, len(given) > 0 && len(out) == 0
}

// signed splits values by their sign: "-" excludes, "+" or none includes. A
// bare "+" in a query string arrives as a space, which the list has trimmed.
func signed(values []string) (include, exclude []string) {
	for _, v := range values {
		if name, ok := strings.CutPrefix(v, "-"); ok {
			exclude = append(exclude, name)
		} else {
			include = append(include, strings.TrimPrefix(v, "+"))
		}
	}
	return include, exclude
}

func userIDs(texts []string) []auth.UserID {
	out := make([]auth.UserID, 0, len(texts))
	for _, s := range texts {
		out = append(out, auth.UserID(s))
	}
	return out
}

func lower(texts []string) []string {
	for i, s := range texts {
		texts[i] = strings.ToLower(s)
	}
	return texts
}

// period reads the two bounds of an instant, in milliseconds.
func period(f *respond.Form, name string) auth.Period {
	return auth.Period{After: moment(f, name+"_after"), Before: moment(f, name+"_before")}
}

func moment(f *respond.Form, name string) time.Time {
	ms := f.OptionalInt(name)
	switch {
	case ms == nil:
		return time.Time{}
	case *ms < 0 || *ms > 253_402_300_799_999: // the year 9999
		f.Fail(auth.CodeParamInvalid, name)
		return time.Time{}
	default:
		return time.UnixMilli(*ms)
	}
}

// userOrder reads the order. Of several only the first counts. Orders by what
// no user has here are the default order.
func userOrder(f *respond.Form) string {
	all := f.Strings("order_by")
	if len(all) == 0 || all[0] == "" {
		return "-created_at"
	}
	name, descending := strings.CutPrefix(strings.TrimLeft(all[0], " +"), "-")
	switch {
	case name == "web3wallet":
		return "-created_at"
	case !slices.Contains(auth.UserOrders, name):
		f.Fail(auth.CodeParamInvalid, "order_by")
	case descending:
		return "-" + name
	}
	return name
}
