package strength

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/ccojocar/zxcvbn-go/data"
)

// ranks says of each known word how many are more common. A word in several
// lists has the best of its places.
var ranks = sync.OnceValue(func() map[string]int {
	ranks := make(map[string]int, 90_000)
	for _, name := range []string{"Passwords", "English", "Surnames", "FemaleNames", "MaleNames"} {
		var list struct{ List []string }
		if err := json.Unmarshal(data.MustAsset("data/"+name+".json"), &list); err != nil {
			panic("strength: internal error: list " + name + ": " + err.Error())
		}
		for i, w := range list.List {
			if rank, known := ranks[w]; !known || i+1 < rank {
				ranks[w] = i + 1
			}
		}
	}
	return ranks
})

// longestWord is the length beyond which nothing is looked up.
const longestWord = 32

// words finds what is in the lists: as it stands, backwards, and with digits
// and signs in the place of letters.
func words(password []rune) []part {
	lower := make([]rune, len(password))
	for i, r := range password {
		lower[i] = unicode.ToLower(r)
	}
	found := look(password, lower)
	backwards := slices.Clone(lower)
	slices.Reverse(backwards)
	for _, p := range look(password, backwards) {
		i, j := len(password)-1-p.j, len(password)-1-p.i
		if i == j || palindrome(lower[i:j+1]) {
			continue // found as it stands
		}
		p.i, p.j, p.text, p.reversed = i, j, password[i:j+1], true
		found = append(found, p)
	}
	for _, table := range leetTables(password) {
		found = append(found, disguised(password, lower, table)...)
	}
	return found
}

func palindrome(text []rune) bool {
	back := slices.Clone(text)
	slices.Reverse(back)
	return slices.Equal(text, back)
}

// look finds the known words of text, whose places are those in the password.
func look(password, text []rune) (found []part) {
	known := ranks()
	for i := range text {
		for j := i; j < min(len(text), i+longestWord); j++ {
			if rank, ok := known[string(text[i:j+1])]; ok {
				p := newPart(word, password, i, j)
				p.rank = rank
				found = append(found, p)
			}
		}
	}
	return found
}

// leet are the letters that a digit or sign is written for.
var leet = map[rune]string{
	'4': "a", '@': "a", '8': "b", '(': "c", '{': "c", '[': "c", '<': "c", '3': "e", '6': "g", '9': "g",
	'1': "il", '!': "i", '|': "il", '7': "lt", '0': "o", '$': "s", '5': "s", '+': "t", '%': "x", '2': "z",
}

// leetTables are the ways to read the signs of the password as letters: one
// where each stands for one letter only, two for each that may stand for two.
func leetTables(password []rune) []map[rune]rune {
	tables := []map[rune]rune{{}}
	for _, sign := range slices.Compact(slices.Sorted(slices.Values(password))) {
		var next []map[rune]rune
		for _, letter := range leet[sign] {
			for _, t := range tables {
				read := map[rune]rune{sign: letter}
				for k, v := range t {
					read[k] = v
				}
				next = append(next, read)
			}
		}
		if next != nil {
			tables = next
		}
	}
	if len(tables[0]) == 0 {
		return nil
	}
	return tables
}

// disguised finds the words that show when signs are read as letters.
func disguised(password, lower []rune, table map[rune]rune) (found []part) {
	plain := slices.Clone(lower)
	for i, r := range lower {
		if letter, ok := table[r]; ok {
			plain[i] = letter
		}
	}
	for _, p := range look(password, plain) {
		p.leet = map[rune]rune{}
		for _, r := range p.text {
			if letter, ok := table[r]; ok {
				p.leet[r] = letter
			}
		}
		// One sign alone is no word, and without any it was found before.
		if len(p.leet) > 0 && len(p.text) > 1 {
			found = append(found, p)
		}
	}
	return found
}

// capitalised says in which of the ways that everybody uses a word has capitals.
func capitalised(text string) (first, all bool) {
	if strings.ToLower(text) == text {
		return false, false
	}
	runes := []rune(text)
	rest := string(runes[1:])
	return unicode.IsUpper(runes[0]) && len(runes) > 1 && strings.ToLower(rest) == rest, strings.ToUpper(text) == text
}
