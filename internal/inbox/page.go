package inbox

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/respond"
)

var (
	//go:embed pages/*.html
	templates embed.FS
	//go:embed pages/inbox.css
	style []byte
	//go:embed pages/inbox.js
	script []byte

	// pages are parsed when one is shown first: most processes show none.
	pages = sync.OnceValue(func() *template.Template {
		return template.Must(template.ParseFS(templates, "pages/*.html"))
	})
	foreign = http.NewCrossOriginProtection()
)

const (
	pageSize = 50
	// ourselves is what a page may consist of: files of the inbox.
	ourselves = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	// shownMail is what the HTML of a mail may do: be looked at.
	shownMail = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
		"img-src 'self' data:; form-action 'none'; frame-ancestors 'self'"
	maxForm = 4 << 10 // bytes
)

// item is a message as a page shows it.
type item struct {
	notify.Entry
	Title string // the subject, or how a text begins
	Ago   string // when it was made, in words
	At    time.Time
}

// listed is what the template of the list is given.
type listed struct {
	To           string // the address that is asked for; or empty
	Items        []item
	Total        int
	Newest       string // the newest message, for the script that looks for news
	Newer, Older string // addresses of the pages beside this one; or empty
}

func (i *inbox) listPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	page := listed{To: address(query.Get("to"))}
	entries, err := i.messages.List(r.Context(), page.To)
	if err != nil {
		respond.Unavailable(w, r, err)
		return
	}
	page.Total = len(entries)
	if page.Total > 0 {
		page.Newest = entries[0].ID
	}
	at, _ := strconv.Atoi(query.Get("from"))
	from := min(max(at, 0), page.Total)
	to := min(from+pageSize, page.Total)
	if from > 0 {
		page.Newer = beside(page.To, max(0, from-pageSize))
	}
	if to < page.Total {
		page.Older = beside(page.To, to)
	}
	for _, e := range entries[from:to] {
		page.Items = append(page.Items, i.item(e))
	}
	write(w, r, http.StatusOK, "list.html", page)
}

func beside(to string, from int) string {
	query := url.Values{}
	if to != "" {
		query.Set("to", to)
	}
	if from > 0 {
		query.Set("from", strconv.Itoa(from))
	}
	return Path + "?" + query.Encode()
}

func (i *inbox) item(e notify.Entry) item {
	at := time.UnixMilli(e.CreatedAt)
	title := e.Subject
	if title == "" {
		title, _, _ = strings.Cut(e.Body, "\n")
	}
	return item{Entry: e, Title: title, At: at, Ago: ago(i.now().Sub(at), at)}
}

// ago says in words how long something is past, and the instant when that is
// long.
func ago(d time.Duration, at time.Time) string {
	switch {
	case d < 10*time.Second:
		return "just now"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s ago"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min ago"
	default:
		return at.Format("2 Jan 15:04")
	}
}

func (i *inbox) onePage(w http.ResponseWriter, r *http.Request) {
	entry, found, err := i.messages.Find(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		respond.Unavailable(w, r, err)
	case !found:
		write(w, r, http.StatusNotFound, "gone.html", nil)
	default:
		write(w, r, http.StatusOK, "message.html", i.item(entry))
	}
}

// frame answers with the HTML of a mail alone, for the frame of its page.
func (i *inbox) frame(w http.ResponseWriter, r *http.Request) {
	entry, found, err := i.messages.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		respond.Unavailable(w, r, err)
		return
	}
	if !found || entry.HTML == "" {
		write(w, r, http.StatusNotFound, "gone.html", nil)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", shownMail)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	// A link in a mail opens beside the inbox, not inside the frame.
	_, _ = w.Write([]byte(strings.Replace(entry.HTML, "<head>", `<head><base target="_blank">`, 1)))
}

// clear answers POST /dev/inbox, which the form on the list sends.
func (i *inbox) clear(w http.ResponseWriter, r *http.Request) {
	if err := foreign.Check(r); err != nil {
		respond.Error(w, r, auth.Refuse(auth.CodeOriginInvalid))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || r.PostForm.Get("do") != "clear" {
		respond.Error(w, r, auth.Refuse(auth.CodeBodyInvalid))
		return
	}
	if err := i.messages.Clear(r.Context(), address(r.PostForm.Get("to"))); err != nil {
		respond.Unavailable(w, r, err)
		return
	}
	w.Header().Set("Location", Path)
	w.WriteHeader(http.StatusSeeOther)
}

func write(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, name, data); err != nil {
		respond.Unavailable(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", ourselves)
	// With no referrer at all a browser would call our own form foreign.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func file(contentType string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content)
	}
}
