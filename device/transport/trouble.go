package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/perennialauth/perennial/device/core"
)

// troubleOf classes an exchange that got no answer. The class is for the
// explanation; none of them proves anything about a session.
func troubleOf(err error) core.Trouble {
	var dns *net.DNSError
	var dial *net.OpError
	switch {
	case strings.Contains(err.Error(), "response headers exceeded"):
		return core.TroubleTooLarge
	case isTLS(err):
		return core.TroubleTLS
	case errors.As(err, &dns) && !dns.IsTimeout:
		return core.TroubleDNS
	case isTimeout(err):
		return core.TroubleTimeout
	case isReset(err):
		return core.TroubleReset
	case errors.As(err, &dial) && dial.Op == "proxyconnect", strings.Contains(err.Error(), "Proxy Authentication Required"):
		return core.TroubleProxy
	case errors.As(err, &dial), errors.Is(err, syscall.ECONNREFUSED):
		return core.TroubleNoRoute
	default:
		return core.TroubleUnknown
	}
}

func troubleWhileReading(err error) core.Trouble {
	switch {
	case errors.Is(err, errTooLarge):
		return core.TroubleTooLarge
	case isTimeout(err):
		return core.TroubleTimeout
	default:
		return core.TroubleReset
	}
}

func isTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid) ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") ||
		strings.Contains(err.Error(), "tls: ")
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, os.ErrDeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout())
}

func isReset(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}
