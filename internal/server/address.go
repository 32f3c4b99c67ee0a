package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// resolveAddress walks X-Forwarded-For from the right, the end our own
// proxies append to, and stops at the first address that is not a trusted
// proxy: everything left of it was written by whoever sent the request.
func resolveAddress(r *http.Request, trusted []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := host
	if !isTrusted(address, trusted) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		address = hop
		if !isTrusted(hop, trusted) {
			break
		}
	}
	return address
}

func isTrusted(address string, trusted []netip.Prefix) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
