package respond

import (
	"context"
	"net"
	"net/http"
)

type addressKey struct{}

// WithClientAddress returns a context that carries the address of the client
// as the server's middleware determined it, proxies taken into account.
func WithClientAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// ClientAddress is the IP address of the client: what [WithClientAddress]
// said, else the peer of the connection. It is empty when unknown.
func ClientAddress(r *http.Request) string {
	if a, ok := r.Context().Value(addressKey{}).(string); ok {
		return a
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}
