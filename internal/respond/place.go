package respond

import (
	"context"
	"net/http"
)

// Place is where a client is. Members are empty when unknown.
type Place struct {
	Country string // two letters, ISO 3166-1
	City    string
}

type placeKey struct{}

// WithPlace returns a context that carries where the client is, as a trusted
// proxy told the server's middleware.
func WithPlace(ctx context.Context, p Place) context.Context {
	return context.WithValue(ctx, placeKey{}, p)
}

// ClientPlace is where the client of a request is: what [WithPlace] said.
func ClientPlace(r *http.Request) Place {
	p, _ := r.Context().Value(placeKey{}).(Place)
	return p
}
