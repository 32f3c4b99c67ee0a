// Package user owns the use cases of an account: what its owner does with it
// and what the holder of the secret key does with it.
//
// It offers [Admin] to the Backend API.
//
// It refuses to know how a request travels, how anything is stored or shown,
// and to let an account change without its sessions following in the same
// commit.
package user
