// Package sim owns a world in which several devices, each with several
// processes over one disk, live with one server, and everything goes wrong.
//
// It offers [Run], which takes a list of commands and plays it: the real device
// machine is stepped by the simulation itself, the server is either the real
// one called in process or a small model of it, and network, disk and clocks
// are virtual. One seed decides everything, so the same run can be had again,
// and [Shrink] finds a short list of commands that fails like a long one.
// After each step the laws of the device are checked against what is true.
//
// It refuses to wait, to open a socket, and to decide what a session is: it
// looks at the code that ships and has no rule of its own beside the laws.
package sim
