// Package passkey owns the ceremonies of WebAuthn: the options that a browser or
// an app is given, and whether what its authenticator made of them holds. It
// offers [Ceremonies] to the use cases, which keep the challenges, and knows the
// names of common authenticators. It refuses to judge who may sign in, to keep
// anything, and to trust a vendor: attestation is not asked for.
package passkey
