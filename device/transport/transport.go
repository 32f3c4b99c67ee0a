// Package transport owns the exchange with a server that speaks the published
// Frontend API in its native form, and the judgement of what kind of answer
// came back.
//
// It offers [New] and [Transport.Do], which performs one request effect of the
// core and returns one event. An answer counts as the server's word only if it
// has exactly the published shape for that request; everything else (a proxy's
// page, a redirect, an error in a form nobody documented, silence) is
// [core.Ambiguous], with what is known of it as evidence.
//
// It refuses to retry, to follow redirects, to keep a credential, and to say
// what an answer means for a session.
package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/proofkey"
	"github.com/perennialauth/perennial/device/publishablekey"
)

// Limits on what a server may make a device do.
const (
	defaultTimeout = 30 * time.Second
	connectTimeout = 10 * time.Second
	maxBody        = 4 << 20 // bytes; the largest published client is far below
	maxHeaders     = 64 << 10
)

// apiVersion is the published version whose shapes this package reads.
const apiVersion = "2026-05-12"

// Config says which server to speak to.
type Config struct {
	// PublishableKey names the host, and must be valid even if Server is set:
	// it is the tenant.
	PublishableKey string
	// Server overrides the base URL, with or without a path. Plain http is
	// accepted for loopback addresses only: a credential travels with each
	// request.
	Server string
	// RootCAs are the trusted certificate authorities; nil means the system's.
	RootCAs *x509.CertPool
	// RoundTripper replaces the network, for tests; RootCAs is then unused.
	RoundTripper http.RoundTripper
	// Timeout bounds one exchange from dial to last byte. Default 30 s.
	Timeout time.Duration
	// UserAgent names the host program; may be empty.
	UserAgent string
	// Bind has the credentials of new sign-ins bound to a device key, where the
	// server does that. Keys makes the keys and signs with them, also for what
	// was bound before; nil means keys in software.
	Bind bool
	Keys proofkey.Keys
	// Now and Entropy replace the clock and the source of what is in proofs, for
	// simulations.
	Now     func() time.Time
	Entropy io.Reader
}

// Transport performs exchanges. It is safe for concurrent use.
type Transport struct {
	base      string
	client    *http.Client
	timeout   time.Duration
	userAgent string
	prover    prover
}

// New checks the configuration and touches no network. An invalid key gives a
// [*publishablekey.Error].
func New(config Config) (*Transport, error) {
	key, err := publishablekey.Parse(config.PublishableKey)
	if err != nil {
		return nil, err
	}
	base := key.BaseURL()
	if config.Server != "" {
		if base, err = checkServer(config.Server); err != nil {
			return nil, err
		}
	}
	t := &Transport{base: base, timeout: config.Timeout, userAgent: "perennial-device"}
	if t.timeout <= 0 {
		t.timeout = defaultTimeout
	}
	if config.UserAgent != "" {
		t.userAgent = config.UserAgent
	}
	round := config.RoundTripper
	if round == nil {
		round = network(config.RootCAs)
	}
	t.prover.keys, t.prover.bind, t.prover.now, t.prover.entropy = config.Keys, config.Bind, config.Now, config.Entropy
	if t.prover.keys == nil {
		t.prover.keys = proofkey.Software{}
	}
	if t.prover.now == nil {
		t.prover.now = time.Now
	}
	t.client = &http.Client{
		Transport: round,
		// The published API never redirects a device. Following one would
		// carry the credential to whoever answered.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return t, nil
}

// BaseURL is where requests go, without /v1.
func (t *Transport) BaseURL() string { return t.base }

// Close drops idle connections.
func (t *Transport) Close() { t.client.CloseIdleConnections() }

func network(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		MaxResponseHeaderBytes: maxHeaders,
		// What a broken gateway sends beyond an answer, a body with 204 for
		// example, the standard library prints to standard error when it waits
		// on the connection for the next one: session tokens and all. So a
		// connection of HTTP/1 serves one exchange. HTTP/2 frames what it sends,
		// and its connections are kept.
		MaxIdleConnsPerHost: -1,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
		// A few bytes of gzip can stand for megabytes of JSON.
		DisableCompression: true,
	}
}

func checkServer(server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return "", fmt.Errorf("server URL %q is not of the form https://host or https://host/path", cut(server, 120))
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("server URL may not have a user, query or fragment")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(u.Hostname()):
	case u.Scheme == "http":
		return "", fmt.Errorf("server URL %q is plain http; only loopback addresses may be used without https", cut(server, 120))
	default:
		return "", fmt.Errorf("server URL %q has a scheme other than https", cut(server, 120))
	}
	return strings.TrimSuffix(strings.TrimSuffix(u.String(), "/"), "/v1"), nil
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Do performs one exchange. It always returns an answer, at the latest when its
// time limit or ctx ends; ID and Wall are left to the caller. A server that asks
// for the same request with a nonce in its proof gets it within the exchange.
func (t *Transport) Do(ctx context.Context, request core.SendRequest) core.Responded {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	proving := t.prover.plan(ctx, request)
	answer, again := t.try(ctx, request, &proving)
	if again {
		answer, _ = t.try(ctx, request, &proving)
	}
	return answer
}

// try sends request once and reports whether the server wants it again with
// another proof.
func (t *Transport) try(ctx context.Context, request core.SendRequest, proving *attempt) (answer core.Responded, again bool) {
	outgoing, err := t.build(ctx, request)
	if err != nil {
		return core.Responded{Class: core.Ambiguous, Trouble: core.TroubleUnknown}, false
	}
	t.prover.prove(ctx, outgoing, proving)
	response, err := t.client.Do(outgoing)
	if err != nil {
		return core.Responded{Class: core.Ambiguous, Trouble: troubleOf(err)}, false
	}
	defer response.Body.Close()
	body, err := readBody(response.Body)
	answer = readHeaders(response)
	answer.Credential = proving.bound(answer.Credential, response.Header)
	if err != nil {
		answer.Class, answer.Trouble = core.Ambiguous, troubleWhileReading(err)
		return answer, false
	}
	again = t.prover.heard(response.Header, *proving) && wantsProof(response)
	answer = classify(request, answer, response.Header.Get("Content-Type"), body)
	told := response.Header.Get(arrivedHeader)
	answer.Presented = told != "" && told == proofkey.Hash(outgoing.Header.Get("Authorization"))
	switch {
	case told != "" && !answer.Presented && !request.Credential.IsZero():
		// Whatever it says, it does not say it about this credential.
		answer.Class, answer.Trouble = core.Ambiguous, core.TroubleStripped
	case wantsProof(response):
		answer.Class, answer.Trouble = core.Ambiguous, core.TroubleProof
	}
	return answer, again
}

var errTooLarge = errors.New("answer is larger than the limit")

func readBody(r io.Reader) ([]byte, error) {
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(r, maxBody+1)); err != nil {
		return nil, err
	}
	if body.Len() > maxBody {
		return nil, errTooLarge
	}
	return body.Bytes(), nil
}
