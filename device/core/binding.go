package core

import "strings"

// A bound credential is worth nothing without a proof that its holder has a
// certain private key. Token and key are one [Secret] here, so that whatever
// happens to a credential (it is stored, replaced, queued for a revocation,
// merged with what another process wrote) happens to both: no state exists in
// which a token is held with the key of another.

// binder stands between token and key. No token and no key contains it.
const binder = ' '

// Bind returns the credential that token is together with key. A zero key
// leaves it unbound.
func Bind(token, key Secret) Secret {
	if token.IsZero() || key.IsZero() {
		return token
	}
	return Secret{token.masked + masked(string(binder)) + key.masked}
}

// Token is the part of a credential that is presented.
func (s Secret) Token() Secret {
	token, _ := s.split()
	return token
}

// Key is the private key that a credential is bound to, or the reference to
// one, as whoever made it wrote it down; zero when the credential is unbound.
func (s Secret) Key() Secret {
	_, key := s.split()
	return key
}

func (s Secret) split() (token, key Secret) {
	i := strings.IndexByte(s.masked, ^byte(binder))
	if i <= 0 || i == len(s.masked)-1 {
		return s, Secret{}
	}
	return Secret{s.masked[:i]}, Secret{s.masked[i+1:]}
}

func (s Secret) bound() bool { return !s.Key().IsZero() }

// keyLines writes down which key belongs to which token. They are lines of
// their own and not values beside the token, because an older version would
// drop those when it saves, and keeps lines that it does not know.
func (b recordText) keyLines(bound []Secret) recordText {
	for i, credential := range bound {
		if contains(bound[:i], credential) {
			continue
		}
		token, key := credential.split()
		b = b.begin(keyKey).value(token).value(key).end()
	}
	return b
}

// bound lists the bound credentials of r, in the order of their lines.
func (r *Record) bound() []Secret {
	var list []Secret
	add := func(secrets ...Secret) {
		for _, s := range secrets {
			if s.bound() {
				list = append(list, s)
			}
		}
	}
	add(r.Credential, r.Successor, r.Candidate, r.Offer, r.Origin, r.Attempt.Credential)
	for i := range r.Flows {
		add(r.Flows[i].Verifier, r.Flows[i].Credential, r.Flows[i].Nonce)
	}
	for rev := range r.Queued() {
		add(rev.Credential)
	}
	return list
}

func contains(list []Secret, s Secret) bool {
	for _, other := range list {
		if other == s {
			return true
		}
	}
	return false
}

// bind puts tokens and keys together again, when the whole record was read:
// the lines with the keys may be anywhere in it.
func (r *Record) bind(bound []Secret) {
	for _, s := range []*Secret{
		&r.Credential, &r.Successor, &r.Candidate, &r.Offer, &r.Origin, &r.Attempt.Credential,
	} {
		*s = s.boundBy(bound)
	}
	for i := range r.Flows {
		f := &r.Flows[i]
		f.Verifier, f.Credential, f.Nonce = f.Verifier.boundBy(bound), f.Credential.boundBy(bound), f.Nonce.boundBy(bound)
	}
	before := *r
	r.Revocations, r.Overdue = [MaxRevocations]Revocation{}, Secret{}
	for rev := range before.Queued() {
		rev.Credential = rev.Credential.boundBy(bound)
		r.queue(rev)
	}
}

// boundBy is the one of bound whose token s is, or s.
func (s Secret) boundBy(bound []Secret) Secret {
	for _, credential := range bound {
		if credential.Token() == s {
			return credential
		}
	}
	return s
}
