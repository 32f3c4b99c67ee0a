package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
)

// Durability tests that everything is there after reopening.
func Durability(t *testing.T, open Open) {
	t.Run("reopened", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		s := open(t, folder)
		mustCommit(t, s, rewriting(seed(t, s)))
		before := picture(t, s)
		for range 3 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, folder)
			if diff := cmp.Diff(before, picture(t, s), exactly); diff != "" {
				t.Fatalf("after reopening (-before +after)\n%s", diff)
			}
			mustCommit(t, s, auth.Change{}) // nothing is also a change
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}
