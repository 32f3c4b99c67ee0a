// Package strength owns how many guesses a password withstands: the estimate
// that the published components show, by the method of Wheeler, "zxcvbn:
// Low-Budget Password Strength Estimation" (USENIX Security 2016).
//
// It offers [Of], which finds the words, keyboard runs, repeats, sequences and
// dates that a guesser would try, the cheapest way to compose the password of
// them, and what would make it better.
//
// It refuses to cost anything before it is asked: its lists of words are
// unpacked at the first estimate, because the commands of a device are in the
// same binary and start in milliseconds.
package strength
