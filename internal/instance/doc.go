// Package instance owns the settings of the instance as they are now: those it
// was started with, and what was changed while it runs.
//
// It offers [Live], which answers from memory and makes changes durable.
//
// It refuses to know what a setting means, which package auth decides, and how
// anybody asks for a change.
package instance
