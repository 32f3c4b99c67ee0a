package strength

// Scores of an [Estimate]: how many guesses an attacker needs.
const (
	TooGuessable      = iota // fewer than a thousand
	VeryGuessable            // fewer than a million: holds against a throttled attack
	SomewhatGuessable        // fewer than 10⁸: holds against one that is not throttled
	SafelyUnguessable        // fewer than 10¹⁰: holds offline against a slow hash
	VeryUnguessable          // more

	MaxScore = VeryUnguessable
)

// besideSteps decides nothing: a guess or two more than a power of ten.
const besideSteps = 5

// Estimate says how good a password is.
type Estimate struct {
	Guesses     float64 // at least 1
	Score       int     // TooGuessable to VeryUnguessable
	Suggestions []Suggestion
}

// Of estimates a password. The time it takes grows with the cube of the length,
// so a caller bounds that first.
func Of(password string) Estimate {
	runes := []rune(password)
	s := cheapest(runes)
	e := Estimate{Guesses: s.guesses, Score: score(s.guesses)}
	if e.Score < SafelyUnguessable {
		e.Suggestions = suggest(s.parts)
	}
	return e
}

func score(guesses float64) int {
	for i, limit := range []float64{1e3, 1e6, 1e8, 1e10} {
		if guesses < limit+besideSteps {
			return i
		}
	}
	return MaxScore
}
