package strength

import (
	"math"
	"strings"
	"unicode"
)

// Guesses that a part of a password costs at least, so that a guesser is not
// thought to know where to cut it.
const (
	leastOfOne  = 10 // a part of one character
	leastOfMore = 50
	perForced   = 10 // each character that nothing explains
)

// guesses is how many guesses a part costs in a password of so many characters.
func (p part) guesses(length int) float64 {
	n := float64(len(p.text))
	least := 1.0
	if len(p.text) < length {
		least = leastOfMore
		if len(p.text) == 1 {
			least = leastOfOne
		}
	}
	switch p.pattern {
	case byForce:
		// More than any pattern of the same length, which is then preferred.
		if least = leastOfMore + 1; len(p.text) == 1 {
			least = leastOfOne + 1
		}
		return max(least, math.Pow(perForced, n))
	case word:
		return max(least, p.wordGuesses())
	case keys:
		return max(least, p.keyGuesses())
	case repeat:
		return max(least, p.base*float64(p.times))
	case sequence:
		return max(least, p.sequenceGuesses())
	case year:
		return max(least, float64(max(distance(p.year), leastDistance)))
	case date:
		g := float64(max(distance(p.year), leastDistance)) * 365
		if p.separated {
			g *= 4
		}
		return max(least, g)
	}
	panic("strength: internal error: a pattern without a cost")
}

func (p part) wordGuesses() float64 {
	g := float64(p.rank) * capitals(string(p.text)) * p.disguises()
	if p.reversed {
		g *= 2
	}
	return g
}

// capitals is in how many ways a guesser tries the capitals of a word.
func capitals(text string) float64 {
	if strings.ToLower(text) == text {
		return 1
	}
	runes := []rune(text)
	upper, lower := 0, 0
	for _, r := range runes {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	// First, last, all: what everybody does.
	if lower == 0 || (upper == 1 && (unicode.IsUpper(runes[0]) || unicode.IsUpper(runes[len(runes)-1]))) {
		return 2
	}
	return ways(upper, lower)
}

// disguises is in how many ways a guesser tries signs for letters.
func (p part) disguises() float64 {
	all := 1.0
	for sign, letter := range p.leet {
		signs, letters := 0, 0
		for _, r := range p.text {
			switch unicode.ToLower(r) {
			case sign:
				signs++
			case letter:
				letters++
			}
		}
		if signs == 0 || letters == 0 {
			all *= 2 // either all or none of them
		} else {
			all *= ways(signs, letters)
		}
	}
	return all
}

// ways is in how many ways up to the lesser of a and b are chosen of both.
func ways(a, b int) (n float64) {
	for i := 1; i <= min(a, b); i++ {
		n += choose(a+b, i)
	}
	return n
}

// choose is the number of sets of k among n.
func choose(n, k int) float64 {
	if k > n {
		return 0
	}
	c := 1.0
	for i := 1; i <= k; i++ {
		c *= float64(n-k+i) / float64(i)
	}
	return math.Round(c)
}

// keyGuesses counts the runs of at most that length and so many turns.
func (p part) keyGuesses() (g float64) {
	n := len(p.text)
	for i := 2; i <= n; i++ {
		for j := 1; j <= min(p.turns, i-1); j++ {
			g += choose(i-1, j-1) * p.board.written * math.Pow(p.board.degree, float64(j))
		}
	}
	switch {
	case p.shifted == 0:
		return g
	case p.shifted == n:
		return g * 2
	default:
		return g * ways(p.shifted, n-p.shifted)
	}
}

func (p part) sequenceGuesses() float64 {
	g := 26.0
	switch first := p.text[0]; {
	case strings.ContainsRune("aAzZ019", first):
		g = 4 // where everybody begins
	case first >= '0' && first <= '9':
		g = 10
	}
	if !p.ascending {
		g *= 2
	}
	return g * float64(len(p.text))
}
