package user

import "github.com/perennialauth/perennial/internal/auth"

// What follows says beforehand whether a change would be refused because nothing
// would be left to sign in with. Pages ask it, so as not to offer what cannot be
// done; the change itself asks again.

// RemovableEmail says whether an address may go.
func RemovableEmail(u auth.User, id auth.EmailID) bool {
	_, err := withoutEmail(u, id)
	return err == nil
}

// RemovablePhone says whether a number may go.
func RemovablePhone(u auth.User, id auth.PhoneID) bool {
	_, err := withoutPhone(u, id)
	return err == nil
}

// RemovableExternal says whether an account elsewhere may go.
func RemovableExternal(u auth.User, id auth.ExternalAccountID) bool {
	_, _, err := withoutExternal(u, id)
	return err == nil
}

// RemovablePassword says whether the password may go.
func RemovablePassword(u auth.User) bool {
	u.Password = auth.PasswordHash{}
	return canSignIn(u)
}

// Reservable says whether a number may be kept for the second factor, with which
// nobody signs in any more.
func Reservable(u auth.User, id auth.PhoneID) bool {
	reserve := PhoneUpdate{SecondFactor: new(true)}
	reserved, err := reserve.onto(u, id, u.UpdatedAt)
	return err == nil && canSignIn(reserved)
}
