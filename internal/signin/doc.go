// Package signin owns the use cases of signing in: the steps of a sign-in
// attempt and the tickets that stand for one.
//
// It offers [Attempts] to the Frontend API and [SignInTokens] to the Backend API.
//
// It refuses to know how a request travels, how anything is stored or shown,
// and to decide alone what the rules in package auth decide.
package signin
