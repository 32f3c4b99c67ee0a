package respond

import (
	"net"
	"net/http"
)

// OwnBase is where the instance is reached by whoever sent the request, as
// scheme and host. Under development a caller on this machine that speaks plain
// http is sent to addresses that do, too: its browser need not know the local
// certificate authority. In production it is always publicURL, whatever the
// request says about its host.
func OwnBase(r *http.Request, publicURL string, production bool) string {
	if r.TLS == nil && !production && LoopbackHost(r.Host) {
		return "http://" + r.Host
	}
	return publicURL
}

// LoopbackHost says whether a host, with or without a port, is this machine.
func LoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
