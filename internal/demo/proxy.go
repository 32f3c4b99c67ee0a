package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perennialauth/perennial/internal/proof"
)

// mode is what the proxy does to requests.
type mode int32

const (
	modeUp mode = iota
	modeSlow
	modeDown
	modeServerError
	modeRateLimited
	modePage
	modeRotate
)

const slowness = 3 * time.Second

// sentKey is under what the context of a request keeps the alias it brought.
type sentKey struct{}

// faultProxy stands between device and server on loopback.
type faultProxy struct {
	listener net.Listener
	server   *http.Server
	forward  *httputil.ReverseProxy
	current  atomic.Int32
	requests atomic.Int64

	mu      sync.Mutex
	aliases map[string]string // a handed-out credential to the server's own
}

func startProxy(ctx context.Context, target string) (*faultProxy, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &faultProxy{listener: listener, aliases: map[string]string{}}
	p.forward = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = to.Host },
		ModifyResponse: p.rotate,
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

func (p *faultProxy) url() string { return "http://" + p.listener.Addr().String() }
func (p *faultProxy) stop()       { _ = p.server.Close() }
func (p *faultProxy) set(m mode)  { p.current.Store(int32(m)) }

// ServeHTTP implements http.Handler.
func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	count := p.requests.Add(1)
	r = p.resolve(r)
	switch mode(p.current.Load()) {
	case modeSlow:
		select {
		case <-time.After(slowness):
		case <-r.Context().Done():
			return
		}
	case modeDown:
		reset(w)
		return
	case modeServerError:
		status := []int{500, 502, 503, 504, 520}[count%5]
		respond(w, status, "application/json", `{"errors":[{"code":"internal_error","message":"down","long_message":"down"}]}`)
		return
	case modeRateLimited:
		w.Header().Set("Retry-After", "30")
		respond(w, http.StatusTooManyRequests, "application/json", `{"errors":[{"code":"too_many_requests","message":"slow down","long_message":"slow down"}]}`)
		return
	case modeUp, modeRotate:
	case modePage:
		w.Header().Set("Authorization", "a-portal-has-no-business-here")
		respond(w, http.StatusOK, "text/html", "<html><title>Welcome to the hotel</title>Please accept the terms.</html>")
		return
	}
	p.forward.ServeHTTP(w, r)
}

func respond(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// reset breaks the connection as a host without a listener does.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// resolve puts the server's own credential in the place of one that was handed
// out here. Predecessors stay valid, as they do at a server that rotates.
func (p *faultProxy) resolve(r *http.Request) *http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := r.Header.Get("Authorization")
	own, known := p.aliases[sent]
	if !known {
		return r
	}
	r = r.WithContext(context.WithValue(r.Context(), sentKey{}, sent))
	r.Header.Set("Authorization", own)
	return r
}

// rotate hands out another credential with every successful answer. What the
// server says it got is told in the name that the device knows.
func (p *faultProxy) rotate(response *http.Response) error {
	if sent, aliased := response.Request.Context().Value(sentKey{}).(string); aliased {
		response.Header.Set("Perennial-Credential", proof.Hash(sent))
	}
	if mode(p.current.Load()) != modeRotate || response.StatusCode != http.StatusOK {
		return nil
	}
	own := response.Request.Header.Get("Authorization")
	if handed := response.Header.Get("Authorization"); handed != "" {
		own = handed
	}
	if own == "" {
		return nil
	}
	var random [24]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	alias := "rotated_" + hex.EncodeToString(random[:])
	p.mu.Lock()
	p.aliases[alias] = own
	p.mu.Unlock()
	response.Header.Set("Authorization", alias)
	return nil
}
