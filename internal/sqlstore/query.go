package sqlstore

// query is one SQL text. Parameters are written $1, $2, … and mean the argument
// with that number on every database, whatever the order they appear in.
type query struct {
	text  string
	build func() string // of the text, where that is put together from columns
}

// queries lists every fixed text, so that a test can look at the plan of each.
// Every process makes room for it, also one that never opens a database.
var queries = make([]*query, 0, 192)

// fixed declares a text that is prepared once per connection and kept.
func fixed(text string) *query { return declared(query{text: text}) }

// built declares a text like [fixed], and puts it together when a connection
// prepares it: every process would pay for it otherwise, also one that never
// opens a database.
func built(text func() string) *query { return declared(query{build: text}) }

func declared(q query) *query {
	queries = append(queries, &q)
	return &q
}

// sql is the text of the query.
func (q *query) sql() string {
	if q.build != nil {
		return q.build()
	}
	return q.text
}
