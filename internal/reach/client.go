// Package reach owns requests to addresses that somebody else named: the
// receivers of webhooks, and proxies that are to be checked.
//
// It offers [Client], which cannot be led into the network of the server, and
// [Proxies], which asks whether an address leads to this instance.
//
// It refuses to follow redirects, to send anything secret, and to know what
// follows from an answer.
package reach

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errPrivate refuses a connection into a private network.
var errPrivate = errors.New("the address is not a public one")

// Client returns a client that gives up after timeout, from the look-up of the
// name to the end of the answer. Unless private is set it connects to public
// addresses only, whatever names lead to them; the check is made on the address
// that is connected to, so that a name cannot change in between.
func Client(timeout time.Duration, private bool) *http.Client {
	dialer := &net.Dialer{Timeout: timeout}
	if !private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return checkPublic(address) }
	}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, MaxIdleConnsPerHost: 2,
			IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// sharedSpace is for the networks of providers (RFC 6598).
var sharedSpace = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)

func checkPublic(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedSpace.Contains(ip) {
		return errPrivate
	}
	return nil
}
