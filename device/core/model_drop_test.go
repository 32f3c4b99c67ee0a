package core

import "slices"

// The part of the model with something in between that takes the credential out
// of a request and leaves the rest: a proxy that keeps Authorization for itself.
// The server is honest and answers whoever it thinks is there, which is nobody:
// a fresh client, or a refusal. Nothing of that is about the session, so it is
// no witness for the laws: only what arrived with its credential can be refused
// because of it. Where a proof arrives alone the server asks for the credential
// it is about, which is one more answer that proves nothing.
//
// Our server says which credential a request brought, so a proxy may do what it
// likes, request by request. Another server does not; there the proxy takes all of
// them, until it is gone: at any time, also between two answers that are compared.

// modelProxy is what the scenes add to the world.
type modelProxy struct {
	speaks bool // the server says which credential arrived
	there  bool // a proxy takes all of them, until it is gone
}

// Codes of a request that brought no credential: of our server, and of one that
// knows no difference.
const (
	codeMissing = "client_credential_missing"
	codeUnknown = "authentication_invalid"
)

// arriving is what an honest server does with r, of which a proxy may have left
// only a part, and what it answers.
func (w *world) arriving(r SendRequest, dropped, rotate bool) Responded {
	if dropped {
		return w.withoutCredential(r)
	}
	return w.serve(r, rotate)
}

// speaks reports whether the server says which credential arrived. One that
// knows of keys does.
func (w *world) speaks() bool { return w.proxy.speaks || w.bind.on }

// withoutCredential is what an honest server answers to r when nothing says who
// asks.
func (w *world) withoutCredential(r SendRequest) Responded {
	e := Responded{ID: r.ID, Wall: w.clock(), Class: Accepted, Status: 200, ServerTime: w.clock()}
	switch {
	case r.Credential.bound():
		e.Class, e.Trouble, e.Status = Ambiguous, TroubleProof, 401
	case r.Kind == ReadClient && r.Credential == credN0:
		e.Client, e.Credential = &ClientDoc{ID: "CM", UpdatedAt: 9}, NewSecret("M0")
	case r.Kind == ReadClient:
		e.Client, e.Credential = w.clientDoc(""), credN0
	case !w.speaks():
		return refusal(e, codeUnknown)
	default:
		return refusal(e, codeMissing)
	}
	return e
}

// droppable are the requests about a session that is there.
func droppable(r SendRequest) bool {
	return slices.Contains([]RequestKind{ReadClient, MintToken, RemoveSession, RemoveSessions}, r.Kind) && !r.Credential.IsZero()
}

// dropScenes have a proxy in between, and no other liar: a second one could
// complete the story that the first one tells.
func dropScenes() []scene {
	withRecord := func(w *world) {
		w.disk = modelDisk{present: true, version: Version{"L0", 10}, record: modelRecord()}
	}
	speaking := func(w *world) {
		withRecord(w)
		w.proxy.speaks = true
	}
	silent := func(w *world) {
		withRecord(w)
		w.proxy.there = true
	}
	return []scene{
		{
			"credential dropped on the way", speaking,
			budget{drop: 3, token: 1, end: 1, signOut: 1},
			budget{drop: 5, token: 2, end: 1, forget: 1, signOut: 1, kill: 1, trouble: 1, rotate: 1, storeFault: 1},
		},
		{
			"handed-over credential dropped on the way", speaking,
			budget{drop: 3, adopt: 1, signOut: 1},
			budget{drop: 4, adopt: 1, signOut: 1, kill: 1, storeFault: 1, peer: 1, token: 1},
		},
		{
			"credential dropped before a server that does not say", silent,
			budget{token: 1, end: 1, signOut: 1},
			budget{token: 2, end: 1, signOut: 1, kill: 1, trouble: 1, rotate: 1, storeFault: 1, adopt: 1},
		},
		{
			"credential forgotten by a server that does not say", silent,
			budget{token: 1, forget: 1, nudge: 1, signOut: 1},
			budget{token: 2, forget: 1, nudge: 1, signOut: 1, kill: 1, trouble: 1, rotate: 1, storeFault: 1},
		},
	}
}
