package backendapi_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

// Letters that look like others, and other cases of the same ones, make no
// second name for anybody.
func TestConfusableIdentifiers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *apitest.Options) { o.Settings.Username = auth.UseOptional })
	w.must("POST", "/v1/users", `{"email_address":["kate@example.com"],"username":"kate_l","skip_password_requirement":true}`)
	for _, tt := range []struct{ member, given, code string }{
		{"username", "KATE_L", "form_identifier_exists"},
		{"username", " Kate_L ", "form_identifier_exists"},
		{"username", "\u212aate_l", "form_username_invalid_character"}, // the Kelvin sign, whose lower case is k
		{"username", "k\u0430te_l", "form_username_invalid_character"}, // a Cyrillic a
		{"username", "kate_\u2113", "form_username_invalid_character"},
		{"username", "kate\u200b_l", "form_username_invalid_character"},
		{"username", "\uff4bate_l", "form_username_invalid_character"},
		{"username", "kate_l\u0301", "form_username_invalid_character"},
		{"email_address", "KATE@EXAMPLE.COM", "form_identifier_exists"},
		{"email_address", "Kate@Example.com ", "form_identifier_exists"},
		{"email_address", "k\u0430te@example.com", "form_param_format_invalid"},
		{"email_address", "\u212aate@example.com", "form_param_format_invalid"},
		{"email_address", "kate@ex\u0430mple.com", "form_param_format_invalid"},
		{"email_address", "kate@example\uff0ecom", "form_param_format_invalid"},
		{"email_address", "ka\u200bte@example.com", "form_param_format_invalid"},
		{"email_address", "kate@example.com\u202e", "form_param_format_invalid"},
	} {
		body := fmt.Sprintf(`{"email_address":["other@example.com"],"username":"%s","skip_password_requirement":true}`, tt.given)
		if tt.member == "email_address" {
			body = fmt.Sprintf(`{"email_address":["%s"],"skip_password_requirement":true}`, tt.given)
		}
		w.refused("POST", "/v1/users", body, 422, tt.code)
	}
	if n := w.must("GET", "/v1/users/count", "")["total_count"]; n != 1.0 {
		t.Errorf("%v users", n)
	}
}

// Of any number of back ends that create a user with one identifier, however it
// is spelled, exactly one does.
func TestRaceForOneIdentifier(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *apitest.Options) { o.Settings.Username, o.Settings.Phone = auth.UseOptional, auth.UseOptional })
	for member, spellings := range map[string][]string{
		"email_address": {`["kate@example.com"]`, `["KATE@example.com"]`, `["kate@EXAMPLE.com"]`, `[" kate@example.com "]`},
		"phone_number":  {`["+491701234567"]`, `["+49 170 1234567"]`, `["+49 (170) 123-4567"]`, `["+491701234567"]`},
		"username":      {`"kate_l"`, `"KATE_L"`, `"Kate_l"`, `" kate_l "`},
		"external_id":   {`"crm-7"`, `"crm-7"`, `"crm-7"`, `"crm-7"`},
	} {
		before := w.must("GET", "/v1/users/count", "")["total_count"].(float64)
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				body := fmt.Sprintf(`{"email_address":["%s%d@example.com"],%q:%s,"skip_password_requirement":true}`,
					strings.ReplaceAll(member, "_", "-"), i, member, spellings[i%len(spellings)])
				if member == "email_address" {
					body = fmt.Sprintf(`{%q:%s,"skip_password_requirement":true}`, member, spellings[i%len(spellings)])
				}
				switch status, text := w.send("POST", "/v1/users", body); {
				case status == 200:
					won.Add(1)
				case firstCode(text) != "form_identifier_exists":
					t.Errorf("%s: %d %s", member, status, text)
				}
			})
		}
		wg.Wait()
		after := w.must("GET", "/v1/users/count", "")["total_count"].(float64)
		if won.Load() != 1 || after != before+1 {
			t.Errorf("%s: %d requests succeeded and made %v users", member, won.Load(), after-before)
		}
	}
}

// Ten thousand entries of metadata are refused, by whichever way they come, and
// what is there stays.
func TestTenThousandEntriesOfMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.newUser("ada@example.com")
	user := "/v1/users/" + ada
	for _, kind := range []string{"public_metadata", "private_metadata", "unsafe_metadata"} {
		w.must("PATCH", user+"/metadata", `{"`+kind+`":{"kept":"yes"}}`)
	}
	var huge strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&huge, `,"k%d":%d`, i, i)
	}
	entries := "{" + huge.String()[1:] + "}"
	for _, kind := range []string{"public_metadata", "private_metadata", "unsafe_metadata"} {
		body := `{"` + kind + `":` + entries + `}`
		for _, way := range []struct{ method, path string }{{"PATCH", user + "/metadata"}, {"PUT", user + "/metadata"}, {"PATCH", user}} {
			w.refused(way.method, way.path, body, 422, "form_param_max_length_exceeded")
		}
		w.refused("POST", "/v1/users", `{"email_address":["bob@example.com"],"skip_password_requirement":true,`+body[1:], 422, "form_param_max_length_exceeded")
	}
	got := w.must("GET", user, "")
	for _, kind := range []string{"public_metadata", "private_metadata", "unsafe_metadata"} {
		if fmt.Sprint(got[kind]) != "map[kept:yes]" {
			t.Errorf("%s is %.100v", kind, got[kind])
		}
	}
	if n := w.must("GET", "/v1/users/count", "")["total_count"]; n != 1.0 {
		t.Errorf("a refused request made users: %v", n)
	}
	// The limit is what is published: 8 KiB are taken, and not one byte more.
	full := strings.Repeat("x", auth.MetadataLimit-len(`{"a":""}`))
	w.must("PUT", user+"/metadata", `{"public_metadata":{"a":"`+full+`"}}`)
	w.refused("PUT", user+"/metadata", `{"public_metadata":{"a":"`+full+`x"}}`, 422, "form_param_max_length_exceeded")
}
