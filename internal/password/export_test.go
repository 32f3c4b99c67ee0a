package password

// Common is the embedded list.
func Common() []string { return common() }

// Occupy takes one worker until the returned function is called.
func Occupy(h *Hasher) (release func()) {
	h.workers <- struct{}{}
	return h.release
}
