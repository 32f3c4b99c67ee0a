package core

import "strings"

// The queue of revocations has some places in the record, which is all that a
// device needs but for rare bursts: sign-ins of many processes at once, each of
// which ends the one before. What finds no place waits in one text, so that the
// record stays small and none is ever forgotten.

// MaxRevocations is how many places there are.
const MaxRevocations = 4

// maxOverdue bounds the text, in bytes: hundreds of sign-ins without the server
// being told of one that is over.
const maxOverdue = 256 << 10

// Revocation is a session to be ended on the server, with its own copy of the
// credential, because the record's own is gone by then.
type Revocation struct {
	Credential Secret
	ClientID   string
	SessionID  string // empty: every session of the client
}

// IsZero reports whether the place is free.
func (r Revocation) IsZero() bool { return r == Revocation{} }

// overdueEnd ends each part of the text. No credential and no identifier
// contains it.
const overdueEnd = "\n"

func (r Revocation) overdue() string {
	return r.Credential.Reveal() + overdueEnd + r.ClientID + overdueEnd + r.SessionID + overdueEnd
}

// nextOverdue reads the first revocation of the text.
func nextOverdue(text string) (rev Revocation, rest string) {
	var credential string
	credential, rest, _ = strings.Cut(text, overdueEnd)
	rev.ClientID, rest, _ = strings.Cut(rest, overdueEnd)
	rev.SessionID, rest, _ = strings.Cut(rest, overdueEnd)
	rev.Credential = NewSecret(credential)
	return rev, rest
}

// Queued goes through the whole queue, the oldest first.
func (r *Record) Queued() func(yield func(Revocation) bool) {
	return func(yield func(Revocation) bool) {
		for _, rev := range r.Revocations {
			if rev.IsZero() || !yield(rev) {
				return
			}
		}
		if r.Overdue.IsZero() {
			return
		}
		for text := r.Overdue.Reveal(); text != ""; {
			var rev Revocation
			if rev, text = nextOverdue(text); !yield(rev) {
				return
			}
		}
	}
}

func (r *Record) queues(rev Revocation) bool {
	for queued := range r.Queued() {
		if queued == rev {
			return true
		}
	}
	return false
}

// withRevocation returns r with rev queued.
func (r Record) withRevocation(rev Revocation) Record {
	r.queue(rev)
	return r
}

// queue queues rev unless it is queued already.
func (r *Record) queue(rev Revocation) {
	if rev.Credential.IsZero() || r.queues(rev) {
		return
	}
	for i := range r.Revocations {
		if r.Revocations[i].IsZero() {
			r.Revocations[i] = rev
			return
		}
	}
	text := r.Overdue.Reveal() + rev.overdue()
	for len(text) > maxOverdue {
		_, text = nextOverdue(text) // it has been tried the longest
	}
	r.Overdue = NewSecret(text)
}

// withoutRevocation removes rev and closes the gap.
func (r Record) withoutRevocation(rev Revocation) Record {
	if !r.queues(rev) {
		return r
	}
	before := r
	r.Revocations, r.Overdue = [MaxRevocations]Revocation{}, Secret{}
	for queued := range before.Queued() {
		if queued != rev {
			r.queue(queued)
		}
	}
	return r
}

// withoutRevocationsOf removes what is queued for a session, under whichever
// credential.
func (r Record) withoutRevocationsOf(session string) Record {
	before := r
	for rev := range before.Queued() {
		if session != "" && rev.SessionID == session {
			r = r.withoutRevocation(rev)
		}
	}
	return r
}

// withRevocations queues everything that from has queued.
func (r Record) withRevocations(from *Record) Record {
	for rev := range from.Queued() {
		r.queue(rev)
	}
	return r
}

// owe adds to r the revocations that this process has queued since was, and
// removes those that it has delivered. What r holds is not among the former.
func (r *Record) owe(ours, was *Record) {
	if ours.Revocations == was.Revocations && ours.Overdue == was.Overdue {
		return
	}
	for rev := range was.Queued() {
		if !ours.queues(rev) {
			*r = r.withoutRevocation(rev)
		}
	}
	for rev := range ours.Queued() {
		queued := Record{Revocations: [MaxRevocations]Revocation{rev}}
		if !was.queues(rev) && !queued.revokes(*r) {
			r.queue(rev)
		}
	}
}
