// Package sharedtoken owns the session token that the processes of one device
// have in common, so that one of them asks the server for it and the others
// need not.
//
// It offers [New], a transport around another one: requests for a token go
// through it in single file across all processes, and the token that the first
// one obtained answers the others while it has enough life left. A forced
// request, and any other, goes straight to the server.
//
// It refuses to hold anybody up: a peer that was stopped in the middle of its
// request, a store that fails, a clock that cannot be compared, all lead to the
// server and to a token of one's own. What is kept is sealed by the vault, is
// worth a minute, and is erased when its session is signed out.
package sharedtoken

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/shell"
	"github.com/perennialauth/perennial/device/vault"
)

const (
	// patience bounds the wait for a peer's request, and slice how often the
	// wait is interrupted to look whether there is a token.
	patience = 5 * time.Second
	slice    = 100 * time.Millisecond
	// enough is the life that a token must have left: what is closer to its
	// end is about to be renewed by whoever obtained it.
	enough = 10 * time.Second
	// storing bounds one call to the vault.
	storing = time.Second
)

// Config says what a transport is made of. All fields are needed.
type Config struct {
	// Next performs the requests.
	Next shell.Transport
	// Vault keeps the token. It is an item of its own and not that of the
	// record.
	Vault vault.Vault
	// Clock measures the age of a token. Its monotonic part must be the same in
	// every process for which Boot is the same.
	Clock shell.Clock
	// Boot names the run of the operating system, and is empty where that is
	// not known: then nothing is shared. It is asked when a token is needed.
	Boot func() string
}

// Transport is a [shell.Transport]. It is safe for concurrent use.
type Transport struct{ config Config }

var _ shell.Transport = (*Transport)(nil)

// New returns a transport around config.Next.
func New(config Config) *Transport { return &Transport{config} }

// Do implements [shell.Transport].
func (t *Transport) Do(ctx context.Context, request core.SendRequest) core.Responded {
	switch {
	case request.Kind == core.RemoveSession, request.Kind == core.RemoveSessions:
		t.forget(ctx, request.SessionID)
		return t.config.Next.Do(ctx, request)
	case request.Kind != core.MintToken:
		return t.config.Next.Do(ctx, request)
	case t.config.Boot() == "":
		return t.config.Next.Do(ctx, request)
	case !request.Share:
		return t.obtain(ctx, request)
	}
	release, found, ok := t.queue(ctx, request.SessionID)
	if ok {
		return found
	}
	defer release()
	return t.obtain(ctx, request)
}

// queue waits for a token that a peer obtains, or for the right to be the one
// that asks. When neither comes it asks all the same.
func (t *Transport) queue(ctx context.Context, session string) (release func(), found core.Responded, ok bool) {
	nothing := func() {}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if found, ok = t.find(ctx, session); ok {
			return nothing, found, true
		}
		once, stop := context.WithTimeout(ctx, slice)
		held, answer := t.config.Vault.Hold(once)
		stop()
		switch {
		case answer == vault.Stored:
			if found, ok = t.find(ctx, session); ok {
				held()
				return nothing, found, true
			}
			return held, core.Responded{}, false
		case answer != vault.Locked || ctx.Err() != nil:
			return nothing, core.Responded{}, false
		}
	}
}

// obtain asks the server, and keeps what it hands out for the peers.
func (t *Transport) obtain(ctx context.Context, request core.SendRequest) core.Responded {
	begun, wall := t.config.Clock.Now(), t.config.Clock.Wall()
	answer := t.config.Next.Do(ctx, request)
	if answer.Class == core.Accepted && !answer.Token.JWT.IsZero() && answer.ServerTime != 0 {
		t.keep(ctx, entryOf(answer, begun, wall, t.config.Boot()))
	}
	return answer
}

// find returns the token of session that a peer obtained, as an answer.
func (t *Transport) find(ctx context.Context, session string) (core.Responded, bool) {
	_, kept, ok := t.load(ctx)
	if !ok || kept.Session != session {
		return core.Responded{}, false
	}
	age, comparable := kept.age(t.config.Clock, t.config.Boot())
	if !comparable || kept.left(age) <= enough {
		return core.Responded{}, false
	}
	return kept.answer(age), true
}
