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
	if r.Credential.bound() && !credential.bound() {
		// What is bound stays bound: this one would be worth something to
		// whoever steals it.
		t.note(HappenedRotation, Evidence{Request: f.kind, Detail: "an unbound successor was refused"})
		return
	}
	r.Successor = credential
	if credential.bound() {
		r.Offer, t.wantRotate = Secret{}, false
	}
	t.note(HappenedRotation, Evidence{Request: f.kind, Detail: "a successor credential was handed out"})
}

// provedSuccessor ends the life of the predecessor: the server accepted the
// successor.
func (t *turn) provedSuccessor(credential Secret, at Wall) {
	r := &t.record
	if credential.IsZero() || credential != r.Successor {
		return
	}
	if credential.bound() {
		r.RotatedAt = at
		if !r.Credential.bound() {
			r.Origin = r.Credential
		}
	}
	r.Credential, r.Successor = credential, Secret{}
	t.note(HappenedRotation, Evidence{Detail: "the successor credential was accepted"})
}

// considerRotation sees, after an answer that confirmed the credential, whether
// it should be replaced by a bound one, or by the next one. Nothing waits for
// it: what is due goes along with the next question about the client.
func (t *turn) considerRotation(e Responded) {
	const ahead = 24 * 3_600_000 // ms that a server may set its clock back
	r := &t.record
	if !t.config.Bind || !r.Successor.IsZero() {
		return
	}
	switch {
	case !r.Credential.bound():
		if e.Binds && r.Offer.IsZero() && !t.keyAsked {
			t.keyAsked = true
			t.do(NeedKey{})
		}
	case e.ServerTime != 0 && (r.RotatedAt == 0 || e.ServerTime < r.RotatedAt-ahead):
		r.RotatedAt = e.ServerTime
	}
}

// rotationDue reports whether a bound credential has been in use for long
// enough, by the server's own times: a process may be too short-lived to be told
// the time and to ask again.
func (t *turn) rotationDue() bool {
	r, every := &t.record, t.config.RotateEvery
	return t.wantRotate || every > 0 && r.RotatedAt != 0 && r.ConfirmedServer-r.RotatedAt >= Wall(every.Milliseconds())
}

// keyMade keeps a new key, to be offered once it is durable. None is asked for
// twice in a process that cannot have one.
func (t *turn) keyMade(e KeyMade) {
	r := &t.record
	if !t.keyAsked || e.Key.IsZero() {
		return
	}
	t.keyAsked = false
	if t.config.Bind && r.Tombstone == "" && !r.Credential.IsZero() && !r.Credential.bound() && r.Successor.IsZero() && r.Offer.IsZero() {
		r.Offer = e.Key
	}
}

// askRotation asks the server about the client at once, and for a successor
// with it.
func (t *turn) askRotation() {
	r := &t.record
	if r.Tombstone == "" && r.Credential.bound() {
		t.wantRotate, t.wantConfirm = true, true
	}
}

// rotate adds to a question about the client what is due.
func (t *turn) rotate(request *SendRequest) {
	request.Offer = t.offer()
	request.Rotate = t.config.Bind && t.rotationDue() && request.Credential.bound() && t.record.Successor.IsZero()
}

// offer is the key to offer: only a durable one, and only while the credential
// in use is the unbound one that it was made for.
func (t *turn) offer() Secret {
	r, d := &t.record, &t.durable
	if !t.config.Bind || r.Offer.IsZero() || !r.Successor.IsZero() || r.Credential.bound() ||
		d.Offer != r.Offer || d.Lineage != r.Lineage || d.Credential != r.Credential {
		return Secret{}
	}
	return r.Offer
}

// newOffer reports, once for each key, that there is one to offer.
func (t *turn) newOffer() bool {
	offer := t.offer()
	if offer.IsZero() || offer == t.offered {
		return false
	}
	t.offered = offer
	return true
}

// shareable is a credential that another SDK can present: what the next request
// would, or the one that a bound credential was branched from. A bound one
// without such an origin cannot be shared.
func (t *turn) shareable() (Secret, bool) {
	r := &t.record
	switch presented := t.presented(); {
	case !presented.bound():
		return presented, true
	case !r.Credential.bound():
		return r.Credential, true
	default:
		return r.Origin, !r.Origin.IsZero()
	}
}
