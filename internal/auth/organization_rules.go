package auth

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const maxSlug = 64 // bytes

// CheckOrgName returns the name as it is stored. It is shown in mails to people
// who do not know the organization, so nothing that a mail program turns into a
// link or a picture is taken. Errors: [CodeParamNil], [CodeParamTooLong],
// [CodeParamFormatInvalid].
func CheckOrgName(name string) (string, error) {
	name = strings.TrimSpace(name)
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return "", RefuseParam(CodeParamNil, "name")
	case utf8.RuneCountInString(name) > maxName:
		return "", RefuseParam(CodeParamTooLong, "name")
	case strings.ContainsAny(name, "<>"), strings.Contains(lower, "://"), strings.Contains(lower, "www."),
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", RefuseParam(CodeParamFormatInvalid, "name")
	}
	return name, nil
}

// CheckSlug refuses slugs that are not lower-case letters, digits and inner
// hyphens. Errors: [CodeParamTooLong], [CodeParamFormatInvalid].
func CheckSlug(slug string) error {
	if len(slug) > maxSlug {
		return RefuseParam(CodeParamTooLong, "slug")
	}
	if slug == "" || slug[0] == '-' || slug[len(slug)-1] == '-' {
		return RefuseParam(CodeParamFormatInvalid, "slug")
	}
	for i := range len(slug) {
		if c := slug[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return RefuseParam(CodeParamFormatInvalid, "slug")
		}
	}
	return nil
}

// SlugOf makes a slug of a name for who gave none: the end of the identifier
// keeps equal names apart.
func SlugOf(name string, id OrganizationID) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case b.Len() >= maxSlug/2:
		case (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9'):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	stem := strings.Trim(b.String(), "-")
	if stem == "" {
		stem = "organization"
	}
	const tail = 10
	return stem + "-" + strings.ToLower(string(id[max(0, len(id)-tail):]))
}

// Grown returns the organization with one more member, or refuses with
// [CodeOrgMembershipQuota].
func (o Organization) Grown(now time.Time) (Organization, error) {
	if o.MaxMemberships > 0 && o.Members >= o.MaxMemberships {
		return o, Refuse(CodeOrgMembershipQuota)
	}
	o.Members++
	o.UpdatedAt = now
	return o, nil
}

// RoomFor refuses with [CodeOrgMembershipQuota] to invite more people than
// could join, and with [CodeOrgInvitationQuota] past [MaxPendingInvitations].
func (o Organization) RoomFor(invitations int) error {
	if o.MaxMemberships > 0 && o.Members+o.Pending+invitations > o.MaxMemberships {
		return Refuse(CodeOrgMembershipQuota)
	}
	if o.Pending+invitations > MaxPendingInvitations {
		return Refuse(CodeOrgInvitationQuota)
	}
	return nil
}

// Shrunk returns the organization with one member less. Managers is how many
// others carry [MinimumPermissions]; without any the last one stays, and the
// error is [CodeOrgMinimumPermissions].
func (o Organization) Shrunk(leaving Role, managers int, now time.Time) (Organization, error) {
	if leaving.Manages() && managers == 0 {
		return o, Refuse(CodeOrgMinimumPermissions)
	}
	o.Members = max(0, o.Members-1)
	o.UpdatedAt = now
	return o, nil
}

// Regrade refuses with [CodeOrgMinimumPermissions] to take [MinimumPermissions]
// from the last member who carries them; managers as in [Organization.Shrunk].
func (o Organization) Regrade(from, to Role, managers int, now time.Time) (Organization, error) {
	if from.Manages() && !to.Manages() && managers == 0 {
		return o, Refuse(CodeOrgMinimumPermissions)
	}
	o.UpdatedAt = now
	return o, nil
}
