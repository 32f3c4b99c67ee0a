package oauth

import (
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// claims is what a provider says about somebody, as JSON.
type claims map[string]any

// text is a claim that is a text or a number, or empty.
func (c claims) text(name string) string {
	switch v := c[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

// true says whether a claim is true; some providers write it as a text.
func (c claims) true(name string) bool {
	switch v := c[name].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	default:
		return false
	}
}

func (c claims) object(name string) claims {
	o, _ := c[name].(map[string]any)
	return o
}

// reader makes an identity of what a provider answers about somebody, and of
// the answer of its second address, if it has one.
type reader func(person claims, more any) auth.ExternalIdentity

// readOpenID reads the claims of OpenID Connect Core, section 5.1.
func readOpenID(c claims) auth.ExternalIdentity {
	i := auth.ExternalIdentity{
		Subject: c.text("sub"), EmailAddress: c.text("email"), EmailVerified: c.true("email_verified"),
		FirstName: c.text("given_name"), LastName: c.text("family_name"), ImageURL: c.text("picture"),
		Username: c.text("preferred_username"),
	}
	if i.FirstName == "" && i.LastName == "" {
		i.FirstName, i.LastName = splitName(c.text("name"))
	}
	return i
}

// readMicrosoft believes in an address only where Microsoft says that the
// tenant owns its domain: an administrator of any tenant can write any address.
func readMicrosoft(c claims) auth.ExternalIdentity {
	i := readOpenID(c)
	i.EmailVerified = c.true("xms_edov") || c.text("xms_edov") == "1"
	return i
}

func readGitHub(c claims, more any) auth.ExternalIdentity {
	i := auth.ExternalIdentity{Subject: c.text("id"), Username: c.text("login"), ImageURL: c.text("avatar_url")}
	i.FirstName, i.LastName = splitName(c.text("name"))
	list, _ := more.([]any)
	for _, entry := range list {
		address, _ := entry.(map[string]any)
		if e := claims(address); e.true("primary") {
			i.EmailAddress, i.EmailVerified = e.text("email"), e.true("verified")
		}
	}
	return i
}

func readDiscord(c claims, _ any) auth.ExternalIdentity {
	i := auth.ExternalIdentity{
		Subject: c.text("id"), Username: c.text("username"), EmailAddress: c.text("email"), EmailVerified: c.true("verified"),
	}
	i.FirstName, i.LastName = splitName(c.text("global_name"))
	if avatar := c.text("avatar"); avatar != "" {
		i.ImageURL = "https://cdn.discordapp.com/avatars/" + i.Subject + "/" + avatar + ".png"
	}
	return i
}

// readFacebook never takes the address for verified: Facebook does not say.
func readFacebook(c claims, _ any) auth.ExternalIdentity {
	return auth.ExternalIdentity{
		Subject: c.text("id"), EmailAddress: c.text("email"), FirstName: c.text("first_name"), LastName: c.text("last_name"),
		ImageURL: c.object("picture").object("data").text("url"),
	}
}

// readSpotify never takes the address for verified: Spotify says that it is not.
func readSpotify(c claims, _ any) auth.ExternalIdentity {
	i := auth.ExternalIdentity{Subject: c.text("id"), Username: c.text("id"), EmailAddress: c.text("email")}
	i.FirstName, i.LastName = splitName(c.text("display_name"))
	return i
}

func readX(c claims, _ any) auth.ExternalIdentity {
	person := c.object("data")
	i := auth.ExternalIdentity{Subject: person.text("id"), Username: person.text("username"), ImageURL: person.text("profile_image_url")}
	i.FirstName, i.LastName = splitName(person.text("name"))
	return i
}

func splitName(name string) (first, last string) {
	first, last, _ = strings.Cut(strings.TrimSpace(name), " ")
	return first, strings.TrimSpace(last)
}

const (
	maxSubject = 255 // OpenID Connect Core, section 2
	maxText    = 256
	maxAddress = 2048
)

// bounded is the identity with everything cut or left out that no account can
// keep. What identifies is refused rather than cut.
func bounded(i auth.ExternalIdentity) (auth.ExternalIdentity, error) {
	if i.Subject == "" || len(i.Subject) > maxSubject || strings.ContainsRune(i.Subject, 0) {
		return i, auth.Refuse(auth.CodeOAuthFetchUser)
	}
	address, err := auth.NormalizeEmail(i.EmailAddress, "email_address")
	if i.EmailAddress = address; err != nil {
		i.EmailAddress, i.EmailVerified = "", false
	}
	for _, text := range []*string{&i.FirstName, &i.LastName, &i.Username} {
		*text = strings.ReplaceAll(strings.ToValidUTF8((*text)[:min(len(*text), maxText)], ""), "\x00", "")
	}
	if !strings.HasPrefix(i.ImageURL, "https://") || len(i.ImageURL) > maxAddress || strings.ContainsAny(i.ImageURL, " \x00\"<>") {
		i.ImageURL = ""
	}
	return i, nil
}
