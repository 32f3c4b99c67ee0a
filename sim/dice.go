package sim

// Dice answers every question that the world leaves to chance. An answer
// depends on the seed and on what is asked, never on how often something else
// was asked before: so a run from which a command was taken away stays alike in
// everything else, which is what makes shrinking work.
type Dice uint64

// What is asked about; the first argument of roll.
const (
	askPlan uint64 = iota + 1
	askStore
	askWay
	askTimer
	askPeer
	askEntropy
	askKill
	askServer
	askBoot
	askKey
	askProof
)

func (d Dice) roll(about, a, b, c uint64) uint64 {
	z := uint64(d) + about*0x9e3779b97f4a7c15
	for _, part := range [...]uint64{a, b, c} {
		z = mix(z ^ part*0xd6e8feb86659fd93)
	}
	return mix(z)
}

// mix is the finishing step of splitmix64.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// stream is a run of numbers for one reader: a plan, or a server's entropy.
type stream struct {
	dice  Dice
	about uint64
	n     uint64
}

func (s *stream) next() uint64 {
	s.n++
	return s.dice.roll(s.about, s.n, 0, 0)
}

// below returns a number from 0 to n-1.
func (s *stream) below(n int) int { return int(s.next() % uint64(n)) }

// Read implements io.Reader: it is what the server of a simulation takes for
// randomness.
func (s *stream) Read(p []byte) (int, error) {
	for i := 0; i < len(p); i += 8 {
		v := s.next()
		for j := i; j < len(p) && j < i+8; j++ {
			p[j] = byte(v)
			v >>= 8
		}
	}
	return len(p), nil
}
