// Package wire owns the JSON shapes of the published Frontend API that the
// server writes and the device reads.
//
// It offers plain structs whose field names and nullability follow the
// published documents: a pointer or RawMessage is nullable, a slice is never
// null unless it says so, instants are integer milliseconds since the Unix
// epoch in UTC.
//
// It refuses behaviour: no rules, no conversion from domain values, no HTTP.
package wire
