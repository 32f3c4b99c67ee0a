package sqlstore

// query is one SQL text. Parameters are written $1, $2, … and mean the argument
// with that number on every database, whatever the order they appear in.
type query struct{ text string }

// queries lists every fixed text, so that a test can look at the plan of each.
var queries []*query

// fixed declares a text that is prepared once per connection and kept.
func fixed(text string) *query {
	q := &query{text}
	queries = append(queries, q)
	return q
}
