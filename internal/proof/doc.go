// Package proof owns the recognition of proofs of possession: the JSON Web
// Tokens of RFC 9449 (DPoP) by which a device shows that it holds the private
// key that its credential is bound to.
//
// It offers [Checker], which reads one proof, holds it against the request it
// came with, and refuses to see it twice, and the nonces that make it
// independent of a device's clock.
//
// It refuses to know what a key is allowed to do, to keep keys, and to say more
// of a bad proof than whether a nonce would have helped.
package proof
