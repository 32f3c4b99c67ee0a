package vault_test

import (
	"testing"

	"github.com/perennialauth/perennial/device/vault"
)

func TestSucceeds(t *testing.T) {
	t.Parallel()
	v := func(lineage string, generation uint64) vault.Version {
		return vault.Version{Lineage: lineage, Generation: generation}
	}
	for _, test := range []struct {
		name           string
		next, previous vault.Version
		want           bool
	}{
		{"the first record", v("a", 1), vault.Version{}, true},
		{"the next generation", v("a", 5), v("a", 4), true},
		{"a later generation", v("a", 9), v("a", 4), true},
		{"the same generation", v("a", 4), v("a", 4), false},
		{"an earlier generation", v("a", 3), v("a", 4), false},
		{"another lineage, from the start", v("b", 1), v("a", 4), true},
		{"no lineage", v("", 5), v("a", 4), false},
		{"no generation", v("b", 0), v("a", 4), false},
	} {
		if got := test.next.Succeeds(test.previous); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// Every answer that is not definite protects what may be stored from a plain
// save.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	definite := map[vault.Answer]bool{vault.Found: true, vault.Absent: true, vault.Stored: true, vault.Conflict: true}
	for _, answer := range vault.Answers() {
		if answer.Unreadable() == definite[answer] {
			t.Errorf("%s: unreadable is %v", answer, answer.Unreadable())
		}
	}
}
