package core

// Step tells the machine that event happened at now, and returns what it
// became and what it wants done, in order. It is pure: equal arguments give
// equal results and no argument is altered. It has an answer for every event in
// every state.
func Step(state State, now Instant, event Event) (State, []Effect) {
	return state, nil
}
