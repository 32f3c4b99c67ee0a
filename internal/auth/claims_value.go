package auth

import (
	"encoding/json"
	"strings"
	"time"
)

// claimValue reads one value of a subject. Nil is "none".
type claimValue func(ClaimsSubject) any

// claimValues are the published shortcodes and what they stand for.
var claimValues = map[string]claimValue{
	"user.id":                    func(s ClaimsSubject) any { return string(s.User.ID) },
	"user.external_id":           func(s ClaimsSubject) any { return orNone(s.User.ExternalID) },
	"user.first_name":            func(s ClaimsSubject) any { return orNone(s.User.FirstName) },
	"user.last_name":             func(s ClaimsSubject) any { return orNone(s.User.LastName) },
	"user.full_name":             func(s ClaimsSubject) any { return orNone(strings.TrimSpace(s.User.FirstName + " " + s.User.LastName)) },
	"user.username":              func(s ClaimsSubject) any { return orNone(s.User.Username) },
	"user.locale":                func(s ClaimsSubject) any { return orNone(s.User.Locale) },
	"user.created_at":            func(s ClaimsSubject) any { return unixOrNone(s.User.CreatedAt) },
	"user.updated_at":            func(s ClaimsSubject) any { return unixOrNone(s.User.UpdatedAt) },
	"user.last_sign_in_at":       func(s ClaimsSubject) any { return unixOrNone(s.User.LastSignInAt) },
	"user.image_url":             func(s ClaimsSubject) any { return s.image(s.User.Image) },
	"user.profile_image_url":     func(s ClaimsSubject) any { return s.image(s.User.Image) },
	"user.has_image":             func(s ClaimsSubject) any { return s.User.HasImage() },
	"user.two_factor_enabled":    func(s ClaimsSubject) any { return s.User.TwoFactorEnabled() },
	"user.primary_email_address": func(s ClaimsSubject) any { return orNone(s.email().Address) },
	"user.email_verified":        func(s ClaimsSubject) any { return s.email().Verified() },
	"user.primary_phone_number":  func(s ClaimsSubject) any { return orNone(s.phone().Number) },
	"user.phone_number_verified": func(s ClaimsSubject) any { return s.phone().Verified() },
	"user.primary_web3_wallet":   func(ClaimsSubject) any { return nil }, // there are none
	"user.organizations":         ClaimsSubject.roles,
	"user.public_metadata":       func(s ClaimsSubject) any { return object(s.User.PublicMeta) },
	"user.unsafe_metadata":       func(s ClaimsSubject) any { return object(s.User.UnsafeMeta) },

	"org.id":              func(s ClaimsSubject) any { return orNone(string(s.Acting.Organization.ID)) },
	"org.name":            func(s ClaimsSubject) any { return orNone(s.Acting.Organization.Name) },
	"org.slug":            func(s ClaimsSubject) any { return orNone(s.Acting.Organization.Slug) },
	"org.role":            func(s ClaimsSubject) any { return orNone(s.Acting.Role.Key) },
	"org.image_url":       func(s ClaimsSubject) any { return s.image(s.Acting.Organization.Image) },
	"org.has_image":       func(s ClaimsSubject) any { return s.Acting.Organization.Image != "" },
	"org.public_metadata": func(s ClaimsSubject) any { return object(s.Acting.Organization.PublicMeta) },

	"org_membership.public_metadata": func(s ClaimsSubject) any { return object(s.Acting.Membership.PublicMeta) },

	"session.id":    func(s ClaimsSubject) any { return string(s.Session.ID) },
	"session.actor": func(s ClaimsSubject) any { return object(json.RawMessage(s.Session.Actor)) },
}

// claimObjects are the values that a path may go into.
var claimObjects = []string{
	"user.public_metadata", "user.unsafe_metadata", "user.organizations", "org.public_metadata",
	"org_membership.public_metadata", "session.actor",
}

// pathKnown says whether a path is a published one or goes into a published
// object.
func pathKnown(path string) bool {
	if _, ok := claimValues[path]; ok {
		return true
	}
	for _, at := range claimObjects {
		if strings.HasPrefix(path, at+".") {
			return true
		}
	}
	return false
}

// value follows a path. What is not there is nil.
func (s ClaimsSubject) value(path []string) any {
	if len(path) < 2 {
		return nil
	}
	read, ok := claimValues[path[0]+"."+path[1]]
	if !ok {
		return nil
	}
	v := read(s)
	for _, name := range path[2:] {
		in, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = in[name]
	}
	return v
}

// roles are the organizations that the user belongs to, with the role in each.
func (s ClaimsSubject) roles() any {
	out := map[string]any{}
	for _, b := range s.Member {
		out[string(b.Organization.ID)] = b.Role.Key
	}
	return out
}

func (s ClaimsSubject) image(id ImageID) any {
	if s.ImageURL == nil {
		return nil
	}
	return orNone(s.ImageURL(id))
}

func (s ClaimsSubject) email() EmailAddress {
	e, _ := s.User.Email(s.User.PrimaryEmail)
	return e
}

func (s ClaimsSubject) phone() PhoneNumber {
	p, _ := s.User.Phone(s.User.PrimaryPhone)
	return p
}

func orNone(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// unixOrNone is an instant in seconds.
func unixOrNone(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// object is a stored JSON object, nil when there is none.
func object(raw json.RawMessage) any {
	m, err := decodeClaims(raw)
	if err != nil || m == nil {
		return nil
	}
	return m
}
