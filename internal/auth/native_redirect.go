package auth

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// NativeRedirects says where a browser may return to when a native app sent it:
// RFC 8252, section 7. Everything else would make the instance send people, and
// what signs them in, to whoever asks for it.
type NativeRedirects struct {
	// Listed are the return addresses of the instance's apps: a private-use
	// scheme (com.example.app:/callback, myapp://callback), a claimed https
	// link, or the loopback without a port (http://127.0.0.1/callback), which
	// stands for every port. They are compared as a whole.
	Listed []string
	// Development accepts every private-use scheme and every path on the
	// loopback, too.
	Development bool
}

// maxRedirect bounds a return address, in bytes.
const maxRedirect = 2048

// Allows says whether raw may end a flow. What it accepts has no query and no
// fragment, so that what is added to it cannot be confused with what was there.
func (n NativeRedirects) Allows(raw string) bool {
	u, ok := parseNativeRedirect(raw)
	if !ok {
		return false
	}
	listed := slices.ContainsFunc(n.Listed, func(entry string) bool {
		e, ok := parseNativeRedirect(entry)
		return ok && sameRedirect(e, u)
	})
	return listed || (n.Development && u.Scheme != "https")
}

// Check says which listed address is not one, or returns "".
func (n NativeRedirects) Check() string {
	for _, entry := range n.Listed {
		if _, ok := parseNativeRedirect(entry); !ok {
			return entry
		}
	}
	return ""
}

// sameRedirect compares a listed address with a requested one.
func sameRedirect(listed, u *url.URL) bool {
	if listed.Scheme != u.Scheme || listed.EscapedPath() != u.EscapedPath() {
		return false
	}
	if listed.Scheme == "http" && listed.Port() == "" {
		// RFC 8252, section 7.3: the app cannot know its port beforehand.
		return listed.Hostname() == u.Hostname()
	}
	return listed.Host == u.Host
}

// parseNativeRedirect accepts the three forms, and of each only the spelling
// that every parser reads alike.
func parseNativeRedirect(raw string) (*url.URL, bool) {
	if len(raw) > maxRedirect || strings.ContainsFunc(raw, oddInURL) {
		return nil, false
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#") {
		return nil, false
	}
	if strings.Contains(u.EscapedPath(), "%") || strings.Contains(u.Path, "/..") || strings.Contains(u.Path, "/./") {
		return nil, false
	}
	u.Host = strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		// A name such as localhost can be made to resolve elsewhere; RFC 8252,
		// section 8.3.
		ip, err := netip.ParseAddr(u.Hostname())
		return u, err == nil && ip.IsLoopback() && ip.Zone() == "" && validPort(u)
	case "https":
		return u, u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil && strings.Contains(u.Hostname(), ".") && validPort(u)
	default:
		return u, privateUse(u)
	}
}

func validPort(u *url.URL) bool {
	return u.Port() != "0" && !strings.HasSuffix(u.Host, ":")
}

// privateUse says whether the address has a scheme that only an app can have
// registered: not one that a browser, or an operating system, acts upon by
// itself.
func privateUse(u *url.URL) bool {
	if len(u.Scheme) < 2 || (u.Host == "" && u.Path == "") || u.Port() != "" {
		return false
	}
	return !slices.Contains(reservedSchemes, u.Scheme) && !strings.HasPrefix(u.Scheme, "ms-")
}

var reservedSchemes = []string{
	"about", "blob", "chrome", "chrome-extension", "content", "data", "dav", "facetime", "feed", "file", "filesystem",
	"ftp", "ftps", "geo", "gopher", "intent", "irc", "itms", "itms-apps", "jar", "javascript", "ldap", "magnet", "mailto",
	"market", "moz-extension", "news", "nfs", "resource", "sftp", "shell", "sip", "sms", "smb", "ssh", "tel", "telnet",
	"urn", "vbscript", "view-source", "vnc", "webcal", "ws", "wss", "x-apple", "xmpp",
}

// oddInURL are bytes that no return address needs and that parsers disagree
// about.
func oddInURL(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("\\\"'<>^`{|}", r)
}

// PasteReturn is the return address of a terminal whose person signs in on
// another device: no app opens it, and the instance's own page shows what it
// would have been given, to be pasted. In production it has to be listed like
// any other, because a person can be talked into passing such a line on.
const PasteReturn = "dev.perennial.terminal:/paste"
