package core

import "testing"

// A record that does not know its client cannot tell another one from its own.
// An answer that does not list its session proves nothing alone then, whether or
// not it comes with a credential.
func TestUnknownClientIsNoProof(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]Responded{
		"an empty client":                   {Client: &ClientDoc{ID: "C9"}},
		"an empty client with a credential": {Client: &ClientDoc{ID: "C9"}, Credential: NewSecret("N0")},
		"our session, over":                 {Client: &ClientDoc{ID: "C1", Sessions: []SessionDoc{{ID: "S1", Status: "ended"}}}},
		"a server that says what it got":    {Client: &ClientDoc{ID: "C9"}, Presented: true},
	} {
		for _, session := range []string{"S1", ""} {
			state := New(Config{Tenant: "t"})
			state.launched = true
			state.record = Record{Lineage: "L1", Credential: NewSecret("A0"), SessionID: session, SessionStatus: "active"}
			state.durable, state.store.answer = state.record, StoreFound
			state.confirm = flight{id: 7, kind: ReadClient, credential: NewSecret("A0"), lineage: "L1"}
			e.ID, e.Class, e.Status = 7, Accepted, 200
			got, _ := Step(state, 2, e)
			if got.record != state.record || got.verdict.Kind == SignedOut {
				t.Errorf("%s, session %q: %s(%s), tombstone %q", name, session, got.verdict.Kind, got.verdict.Cause, got.record.Tombstone)
			}
		}
	}
}

// The answer about a credential that was handed over says nothing about another
// one that a peer was handed since.
func TestAnswerAboutAnotherCandidate(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]Responded{
		"a session":  {Client: &ClientDoc{ID: "C3", LastActiveSessionID: "S3", Sessions: []SessionDoc{{ID: "S3", Status: "active"}}}},
		"no session": {Client: &ClientDoc{ID: "C3"}},
	} {
		state := New(Config{Tenant: "t"})
		state.launched, state.deserted = true, NewSecret("K0")
		state.record = Record{Lineage: "L1", Candidate: NewSecret("K1")}
		state.durable, state.store.answer = state.record, StoreFound
		state.adopt = flight{id: 7, kind: ReadClient, credential: NewSecret("K0"), lineage: "L1"}
		e.ID, e.Class, e.Status = 7, Accepted, 200
		got, _ := Step(state, 2, e)
		if got.record != state.record {
			t.Errorf("%s: candidate %q, session %q", name, got.record.Candidate.Reveal(), got.record.SessionID)
		}
	}
}
