package transport

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"

	"github.com/perennialauth/perennial/device/core"
)

// startForm asks for the address of a browser flow, in the form of the
// published hosted authentication.
func startForm(request core.SendRequest) url.Values {
	mode := "sign-in"
	if request.SignUp {
		mode = "sign-up"
	}
	return url.Values{
		"redirect_url": {request.Redirect}, "code_challenge": {request.Challenge}, "code_challenge_method": {"S256"},
		"state": {request.State}, "mode": {mode},
	}
}

// redeemForm reads the client together with what the browser brought.
func redeemForm(request core.SendRequest) url.Values {
	return url.Values{
		"_method": {"GET"}, "rotating_token_nonce": {request.Nonce.Reveal()}, "code_verifier": {request.Verifier.Reveal()},
	}
}

// decodeFlow reads the address to open.
func decodeFlow(answer *core.Responded, raw []byte) error {
	var shape struct {
		Object string `json:"object"`
		URL    string `json:"url"`
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		return err
	}
	if shape.Object != "hosted_auth" || !mayOpen(shape.URL) {
		return errShape
	}
	answer.URL = core.NewSecret(shape.URL)
	return nil
}

const maxAddress = 4096 // bytes

// mayOpen reports whether the system's browser may be sent to address: to a web
// page, over TLS unless it is on this machine. Any other scheme would let an
// answer start another program.
func mayOpen(address string) bool {
	if len(address) > maxAddress || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Hostname() == "" {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || (err == nil && ip.IsLoopback())
	default:
		return false
	}
}
