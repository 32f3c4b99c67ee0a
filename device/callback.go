package device

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/device/core"
)

// Bounds of what the operating system may hand over as a callback, in bytes.
const (
	maxCallback  = 8 << 10
	maxParameter = 1 << 10
)

// Parameters of a callback, by their published names.
const (
	paramState   = "state"
	paramNonce   = "rotating_token_nonce"
	paramSession = "created_session_id"
)

// parseCallback reads a callback URL. Any program can make the operating system
// deliver one, so only the published form is taken: each of the three
// parameters exactly once, none of them empty. Other parameters are left to
// whoever put them there.
func parseCallback(raw string) (core.CallbackArrived, bool) {
	target, query, found := strings.Cut(raw, "?")
	if len(raw) > maxCallback || !found {
		return core.CallbackArrived{}, false
	}
	canonical, ok := canonicalReturn(target)
	values, err := url.ParseQuery(query)
	if !ok || err != nil || strings.ContainsFunc(query, oddByte) || strings.Contains(query, "#") {
		return core.CallbackArrived{}, false
	}
	state, haveState := once(values, paramState)
	nonce, haveNonce := once(values, paramNonce)
	session, haveSession := once(values, paramSession)
	if !haveState || !haveNonce || !haveSession || strings.ContainsFunc(session, notID) {
		return core.CallbackArrived{}, false
	}
	return core.CallbackArrived{Target: canonical, State: state, Nonce: core.NewSecret(nonce), SessionID: session}, true
}

// once returns a parameter that is there exactly once, with a value that could
// be one.
func once(values url.Values, name string) (string, bool) {
	list := values[name]
	if len(list) != 1 || list[0] == "" || len(list[0]) > maxParameter || strings.ContainsFunc(list[0], oddByte) {
		return "", false
	}
	return list[0], true
}

// canonicalReturn returns the one spelling of an address that a browser comes
// back to: scheme, host, port and path, and nothing else. Two addresses are the
// same exactly when their canonical forms are.
func canonicalReturn(raw string) (string, bool) {
	if len(raw) > maxCallback || strings.ContainsFunc(raw, oddByte) || strings.ContainsAny(raw, "?#") {
		return "", false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.User != nil || u.Opaque != "" || (u.Host == "" && u.Path == "") {
		return "", false
	}
	if (u.Scheme == "http" || u.Scheme == "https") && (u.Hostname() == "" || (u.Scheme == "http" && !loopback(u.Hostname()))) {
		return "", false
	}
	form := u.Scheme + ":"
	if u.Host != "" || strings.HasPrefix(raw[len(u.Scheme)+1:], "//") {
		form += "//" + strings.ToLower(u.Host)
	}
	path := u.EscapedPath()
	if path == "" && u.Scheme == "http" {
		path = "/" // a browser asks for this, whatever it was sent to
	}
	return form + path, true
}

// loopback reports whether host is an address of this machine. A name can be
// made to mean another one; RFC 8252, section 8.3.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// oddByte are the bytes that no part of a callback needs.
func oddByte(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"<>`", r) }

// notID are the bytes that no session id has.
func notID(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-'
}
