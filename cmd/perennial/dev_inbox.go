package main

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/inbox"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/respond"
)

// withInbox mounts the inbox of development in front of an API.
func withInbox(messages *notify.Inbox, publicURL string, next http.Handler) http.Handler {
	return forThisMachine(inbox.New(messages, time.Now), publicURL, next)
}

// forThisMachine mounts what only this machine may use in front of an API.
func forThisMachine(m *respond.Mux, publicURL string, next http.Handler) http.Handler {
	own := hostOf(publicURL)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !m.Match(r) {
			next.ServeHTTP(w, r)
			return
		}
		if !fromHere(r, own) {
			w.Header().Del("Access-Control-Allow-Origin")
			respond.Error(w, r, auth.Refuse(auth.CodeAuthorizationInvalid))
			return
		}
		m.ServeHTTP(w, r)
	})
}

// fromHere refuses the inbox to web pages from elsewhere: a page that a
// developer happens to visit must not read the codes on their machine. The
// Origin header tells a page of another site; the Host header tells one whose
// name was made to resolve to this machine (DNS rebinding), which the browser
// takes for its own site and sends no Origin for.
func fromHere(r *http.Request, own string) bool {
	// An address as Host was not resolved from any name.
	if host := nameOf(r.Host); !isOurs(host, own) && net.ParseIP(host) == nil {
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || isOurs(hostOf(origin), own)
}

// isOurs says whether a host is this machine or one beside it.
func isOurs(host, own string) bool {
	if host == own || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func nameOf(hostPort string) string {
	if host, _, err := net.SplitHostPort(hostPort); err == nil {
		return host
	}
	return strings.Trim(hostPort, "[]")
}
