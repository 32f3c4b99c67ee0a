package assets

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

const (
	// A version never changes, so a browser may keep its files for good. What a
	// selector means changes with the next sync.
	keepVersion  = "public, max-age=31536000, immutable"
	keepSelector = "public, max-age=300"

	scriptType = "text/javascript; charset=utf-8"
)

// Handler serves the scripts under /npm/PACKAGE@SELECTOR/dist/FILE.
type Handler struct {
	folder *Folder
	mux    *respond.Mux
}

// NewHandler returns a handler for the releases in a folder. One that is added
// later is served without a restart.
func NewHandler(f *Folder) *Handler {
	h := &Handler{folder: f, mux: respond.NewMux()}
	h.mux.HandleFunc("GET /npm/{scope}/{release}/dist/{file}", h.serve)
	return h
}

// Match says whether the request is for a script.
func (h *Handler) Match(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/npm/") }

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	s, err := ParseSpec(r.PathValue("scope") + "/" + r.PathValue("release"))
	if err != nil || s.Integrity != "" {
		respond.NotFound(w, r)
		return
	}
	script, err := h.folder.find(s, r.PathValue("file"), acceptsGzip(r))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			slog.ErrorContext(r.Context(), "script cannot be served", "release", s.String(), "error", err)
		}
		h.refuse(w, r, s)
		return
	}
	defer func() { _ = script.Close() }()
	script.write(w, r, s.Selector)
}

// refuse says which command would bring what is missing, or that there is no
// such file in what is here.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, s Spec) {
	versions := []string{}
	releases, _ := h.folder.Releases(s.Package)
	for _, one := range releases {
		versions = append(versions, one.Version)
		if one.selects(s.Selector) && h.folder.Check(one) == nil {
			respond.NotFound(w, r)
			return
		}
	}
	respond.Error(w, r, &auth.Error{Code: auth.CodeAssetsMissing, Meta: map[string]any{
		"package": s.String(), "installed": versions, "command": "perennial assets sync " + s.String(),
	}})
}

// script is an open file with what a browser is told of it.
type script struct {
	*os.File
	sum     string
	encoded bool // compressed
}

// find opens a file of the newest release that a selector means and that has
// it: a page that was loaded before the last sync asks for parts of the release
// before.
func (f *Folder) find(s Spec, name string, gzip bool) (_ *script, err error) {
	if !strings.HasSuffix(name, ".js") {
		return nil, fs.ErrNotExist
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	all, err := f.releases(root, s.Package)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if _, has := r.Files[name]; !has || !r.selects(s.Selector) {
			continue
		}
		out, stored := &script{encoded: gzip}, name
		if gzip {
			stored += compressed
		}
		if out.File, err = f.open(root, r, stored); err != nil {
			return nil, err
		}
		out.sum = r.Files[stored].SHA256
		return out, nil
	}
	return nil, fs.ErrNotExist
}

// write answers with the script. It is public and asks for no credentials, so
// that any page, proxy and cache may have it.
func (s *script) write(w http.ResponseWriter, r *http.Request, selector string) {
	info, err := s.Stat()
	if err != nil {
		respond.Error(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", scriptType)
	h.Set("Cache-Control", keepSelector)
	if isVersion(selector) {
		h.Set("Cache-Control", keepVersion)
	}
	h.Set("ETag", `"`+s.sum[:32]+`"`)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Del("Access-Control-Allow-Credentials")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	if s.encoded {
		h.Set("Content-Encoding", "gzip")
	}
	http.ServeContent(w, r, "", info.ModTime(), s)
}

// acceptsGzip says whether the browser takes compressed content (RFC 9110,
// 12.5.3).
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, weighed := strings.Cut(strings.ReplaceAll(part, " ", ""), ";q=")
		if !strings.EqualFold(coding, "gzip") {
			continue
		}
		q, err := strconv.ParseFloat(weight, 64)
		return !weighed || (err == nil && q > 0)
	}
	return false
}
