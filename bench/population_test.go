package bench_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// people in one commit.
const batch = 500

func email(n int) string             { return fmt.Sprintf("person%d@example.com", n) }
func sessionID(n int) auth.SessionID { return auth.SessionID(fmt.Sprintf("sess_%027d", n)) }
func ids(n int) (auth.ClientID, auth.UserID, auth.EmailID) {
	return auth.ClientID(fmt.Sprintf("client_%027d", n)), auth.UserID(fmt.Sprintf("user_%027d", n)), auth.EmailID(fmt.Sprintf("idn_%027d", n))
}

// fill stores so many people, each signed in on a client of their own, as
// sign-ups leave them.
func fill(b *testing.B, w *world, size int) {
	b.Helper()
	for first := 0; first < size; first += batch {
		var change auth.Change
		for n := first; n < min(first+batch, size); n++ {
			add(b, w, &change, n)
		}
		if err := w.Store.Commit(b.Context(), change); err != nil {
			b.Fatal(err)
		}
	}
}

func add(b *testing.B, w *world, change *auth.Change, n int) {
	b.Helper()
	client, user, address := ids(n)
	created := w.Now().Add(-time.Duration(n) * time.Second)
	text, hash, err := w.ClientTokens.New(rand.Reader, client)
	if err != nil {
		b.Fatal(err)
	}
	if _, wanted := w.tokens[n]; wanted {
		w.tokens[n] = text
	}
	empty := []byte(`{}`)
	change.Clients = append(change.Clients, auth.Client{ID: client, LastActiveSession: sessionID(n), CreatedAt: created, UpdatedAt: created})
	change.Tokens = append(change.Tokens, auth.ClientToken{Hash: hash, Client: client, Generation: 1, CreatedAt: created})
	change.Users = append(change.Users, auth.User{
		ID: user, FirstName: "Person", LastName: fmt.Sprint(n), PublicMeta: empty, PrivateMeta: empty, UnsafeMeta: empty,
		Emails: []auth.EmailAddress{{
			ID: address, Address: email(n), CreatedAt: created, UpdatedAt: created,
			Verification: auth.Verification{Strategy: auth.StrategyEmailCode, Status: auth.VerificationVerified},
		}},
		PrimaryEmail: address, CreatedAt: created, UpdatedAt: created, LastSignInAt: created,
	})
	change.Sessions = append(change.Sessions, auth.Session{
		ID: sessionID(n), Client: client, User: user, Status: auth.SessionActive, FirstFactorAt: created, LastActiveAt: w.Now(),
		ExpireAt: w.Now().AddDate(1, 0, 0), AbandonAt: w.Now().AddDate(0, 1, 0), CreatedAt: created, UpdatedAt: created,
	})
}
