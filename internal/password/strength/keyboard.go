package strength

import (
	"strings"
	"sync"
)

// keyboard is which keys are beside which, and what each key writes: alone
// first, then with shift.
type keyboard struct {
	at      map[rune]place
	keys    map[[2]int][]rune
	around  [][2]int // the directions in which a key may have a neighbour
	shifts  bool     // the keys write two characters each
	degree  float64  // neighbours of a key, on average
	written float64  // characters that can begin a run
}

type place struct {
	key     [2]int
	shifted bool
}

// keyboards are the one that most people type on, and the block of digits. The
// rows of the first are each half a key further right, so that a key touches
// two of the row above and two of the row below.
var keyboards = sync.OnceValue(func() []*keyboard {
	return []*keyboard{newKeyboard([][2]int{{-1, 0}, {0, -1}, {1, -1}, {1, 0}, {0, 1}, {-1, 1}},
		"`~ 1! 2@ 3# 4$ 5% 6^ 7& 8* 9( 0) -_ =+",
		". qQ wW eE rR tT yY uU iI oO pP [{ ]} \\|",
		". aA sS dD fF gG hH jJ kK lL ;: '\"",
		". zZ xX cC vV bB nN mM ,< .> /?"), newKeyboard([][2]int{{-1, 0}, {-1, -1}, {0, -1}, {1, -1}, {1, 0}, {1, 1}, {0, 1}, {-1, 1}},
		"no / * -",
		"7 8 9 +",
		"4 5 6",
		"1 2 3",
		"no 0 .")}
})

// newKeyboard reads rows of keys; one of two characters has the second with
// shift, and a word that cannot be a key leaves its place empty.
func newKeyboard(around [][2]int, rows ...string) *keyboard {
	b := &keyboard{at: map[rune]place{}, keys: map[[2]int][]rune{}, around: around, shifts: len(rows) == 4}
	for y, row := range rows {
		for x, key := range strings.Fields(row) {
			writes := []rune(key)
			if key == "no" || (x == 0 && b.shifts && key == ".") {
				continue
			}
			b.keys[[2]int{x, y}] = writes
			for i, r := range writes {
				b.at[r] = place{[2]int{x, y}, i == 1}
			}
		}
	}
	neighbours := 0
	for at := range b.keys {
		for _, d := range around {
			if b.keys[[2]int{at[0] + d[0], at[1] + d[1]}] != nil {
				neighbours++
			}
		}
	}
	b.degree, b.written = float64(neighbours)/float64(len(b.keys)), float64(len(b.at))
	return b
}

// step returns the direction from one character to the next, or -1 when they
// are no neighbours.
func (b *keyboard) step(from, to rune) (direction int) {
	a, ok := b.at[from]
	z, also := b.at[to]
	if !ok || !also {
		return -1
	}
	for i, d := range b.around {
		if z.key == [2]int{a.key[0] + d[0], a.key[1] + d[1]} {
			return i
		}
	}
	return -1
}

// runs finds three or more keys of which each is beside the one before.
func runs(password []rune) (found []part) {
	for _, b := range keyboards() {
		for i := 0; i < len(password)-1; {
			p := b.run(password, i)
			if p.j-p.i >= 2 {
				found = append(found, p)
			}
			i = p.j + 1
			if p.j > p.i {
				i = p.j // the last key may begin the next run
			}
		}
	}
	return found
}

// run is the longest that begins at i.
func (b *keyboard) run(password []rune, i int) part {
	last, turns, shifted, j := -1, 0, 0, i
	if b.at[password[i]].shifted {
		shifted++
	}
	for ; j+1 < len(password); j++ {
		direction := b.step(password[j], password[j+1])
		if direction < 0 {
			break
		}
		if direction != last {
			turns, last = turns+1, direction
		}
		if b.at[password[j+1]].shifted {
			shifted++
		}
	}
	p := newPart(keys, password, i, j)
	p.board, p.turns, p.shifted = b, turns, shifted
	return p
}
