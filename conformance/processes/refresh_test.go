//go:build unix

package processes_test

import (
	"fmt"
	"testing"
	"time"
)

// TestOneRequestForEachLifetime: eight processes that are left alone ask for one
// token, and when it is about to end for one more, and all of them hand out the
// same. The long run sees three lifetimes, the usual one the first.
func TestOneRequestForEachLifetime(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	s, dir := startServer(t), t.TempDir()
	s.createUser(t, person(0))
	var crowd [crowdSize]*process
	for i := range crowd {
		crowd[i] = start(t, self(t), job{Name: fmt.Sprintf("app-%d", i), Dir: dir, Server: s.URL, Key: s.Key}, nil)
	}
	crowd[0].must(t, order{Do: "sign-in", User: person(0), Password: password})
	lifetimes := 1
	if _, long := soak(t); long {
		lifetimes = 3
	}
	for n := 1; n <= lifetimes; n++ {
		await(t, fmt.Sprintf("everybody has token %d", n), 70*time.Second, func() bool {
			for _, p := range crowd {
				if _, had := p.handed(); had < n {
					return false
				}
			}
			return true
		})
	}
	minted := s.minted()
	if len(minted) != lifetimes {
		t.Errorf("%d requests for %d lifetimes: %+v", len(minted), lifetimes, minted)
	}
	for _, p := range crowd {
		if r, had := p.handed(); had != lifetimes || r.Left < time.Second {
			t.Errorf("%s has handed out %d tokens, the last with %v left", p.name, had, r.Left)
		}
	}

	// A fresh one is another matter: it is asked for whatever there is.
	crowd[3].must(t, order{Do: "fresh"})
	if now := s.minted(); len(now) != lifetimes+1 {
		t.Errorf("%d requests after a fresh one was wanted", len(now))
	}
}
