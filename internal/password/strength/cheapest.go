package strength

import "math"

// perPart is what each further part costs at least: a guesser has to find out
// that there are so many.
const perPart = 10_000

// way is the cheapest way to compose a password of parts.
type way struct {
	guesses float64
	parts   []part
}

// step ends the cheapest way to the character at which it is kept, among those
// of the same number of parts.
type step struct {
	last    part
	product float64 // of the guesses of the parts
	guesses float64
}

// search is the paper's: by the number of parts, because more of them cost more
// by the order in which they may come.
type search struct {
	password []rune
	best     [][]step // by the last character and the number of parts; no guesses where there is no way
}

// cheapest finds the way. That of nothing has no parts.
func cheapest(password []rune) way {
	if len(password) == 0 {
		return way{guesses: 1}
	}
	s := search{password, make([][]step, len(password))}
	ending := make([][]part, len(password))
	for _, p := range parts(password) {
		ending[p.j] = append(ending[p.j], p)
	}
	for k := range password {
		s.best[k] = make([]step, k+2)
		for _, p := range ending[k] {
			if p.i == 0 {
				s.offer(p, 1)
				continue
			}
			for n, before := range s.best[p.i-1] {
				if before.guesses > 0 {
					s.offer(p, n+1)
				}
			}
		}
		s.force(k)
	}
	return s.unwind()
}

// force offers the ways whose last part, up to k, nothing explains. Two such
// parts in a row would be one.
func (s search) force(k int) {
	s.offer(newPart(byForce, s.password, 0, k), 1)
	for i := 1; i <= k; i++ {
		p := newPart(byForce, s.password, i, k)
		for n, before := range s.best[i-1] {
			if before.guesses > 0 && before.last.pattern != byForce {
				s.offer(p, n+1)
			}
		}
	}
}

// offer keeps the way that ends with p as its nth part, unless one of no more
// parts costs no more.
func (s search) offer(p part, n int) {
	product := p.guesses(len(s.password))
	if n > 1 {
		product *= s.best[p.i-1][n-1].product
	}
	g := factorial(n)*product + math.Pow(perPart, float64(n-1))
	for _, other := range s.best[p.j][:n+1] {
		if other.guesses > 0 && other.guesses <= g {
			return
		}
	}
	s.best[p.j][n] = step{p, product, g}
}

func (s search) unwind() way {
	k, n, least := len(s.password)-1, 0, math.Inf(1)
	for m, st := range s.best[k] {
		if st.guesses > 0 && st.guesses < least {
			n, least = m, st.guesses
		}
	}
	w := way{guesses: least, parts: make([]part, n)}
	for ; n > 0; n-- {
		w.parts[n-1] = s.best[k][n].last
		k = w.parts[n-1].i - 1
	}
	return w
}

func factorial(n int) float64 {
	f := 1.0
	for i := 2; i <= n; i++ {
		f *= float64(i)
	}
	return f
}
