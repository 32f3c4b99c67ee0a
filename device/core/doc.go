// Package core owns every decision about a session on a device: what is known
// about it, when it is restored, what may end it, and what has to be stored
// before what is sent.
//
// It offers one pure function, [Step], over a [State]: an [Event] goes in, a new
// State and a list of [Effect] values come out. Whoever runs it (see package
// shell) performs the effects and returns their outcomes as events.
//
// It refuses to touch the world: no clock, no randomness, no input or output,
// no goroutine. Time and entropy arrive in events. It refuses to call anybody
// signed out without proof, and it never panics, whatever it is told.
package core
