package oauth

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

func decode(t *testing.T, text string) (out any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReaders: what each provider answers, and above all which addresses are
// believed.
func TestReaders(t *testing.T) {
	t.Parallel()
	openID := func(c claims, _ any) auth.ExternalIdentity { return readOpenID(c) }
	microsoft := func(c claims, _ any) auth.ExternalIdentity { return readMicrosoft(c) }
	for name, test := range map[string]struct {
		read         reader
		person, more string
		want         auth.ExternalIdentity
	}{
		"openid": {
			openID, `{"sub":"1","email":"a@example.com","email_verified":true,"given_name":"Ada","family_name":"L"}`, "",
			auth.ExternalIdentity{Subject: "1", EmailAddress: "a@example.com", EmailVerified: true, FirstName: "Ada", LastName: "L"},
		},
		"apple writes texts": {
			openID, `{"sub":"1","email":"a@example.com","email_verified":"true"}`, "",
			auth.ExternalIdentity{Subject: "1", EmailAddress: "a@example.com", EmailVerified: true},
		},
		"no word about the address": {
			openID, `{"sub":"1","email":"a@example.com","name":"Ada King Lovelace"}`, "",
			auth.ExternalIdentity{Subject: "1", EmailAddress: "a@example.com", FirstName: "Ada", LastName: "King Lovelace"},
		},
		"microsoft, any tenant": {
			microsoft, `{"sub":"1","email":"a@example.com","email_verified":true}`, "",
			auth.ExternalIdentity{Subject: "1", EmailAddress: "a@example.com"},
		},
		"microsoft, owner of the domain": {
			microsoft, `{"sub":"1","email":"a@example.com","xms_edov":true}`, "",
			auth.ExternalIdentity{Subject: "1", EmailAddress: "a@example.com", EmailVerified: true},
		},
		"github": {
			readGitHub, `{"id":17,"login":"ada","name":"Ada L","avatar_url":"https://a.example/1"}`,
			`[{"email":"x@example.com","primary":false,"verified":true},{"email":"a@example.com","primary":true,"verified":true}]`,
			auth.ExternalIdentity{
				Subject: "17", Username: "ada", FirstName: "Ada", LastName: "L", ImageURL: "https://a.example/1",
				EmailAddress: "a@example.com", EmailVerified: true,
			},
		},
		"github, not verified": {
			readGitHub, `{"id":17,"login":"ada","email":"a@example.com"}`, `[{"email":"a@example.com","primary":true,"verified":false}]`,
			auth.ExternalIdentity{Subject: "17", Username: "ada", EmailAddress: "a@example.com"},
		},
		"discord": {
			readDiscord, `{"id":"9","username":"ada","email":"a@example.com","verified":true,"avatar":"f"}`, "",
			auth.ExternalIdentity{
				Subject: "9", Username: "ada", EmailAddress: "a@example.com", EmailVerified: true,
				ImageURL: "https://cdn.discordapp.com/avatars/9/f.png",
			},
		},
		"facebook": {
			readFacebook, `{"id":"9","email":"a@example.com","first_name":"Ada","picture":{"data":{"url":"https://a.example/1"}}}`, "",
			auth.ExternalIdentity{Subject: "9", EmailAddress: "a@example.com", FirstName: "Ada", ImageURL: "https://a.example/1"},
		},
		"spotify": {
			readSpotify, `{"id":"ada","email":"a@example.com"}`, "",
			auth.ExternalIdentity{Subject: "ada", Username: "ada", EmailAddress: "a@example.com"},
		},
		"x": {
			readX, `{"data":{"id":"9","username":"ada","name":"Ada L"}}`, "",
			auth.ExternalIdentity{Subject: "9", Username: "ada", FirstName: "Ada", LastName: "L"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var more any
			if test.more != "" {
				more = decode(t, test.more)
			}
			person, _ := decode(t, test.person).(map[string]any)
			if diff := cmp.Diff(test.want, test.read(person, more)); diff != "" {
				t.Errorf("mismatch (-want +got)\n%s", diff)
			}
		})
	}
}

// TestBounded: nothing that a provider says is kept as it came.
func TestBounded(t *testing.T) {
	t.Parallel()
	for name, subject := range map[string]string{"none": "", "too long": strings.Repeat("x", 256), "NUL": "a\x00b"} {
		if _, err := bounded(auth.ExternalIdentity{Subject: subject}); err == nil {
			t.Errorf("subject: %s is accepted", name)
		}
	}
	got, err := bounded(auth.ExternalIdentity{
		Subject: "1", EmailAddress: "Ada@EXAMPLE.com", EmailVerified: true, FirstName: strings.Repeat("ü", 200) + "\x00",
		Username: "a\x00b", ImageURL: "javascript:alert(1)",
	})
	if err != nil || got.EmailAddress != "ada@example.com" || !got.EmailVerified || len(got.FirstName) > maxText || got.Username != "ab" || got.ImageURL != "" {
		t.Errorf("%+v, %v", got, err)
	}
	// Look-alike letters are no address, verified or not.
	got, err = bounded(auth.ExternalIdentity{Subject: "1", EmailAddress: "аda@example.com", EmailVerified: true})
	if err != nil || got.EmailAddress != "" || got.EmailVerified {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMicrosoftTenant(t *testing.T) {
	t.Parallel()
	const tenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
	for issuer, want := range map[string]bool{
		"https://login.microsoftonline.com/" + tenant + "/v2.0":                       true,
		"https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0": false,
		"https://evil.example/" + tenant + "/v2.0":                                    false,
		"": false,
	} {
		if got := microsoftTenant(claims{"iss": issuer, "tid": tenant}); got != want {
			t.Errorf("%q: %v", issuer, got)
		}
	}
	if microsoftTenant(claims{"iss": "https://login.microsoftonline.com//v2.0", "tid": ""}) {
		t.Error("no tenant is accepted")
	}
}
