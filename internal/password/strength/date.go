package strength

import (
	"slices"
	"strconv"
)

// Years that dates are looked for in, and the one they are close to. The
// distance counts as 20 at least, so the last may be wrong by some.
const (
	earliestYear  = 1000
	latestYear    = 2050
	referenceYear = 2026
	leastDistance = 20
)

// years finds those of our time.
func years(password []rune) (found []part) {
	for i := 0; i+4 <= len(password); i++ {
		n, ok := number(password[i : i+4])
		if ok && n >= 1900 && n < latestYear {
			p := newPart(year, password, i, i+3)
			p.year = n
			found = append(found, p)
		}
	}
	return found
}

// number reads digits.
func number(text []rune) (int, bool) {
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(string(text))
	return n, err == nil
}

// dates finds those written in digits, alone or with separators, but none
// within another.
func dates(password []rune) []part {
	var found []part
	for i := range password {
		for length := 4; length <= 10 && i+length <= len(password); length++ {
			text := password[i : i+length]
			y, separated := dense(text), false
			if y == 0 {
				y, separated = spaced(text), true
			}
			if y != 0 {
				p := newPart(date, password, i, i+length-1)
				p.year, p.separated = y, separated
				found = append(found, p)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(found), func(p part) bool {
		return slices.ContainsFunc(found, func(o part) bool { return o.i <= p.i && p.j <= o.j && len(o.text) > len(p.text) })
	})
}

// cuts are where digits without separators may be cut in three, by their number.
var cuts = map[int][][2]int{
	4: {{1, 2}, {2, 3}}, // 1 1 91, 91 1 1
	5: {{1, 3}, {2, 3}},
	6: {{1, 2}, {2, 4}, {4, 5}},
	7: {{1, 3}, {2, 3}, {4, 5}, {4, 6}},
	8: {{2, 4}, {4, 6}},
}

// dense is the year of a date without separators, of several readings the one
// that is closest to today; zero for what is none.
func dense(text []rune) (closest int) {
	if _, digits := number(text); !digits {
		return 0
	}
	for _, c := range cuts[len(text)] {
		y := yearOf(text[:c[0]], text[c[0]:c[1]], text[c[1]:])
		if y != 0 && (closest == 0 || distance(y) < distance(closest)) {
			closest = y
		}
	}
	return closest
}

// spaced is the year of a date whose three numbers have the same separator
// between them; zero for what is none.
func spaced(text []rune) int {
	var at []int
	for i, r := range text {
		if slices.Contains([]rune(" /\\_.-\t"), r) {
			at = append(at, i)
		}
	}
	if len(at) != 2 || text[at[0]] != text[at[1]] {
		return 0
	}
	a, b, c := text[:at[0]], text[at[0]+1:at[1]], text[at[1]+1:]
	if len(a) < 1 || len(a) > 4 || len(b) < 1 || len(b) > 2 || len(c) < 1 || len(c) > 4 {
		return 0
	}
	return yearOf(a, b, c)
}

// yearOf reads three numbers as a date with the year first or last, and returns
// the year, or zero.
func yearOf(a, b, c []rune) int {
	first, ok1 := number(a)
	middle, ok2 := number(b)
	last, ok3 := number(c)
	if !ok1 || !ok2 || !ok3 || middle > 31 || middle < 1 || !plausible(first, middle, last) {
		return 0
	}
	for _, y := range []struct{ year, other int }{{last, first}, {first, last}} {
		if y.year >= earliestYear && y.year <= latestYear {
			if dayAndMonth(middle, y.other) {
				return y.year
			}
			return 0 // what has a year in it and no day is no date
		}
	}
	for _, y := range []struct{ year, other int }{{last, first}, {first, last}} {
		if dayAndMonth(middle, y.other) {
			return century(y.year)
		}
	}
	return 0
}

// plausible sorts out numbers that cannot be a date in any order.
func plausible(numbers ...int) bool {
	over31, over12, under1 := 0, 0, 0
	for _, n := range numbers {
		if (n > 99 && n < earliestYear) || n > latestYear {
			return false
		}
		if n > 31 {
			over31++
		}
		if n > 12 {
			over12++
		}
		if n < 1 {
			under1++
		}
	}
	return over31 < 2 && over12 < 3 && under1 < 2
}

func dayAndMonth(a, b int) bool {
	fits := func(day, month int) bool { return day >= 1 && day <= 31 && month >= 1 && month <= 12 }
	return fits(a, b) || fits(b, a)
}

// century makes a year of its last two digits.
func century(y int) int {
	switch {
	case y > 99:
		return y
	case y > 50:
		return 1900 + y
	default:
		return 2000 + y
	}
}

func distance(y int) int { return max(y-referenceYear, referenceYear-y) }
