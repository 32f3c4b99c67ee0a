package sim

// Shrink looks for a shorter list of commands that still fails: it leaves out
// halves, then quarters, and so on, for as long as fails says yes. It asks at
// most tries times.
func Shrink(commands []Command, tries int, fails func([]Command) bool) []Command {
	for size := (len(commands) + 1) / 2; size > 0; {
		shorter := false
		for start := 0; start < len(commands) && tries > 0; {
			end := min(start+size, len(commands))
			attempt := append(append([]Command{}, commands[:start]...), commands[end:]...)
			tries--
			if fails(attempt) {
				commands, shorter = attempt, true
			} else {
				start = end
			}
		}
		switch {
		case tries <= 0:
			return commands
		case !shorter && size == 1:
			return commands
		case !shorter || size > len(commands):
			size = (size + 1) / 2
			if !shorter && size == 1 && len(commands) == 1 {
				return commands
			}
		}
	}
	return commands
}
