package sqlstore

import (
	"maps"

	"github.com/perennialauth/perennial/internal/auth"
)

// touched is which clients are not what they were after a transaction.
type touched struct {
	everything bool
	clients    map[auth.ClientID]struct{}
	users      map[auth.UserID]struct{} // and with them the clients they are signed in on
}

// nothing is touched by changes of what no client shows.
var nothing = touched{}

// touchedBy is what a change touches. A kind of record that is not named here
// touches everything; so does a deleted user, who was counted by organizations.
func touchedBy(ch auth.Change) touched {
	t := touched{clients: map[auth.ClientID]struct{}{}, users: map[auth.UserID]struct{}{}}
	for i := range ch.Clients {
		t.clients[ch.Clients[i].ID] = struct{}{}
	}
	for i := range ch.Sessions {
		t.clients[ch.Sessions[i].Client] = struct{}{}
		t.users[ch.Sessions[i].User] = struct{}{}
	}
	for i := range ch.SignIns {
		t.clients[ch.SignIns[i].Client] = struct{}{}
	}
	for i := range ch.SignUps {
		t.clients[ch.SignUps[i].Client] = struct{}{}
	}
	for i := range ch.Users {
		t.users[ch.Users[i].ID] = struct{}{}
	}
	t.everything = !unseen(ch)
	return t
}

// unseen says that besides clients, sessions, users and attempts there is
// nothing in a change that a client shows.
func unseen(ch auth.Change) bool {
	ch.Clients, ch.Sessions, ch.SignIns, ch.SignUps, ch.Users = nil, nil, nil, nil, nil
	ch.Tokens, ch.Lineages, ch.Lockouts, ch.Messages = nil, nil, nil, nil
	ch.Reverifications, ch.SignInTokens, ch.BrowserFlows, ch.EmailLinks, ch.OAuthFlows = nil, nil, nil, nil, nil
	ch.Webhooks = auth.WebhookChange{}
	return ch.Empty()
}

// touchedByAll is what any of these changes touches.
func touchedByAll(batch []*change) touched {
	all := touched{clients: map[auth.ClientID]struct{}{}, users: map[auth.UserID]struct{}{}}
	for _, c := range batch {
		all.everything = all.everything || c.touches.everything
		maps.Copy(all.clients, c.touches.clients)
		maps.Copy(all.users, c.touches.users)
	}
	return all
}

func (t touched) touches(a auth.ClientAggregate) bool {
	if t.everything {
		return true
	}
	if _, ok := t.clients[a.Client.ID]; ok {
		return true
	}
	for user := range a.Users {
		if _, ok := t.users[user]; ok {
			return true
		}
	}
	return false
}
