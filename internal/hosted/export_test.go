package hosted

// Patterns are those of all pages and files.
func (p *Pages) Patterns() []string { return p.mux.Patterns() }
