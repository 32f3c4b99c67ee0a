package core

// State is everything the machine knows. Its zero value is not usable: begin
// with [New]. A State is a value; [Step] returns a new one and leaves its
// argument as it was.
type State struct {
	config Config
}

// New returns the state before [Launch].
func New(config Config) State {
	return State{config: config.withDefaults()}
}
