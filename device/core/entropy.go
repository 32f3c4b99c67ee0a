package core

import (
	"strconv"
	"strings"
	"time"
)

// draw takes 64 bits from stream i (0 or 1). The streams are the splitmix64
// sequence from the words that were delivered. Jitter needs spread, and a
// lineage name needs to be unique: two processes with different words never
// draw the same pair. Nothing here has to be unpredictable.
func (t *turn) draw(i int) uint64 {
	t.entropy[i] += 0x9e3779b97f4a7c15
	z := t.entropy[i]
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// spread returns d plus a random part of up to share of d.
func (t *turn) spread(d time.Duration, share float64) time.Duration {
	const bits = 20
	part := float64(t.draw(0)>>(64-bits)) / (1 << bits)
	return d + time.Duration(float64(d)*share*part)
}

// newLineage names a new sign-in and asks for fresh words for the next one.
func (t *turn) newLineage() string {
	name := hex16(t.draw(0)) + hex16(t.draw(1))
	t.do(NeedEntropy{})
	return name
}

func hex16(n uint64) string {
	s := strconv.FormatUint(n, 16)
	return strings.Repeat("0", 16-len(s)) + s
}
