package sqlstore

import (
	"bytes"
	"maps"
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
)

// cloneClient copies a client so deeply that nothing done to either shows in the
// other.
func cloneClient(a auth.ClientAggregate) auth.ClientAggregate {
	a.Sessions = slices.Clone(a.Sessions)
	a.Users = maps.Clone(a.Users)
	for id, u := range a.Users {
		a.Users[id] = cloneUser(u)
	}
	a.Belongings = maps.Clone(a.Belongings)
	for id, list := range a.Belongings {
		a.Belongings[id] = cloneBelongings(list)
	}
	if a.SignIn != nil {
		attempt := *a.SignIn
		attempt.ExternalAccount = bytes.Clone(attempt.ExternalAccount)
		a.SignIn = &attempt
	}
	if a.SignUp != nil {
		attempt := *a.SignUp
		attempt.ExternalAccount, attempt.UnsafeMeta = bytes.Clone(attempt.ExternalAccount), bytes.Clone(attempt.UnsafeMeta)
		a.SignUp = &attempt
	}
	return a
}

func cloneUser(u auth.User) auth.User {
	u.Emails, u.Phones = slices.Clone(u.Emails), slices.Clone(u.Phones)
	u.Passkeys = slices.Clone(u.Passkeys)
	for i := range u.Passkeys {
		k := &u.Passkeys[i].Key
		k.CredentialID, k.PublicKey, k.AAGUID = bytes.Clone(k.CredentialID), bytes.Clone(k.PublicKey), bytes.Clone(k.AAGUID)
		k.Transports = slices.Clone(k.Transports)
	}
	u.TrustedDevices, u.ExternalAccounts = slices.Clone(u.TrustedDevices), slices.Clone(u.ExternalAccounts)
	u.TOTP.Sealed, u.BackupCodes.Hashes = bytes.Clone(u.TOTP.Sealed), slices.Clone(u.BackupCodes.Hashes)
	u.PublicMeta, u.PrivateMeta, u.UnsafeMeta = bytes.Clone(u.PublicMeta), bytes.Clone(u.PrivateMeta), bytes.Clone(u.UnsafeMeta)
	return u
}

func cloneBelongings(list []auth.Belonging) []auth.Belonging {
	list = slices.Clone(list)
	for i := range list {
		b := &list[i]
		b.Membership.PublicMeta, b.Membership.PrivateMeta = bytes.Clone(b.Membership.PublicMeta), bytes.Clone(b.Membership.PrivateMeta)
		b.Organization.PublicMeta, b.Organization.PrivateMeta = bytes.Clone(b.Organization.PublicMeta), bytes.Clone(b.Organization.PrivateMeta)
		b.Role.Permissions = slices.Clone(b.Role.Permissions)
	}
	return list
}
