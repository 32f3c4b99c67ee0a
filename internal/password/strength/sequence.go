package strength

import "slices"

// repeats finds what is written several times without a break: from the left,
// the longest, and of what makes it the shortest.
func repeats(password []rune) (found []part) {
	for i := 0; i < len(password)-1; {
		base, times := repeated(password[i:])
		if times < 2 {
			i++
			continue
		}
		p := newPart(repeat, password, i, i+base*times-1)
		p.times, p.base = times, cheapest(p.text[:base]).guesses
		found = append(found, p)
		i = p.j + 1
	}
	return found
}

// repeated returns the length of what text begins with several times, and how
// many times.
func repeated(text []rune) (base, times int) {
	for length := 1; 2*length <= len(text); length++ {
		n := 1
		for (n+1)*length <= len(text) && slices.Equal(text[:length], text[n*length:(n+1)*length]) {
			n++
		}
		if n > 1 && n*length > base*times {
			base, times = length, n
		}
	}
	return base, times
}

// widestStep is the greatest distance of two characters of a sequence.
const widestStep = 5

// sequences finds characters at equal distances, like abcd and 9753: three or
// more, or two that are next to each other.
func sequences(password []rune) (found []part) {
	for i := 0; i < len(password)-1; {
		j, step := i+1, password[i+1]-password[i]
		for j+1 < len(password) && password[j+1]-password[j] == step {
			j++
		}
		wide := max(step, -step)
		if (j-i > 1 || wide == 1) && wide > 0 && wide <= widestStep {
			p := newPart(sequence, password, i, j)
			p.ascending = step > 0
			found = append(found, p)
		}
		i = j
	}
	return found
}
