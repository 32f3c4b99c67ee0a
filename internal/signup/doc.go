// Package signup owns the use cases of signing up: the steps of a sign-up
// attempt until it becomes a user with a session.
//
// It offers [Attempts] to the Frontend API and [Admin] to the Backend API.
//
// It refuses to know how a request travels, how anything is stored or shown,
// and to tell whether an address has an account where the instance protects that.
package signup
