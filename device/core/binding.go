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
func (w *recordWriter) keyLines() {
	for i, credential := range w.bound {
		if contains(w.bound[:i], credential) {
			continue
		}
		token, key := credential.split()
		w.begin(keyKey)
		w.value(token)
		w.value(key)
		w.end()
	}
}

func contains(list []Secret, s Secret) bool {
	for _, other := range list {
		if other == s {
			return true
		}
	}
	return false
}

// maskedKeyLine is how a line with a key begins, as in a Secret.
var maskedKeyLine = masked("\n" + keyNames[keyKey] + " ")

// readKeys finds the keys first, wherever their lines are.
func (v *recordReader) readKeys() {
	for from := 0; ; from = v.end {
		i := strings.Index(v.masked[from:], maskedKeyLine)
		if i < 0 {
			return
		}
		v.next(from + i + 1)
		token := v.value()
		v.bound = append(v.bound, Bind(token, v.value()))
	}
}

// boundTo puts token and key together again.
func (v *recordReader) boundTo(token Secret) Secret {
	for _, credential := range v.bound {
		if credential.Token() == token {
			return credential
		}
	}
	return token
}
