// Package factor owns the cryptography of second factors: time-based one-time
// passwords (RFC 6238) and the secrets they are made from.
//
// It offers [Authenticators].
//
// It refuses to know who is asked for a factor and how often: that a code is
// accepted once only is decided where the accepted step is stored.
package factor
