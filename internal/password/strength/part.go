package strength

// A pattern is what a guesser would see in a part of a password.
type pattern int

const (
	byForce  pattern = iota // nothing: every character is tried
	word                    // in a dictionary
	keys                    // neighbours on a keyboard
	repeat                  // the same again
	sequence                // characters in order
	year                    // of our time
	date
)

// part is a piece of the password and what it can be guessed by. The members
// of the other patterns are zero.
type part struct {
	pattern pattern
	i, j    int // first and last character
	text    []rune

	rank     int           // word: its place among the most common, from 1
	reversed bool          // word: written backwards
	leet     map[rune]rune // word: characters that stand for letters; nil when none

	board   *keyboard // keys
	turns   int       // keys: changes of direction, the first counted
	shifted int       // keys: characters that need shift

	base  float64 // repeat: guesses for what is repeated
	times int     // repeat

	ascending bool // sequence

	year      int  // year, date
	separated bool // date
}

func newPart(p pattern, password []rune, i, j int) part {
	return part{pattern: p, i: i, j: j, text: password[i : j+1]}
}

// parts finds everything in the password that a guesser could use.
func parts(password []rune) []part {
	var found []part
	for _, find := range []func([]rune) []part{words, runs, repeats, sequences, years, dates} {
		found = append(found, find(password)...)
	}
	return found
}
