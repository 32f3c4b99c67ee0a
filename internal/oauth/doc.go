// Package oauth owns the conversation with the providers that people sign in
// with: OAuth 2.0 (RFC 6749, with PKCE of RFC 7636 and the issuer of RFC 9207)
// and OpenID Connect.
//
// It offers [Client], which speaks to providers, and [Trips], which begin a
// person's way to one and say what came of it.
//
// It refuses to decide whose account somebody is, and to believe anything that
// a provider did not sign or say itself.
package oauth
