package auth_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

func claimsSubject() auth.ClaimsSubject {
	acting := auth.Belonging{
		Organization: auth.Organization{ID: "org_1", Name: "Acme", Slug: "acme", PublicMeta: json.RawMessage(`{"plan":"gold"}`)},
		Membership:   auth.Membership{PublicMeta: json.RawMessage(`{"desk":7}`)},
		Role:         auth.Role{Key: "org:admin"},
	}
	return auth.ClaimsSubject{
		Session: auth.Session{ID: "sess_1", Actor: `{"sub":"user_2"}`},
		User: auth.User{
			ID: "user_1", FirstName: "Ada", Image: "img_1", PrimaryEmail: "idn_1", CreatedAt: time.Unix(1_700_000_000, 0),
			Emails: []auth.EmailAddress{{
				ID: "idn_1", Address: "ada@example.com", Verification: auth.Verification{Status: auth.VerificationVerified},
			}},
			PublicMeta: json.RawMessage(`{"role":"{{user.id}}","n":12345678901234567890,"list":[1],"deep":{"on":false}}`),
			UnsafeMeta: json.RawMessage(`{}`), PrivateMeta: json.RawMessage(`{"secret":"s"}`),
		},
		Acting: acting, Member: []auth.Belonging{acting},
		ImageURL: func(id auth.ImageID) string {
			if id == "" {
				return ""
			}
			return "https://clerk.test/" + string(id)
		},
	}
}

func TestRenderClaims(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		`"{{user.id}}"`:                    `"user_1"`,
		`" {{ user.id }} "`:                `"user_1"`,
		`"{{user.primary_email_address}}"`: `"ada@example.com"`,
		`"{{user.email_verified}}"`:        `true`,
		`"{{user.phone_number_verified}}"`: `false`,
		`"{{user.full_name}}"`:             `"Ada"`,
		`"{{user.last_name}}"`:             `null`,
		`"{{user.created_at}}"`:            `1700000000`,
		`"{{user.image_url}}"`:             `"https://clerk.test/img_1"`,
		`"{{user.organizations}}"`:         `{"org_1":"org:admin"}`,
		`"{{user.public_metadata.deep}}"`:  `{"on":false}`,
		`"{{user.public_metadata.n}}"`:     `12345678901234567890`,
		`"{{user.public_metadata.a.b.c}}"`: `null`,
		// What somebody wrote into a value is not read as a template again.
		`"{{user.public_metadata.role}}"`:                   `"{{user.id}}"`,
		`"<{{user.public_metadata.role}}>"`:                 `"\u003c{{user.id}}\u003e"`,
		`"{{org.role}} of {{org.name}}"`:                    `"org:admin of Acme"`,
		`"{{org.public_metadata.plan}}"`:                    `"gold"`,
		`"{{org_membership.public_metadata.desk}}"`:         `7`,
		`"{{org.image_url}}"`:                               `null`,
		`"{{session.actor.sub}}"`:                           `"user_2"`,
		`"{{user.last_name || user.first_name}}"`:           `"Ada"`,
		`"{{user.public_metadata.deep.on || 'no'}}"`:        `"no"`,
		`"{{user.last_name || 3}}"`:                         `3`,
		`"{{user.last_name || user.username}}"`:             `null`,
		`"Dear {{user.last_name || \"friend\"}}"`:           `"Dear friend"`,
		`"{{user.first_name}}{{user.last_name}}"`:           `"Ada"`,
		`{"a":["{{user.id}}",{"b":"{{org.id}}"}],"n":1.50}`: `{"a":["user_1",{"b":"org_1"}],"n":1.50}`,
		`"{ {user.id} }"`:                                   `"{ {user.id} }"`,
	} {
		got, err := auth.RenderClaims(json.RawMessage(`{"c":`+template+`}`), claimsSubject())
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if diff := cmp.Diff(`{"c":`+want+`}`, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", template, diff)
		}
	}
}

func TestTemplateRefuses(t *testing.T) {
	t.Parallel()
	good := auth.JWTTemplate{Name: "t", Claims: json.RawMessage(`{}`), Lifetime: time.Minute, Algorithm: "RS256"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, claims := range map[string]string{
		"private metadata":  `{"a":"{{user.private_metadata.secret}}"}`,
		"password":          `{"a":"{{user.password}}"}`,
		"unknown root":      `{"a":"{{instance.secret}}"}`,
		"second operand":    `{"a":"{{user.id || env.SECRET}}"}`,
		"nothing":           `{"a":"{{}}"}`,
		"inside a list":     `{"a":[{"b":"x {{user.nope}}"}]}`,
		"not an object":     `[]`,
		"null":              `null`,
		"deep":              `{"a":` + strings.Repeat(`[`, 80) + strings.Repeat(`]`, 80) + `}`,
		"goes into a value": `{"a":"{{user.id.x}}"}`,
	} {
		bad := good
		bad.Claims = json.RawMessage(claims)
		if err := bad.Check(); !errors.Is(err, auth.Refuse(auth.CodeParamInvalid)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, reserved := range []string{"azp", "exp", "iat", "iss", "jti", "nbf", "sub"} {
		bad := good
		bad.Claims = json.RawMessage(`{"` + reserved + `":"x"}`)
		if err := bad.Check(); !errors.Is(err, auth.Refuse(auth.CodeReservedClaim)) {
			t.Errorf("%s: got %v", reserved, err)
		}
	}
	for _, reserved := range []string{"sub", "sid", "act", "o", "org_role", "sts", "fva"} {
		if err := auth.SessionClaims(`{"` + reserved + `":1}`).Check(); !errors.Is(err, auth.Refuse(auth.CodeReservedClaim)) {
			t.Errorf("session token with %s: got %v", reserved, err)
		}
	}
}

// A session must not end because somebody's metadata grew.
func TestSessionClaimsThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := claimsSubject()
	s.User.PublicMeta = json.RawMessage(`{"big":"` + strings.Repeat("x", 5000) + `"}`)
	claims := auth.SessionClaims(`{"id":"{{user.id}}","big":"{{user.public_metadata}}"}`)
	if got := string(claims.Render(s)); got != `{"id":"user_1"}` {
		t.Errorf("got %s", got)
	}
	if _, err := auth.RenderClaims(json.RawMessage(`{"a":"{{user.public_metadata}}","b":"{{user.public_metadata}}",`+
		`"c":"{{user.public_metadata}}","d":"{{user.public_metadata}}"}`), s); !errors.Is(err, auth.Refuse(auth.CodeTokenTooLarge)) {
		t.Errorf("got %v", err)
	}
}
