package strength_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/password/strength"
)

// The scores and suggestions are those of the estimator in the published
// components (@zxcvbn-ts/core 3.0.4 with its common dictionary), so that a form
// says the same as the server.
func TestAgreesWithTheComponents(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		password    string
		score       int
		suggestions string
	}{
		{"password", 0, "anotherWord"},
		{"Password1", 0, "anotherWord capitalization"},
		{"p4ssw0rd!", 1, "anotherWord l33t"},
		{"drowssap", 0, "anotherWord reverseWords"},
		{"JENNIFER", 0, "anotherWord allUppercase"},
		{"Summer2024", 1, "anotherWord capitalization"},
		{"qwER43@!", 2, "anotherWord longerKeyboardPattern"},
		{"asdfghju7654rewq", 3, ""},
		{"aaaaaaaa", 0, "anotherWord repeated"},
		{"abcabcabc", 0, "anotherWord repeated"},
		{"D0g..................", 1, "anotherWord repeated"},
		{"abcdefghijk987654321", 1, "anotherWord sequences"},
		{"1991", 0, "anotherWord recentYears associatedYears"},
		{"11-5-1986", 1, "anotherWord dates"},
		{"temppass22", 1, "anotherWord"},
		{"kittenmittens", 2, "anotherWord"},
		{"ryanhunter2000", 3, ""},
		{"eheuczkqyq", 3, ""},
		{"tr0ub4dor&3", 4, ""},
		{"correct horse battery staple", 4, ""},
		{"coRrecth0rseba++ery9.23.2007staple$", 4, ""},
		{"rWibMFACxAUGZmxhVncy", 4, ""},
	} {
		e := strength.Of(tt.password)
		said := []string{}
		for _, s := range e.Suggestions {
			said = append(said, string(s))
			if s.Message() == "" {
				t.Errorf("%q: nothing to say about %s", tt.password, s)
			}
		}
		if got := strings.Join(said, " "); e.Score != tt.score || got != tt.suggestions {
			t.Errorf("%q: score %d %q after %.3g guesses, want %d %q", tt.password, e.Score, got, e.Guesses, tt.score, tt.suggestions)
		}
	}
}

// What the method computes by hand, from the formulas of the paper.
func TestGuesses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, password string
		want           float64
	}{
		{"nothing", "", 1},
		{"by force", "eheuczkqyq", 1e10 + 1},
		{"a sequence from where everybody begins", "abcdefghi", 4*9 + 1},
		{"a sequence from elsewhere, down", "zyxwvutsr", 4*2*9 + 1},
		{"a year close by", "2019", 20 + 1},
		{"a date", "11-5-1986", 40*365*4 + 1},
		{"the same character", "cccccccc", 8*12 + 1}, // a character alone costs 11, and that there is one
	} {
		if got := strength.Of(tt.password).Guesses; math.Abs(got-tt.want) > 0.5 {
			t.Errorf("%s: %q takes %.6g guesses, want %.6g", tt.name, tt.password, got, tt.want)
		}
	}
}

// Every text has one estimate, and every weak password is told what is wrong.
func FuzzOf(f *testing.F) {
	for _, seed := range []string{"", "a", "\x00", "пароль", "pa55w0rd 12/12/2012", "｟全角｠", "1|l7!i@4", strings.Repeat("ab", 36), strings.Repeat("𝒜", 9)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		if len(password) > 72 {
			return
		}
		one, two := strength.Of(password), strength.Of(password)
		if diff := cmp.Diff(one, two); diff != "" {
			t.Errorf("%q twice:\n%s", password, diff)
		}
		if one.Guesses < 1 || math.IsNaN(one.Guesses) || one.Score < 0 || one.Score > strength.MaxScore {
			t.Errorf("%q: %+v", password, one)
		}
		if one.Score < strength.SafelyUnguessable && len(one.Suggestions) == 0 {
			t.Errorf("%q is weak and nothing is said about it", password)
		}
	})
}

func BenchmarkLongest(b *testing.B) {
	password := strings.Repeat("aB3$kjh 8sdfk1", 6)[:72]
	for b.Loop() {
		strength.Of(password)
	}
}
