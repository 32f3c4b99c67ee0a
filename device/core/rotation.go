package core

// takeSuccessor keeps a credential that the server handed out with an answer
// that names our client or session and answers the credential in use. A header
// on any other answer never gets here: a captive portal must not be able to
// replace a credential. The successor is not presented before it is durable.
func (t *turn) takeSuccessor(credential Secret, f flight) {
	r := &t.record
	if credential.IsZero() || credential == r.Credential || credential == r.Successor {
		return
	}
	if f.lineage != r.Lineage || f.credential != t.presented() {
		return
	}
	t.record.Successor = credential
	t.note(HappenedRotation, Evidence{Request: f.kind, Detail: "a successor credential was handed out"})
}

// provedSuccessor ends the life of the predecessor: the server accepted the
// successor.
func (t *turn) provedSuccessor(credential Secret) {
	if credential.IsZero() || credential != t.record.Successor {
		return
	}
	t.record.Credential, t.record.Successor = credential, Secret{}
	t.note(HappenedRotation, Evidence{Detail: "the successor credential was accepted"})
}
