// Package inbox owns the inbox of development over HTTP: the messages that an
// instance would have sent, for people and for scripts.
//
// It offers [New], which serves /dev/inbox: pages to a browser, the list and
// each message as JSON to everybody else.
//
// It refuses to run anything that a message contains: the HTML of a mail is
// shown in a frame without script. Who may reach the inbox at all is decided by
// whoever mounts it.
package inbox

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/respond"
)

// Path is where the inbox is served.
const Path = "/dev/inbox"

// Messages are what the inbox shows. It is safe for concurrent use.
type Messages interface {
	List(ctx context.Context, to string) ([]notify.Entry, error)
	Find(ctx context.Context, id string) (entry notify.Entry, found bool, err error)
	Clear(ctx context.Context, to string) error
}

type inbox struct {
	messages Messages
	now      func() time.Time
}

// New returns the inbox, at [Path].
func New(messages Messages, now func() time.Time) *respond.Mux {
	i := &inbox{messages: messages, now: now}
	m := respond.NewMux()
	m.HandleFunc("GET "+Path, either(i.listPage, i.list))
	m.HandleFunc("POST "+Path, i.clear)
	m.HandleFunc("GET "+Path+"/{id}", either(i.onePage, i.one))
	m.HandleFunc("GET "+Path+"/{id}/html", i.frame)
	m.HandleFunc("GET "+Path+"/inbox.css", file("text/css; charset=utf-8", style))
	m.HandleFunc("GET "+Path+"/inbox.js", file("text/javascript; charset=utf-8", script))
	return m
}

// either serves the page to whoever asks for HTML, as browsers do, and the data
// to everybody else.
func either(page, data http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		if respond.AsksForHTML(r) {
			page(w, r)
			return
		}
		data(w, r)
	}
}

// address is the one that is asked for. A plus sign in an unescaped address
// arrives as a space, and an address has no spaces.
func address(given string) string { return strings.ReplaceAll(strings.TrimSpace(given), " ", "+") }

// list answers GET /dev/inbox?to=ADDRESS with a JSON array. It waits for
// nothing: whoever polls decides how often.
func (i *inbox) list(w http.ResponseWriter, r *http.Request) {
	entries, err := i.messages.List(r.Context(), address(r.URL.Query().Get("to")))
	if err != nil {
		respond.Unavailable(w, r, err)
		return
	}
	respond.JSON(w, http.StatusOK, entries)
}

// one answers GET /dev/inbox/{id}.
func (i *inbox) one(w http.ResponseWriter, r *http.Request) {
	entry, found, err := i.messages.Find(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		respond.Unavailable(w, r, err)
	case !found:
		respond.NotFound(w, r)
	default:
		respond.JSON(w, http.StatusOK, entry)
	}
}
