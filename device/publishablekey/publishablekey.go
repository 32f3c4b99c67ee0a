// Package publishablekey owns the form of publishable keys: pk_test_ or
// pk_live_ followed by the base64 of the Frontend API host and a dollar sign.
//
// It offers [Parse], which says exactly what is wrong with a key, and
// [Key.String], which builds one in the only spelling every published SDK
// accepts. Devices and the server both use it.
//
// It refuses keys that some published SDK would refuse, so that a key that
// works here works everywhere.
package publishablekey

import (
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Key is a parsed publishable key. It is public and may be printed.
type Key struct {
	// Live is true for pk_live_ and false for pk_test_.
	Live bool
	// Host is the Frontend API host with an optional port.
	Host string
}

const (
	testPrefix = "pk_test_"
	livePrefix = "pk_live_"
)

// Error says what is wrong with a key, in words for the person who set it. It
// never repeats the text it was given: that may be a secret key.
type Error struct{ Problem string }

// Error implements error.
func (e *Error) Error() string { return "publishable key: " + e.Problem }

func wrong(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// New returns the key for a Frontend API host. It fails with an [*Error] if the
// host cannot stand in a key.
func New(host string, live bool) (Key, error) {
	if err := checkHost(host); err != nil {
		return Key{}, err
	}
	return Key{Live: live, Host: host}, nil
}

// String returns the key in canonical, padded base64; Android decodes no other.
func (k Key) String() string {
	prefix := testPrefix
	if k.Live {
		prefix = livePrefix
	}
	return prefix + base64.StdEncoding.EncodeToString([]byte(k.Host+"$"))
}

// BaseURL is where the Frontend API of the key is served; always https, as in
// every published SDK.
func (k Key) BaseURL() string { return "https://" + k.Host }

// Parse reads a key. Missing padding is tolerated. The error is an [*Error].
func Parse(text string) (Key, error) {
	encoded, live, err := trimPrefix(text)
	if err != nil {
		return Key{}, err
	}
	if strings.Contains(encoded, "_") {
		return Key{}, wrong("has more than three parts separated by _")
	}
	if encoded == "" {
		return Key{}, wrong("ends after its prefix; the encoded host is missing")
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil || !utf8.Valid(decoded) {
		return Key{}, wrong("the part after the prefix is not base64; was the key cut off or altered while copying?")
	}
	host, ended := strings.CutSuffix(string(decoded), "$")
	if !ended {
		return Key{}, wrong("the decoded host does not end with a dollar sign; was the end of the key cut off?")
	}
	if err := checkHost(host); err != nil {
		return Key{}, err
	}
	return Key{Live: live, Host: host}, nil
}

func trimPrefix(text string) (encoded string, live bool, err error) {
	switch {
	case text == "":
		return "", false, wrong("is empty; it begins with pk_test_ or pk_live_")
	case strings.TrimSpace(text) != text:
		return "", false, wrong("has white space around it")
	case strings.Trim(text, `"'`) != text:
		return "", false, wrong("has quotation marks around it")
	case strings.HasPrefix(text, "sk_"):
		return "", false, wrong("this is a secret key (sk_…); devices get the publishable key, and this secret must now be replaced if it was shipped")
	case strings.HasPrefix(text, testPrefix):
		return text[len(testPrefix):], false, nil
	case strings.HasPrefix(text, livePrefix):
		return text[len(livePrefix):], true, nil
	case strings.HasPrefix(text, "pk_"):
		return "", false, wrong("the prefix is neither pk_test_ nor pk_live_")
	default:
		return "", false, wrong("does not begin with pk_test_ or pk_live_")
	}
}

// checkHost accepts host or host:port as it may stand in a key.
func checkHost(host string) error {
	switch {
	case host == "":
		return wrong("the host in it is empty")
	case strings.Contains(host, "$"):
		return wrong("the host in it contains a dollar sign")
	case strings.Contains(host, "://"):
		return wrong("the host in it has a scheme (%q); only host or host:port may stand there", printable(host))
	case strings.Contains(host, "/"):
		return wrong("the host in it has a path (%q), which published SDKs drop", printable(host))
	}
	name := host
	if strings.Contains(host, ":") {
		var port string
		var err error
		name, port, err = net.SplitHostPort(host)
		number, badPort := strconv.ParseUint(port, 10, 16)
		if err != nil || badPort != nil || number == 0 {
			return wrong("the host in it has no valid port (%q)", printable(host))
		}
	}
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != "" {
		return wrong("the host in it has a character that no host name has (%q)", printable(host))
	}
	if !strings.Contains(name, ".") {
		return wrong("the host in it has no dot (%q); published SDKs refuse such keys, use 127.0.0.1 instead of localhost", printable(host))
	}
	return nil
}

// printable bounds what an error repeats of a host.
func printable(host string) string {
	const most = 80
	if len(host) > most {
		host = host[:most]
	}
	return strings.ToValidUTF8(host, "?")
}
