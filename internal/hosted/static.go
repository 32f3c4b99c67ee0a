package hosted

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/perennialauth/perennial/internal/respond"
)

//go:embed static
var staticFiles embed.FS

// asset is a file that pages load. Its digest is in its path, so that browsers
// may keep it for good.
type asset struct {
	kind   string
	digest string
	text   []byte
}

// staticAssets are all files by their names.
var staticAssets = sync.OnceValue(func() map[string]asset {
	all := map[string]asset{}
	entries, _ := fs.ReadDir(staticFiles, "static")
	for _, entry := range entries {
		text, _ := fs.ReadFile(staticFiles, path.Join("static", entry.Name()))
		all[entry.Name()] = newAsset(entry.Name(), text)
	}
	return all
})

func newAsset(name string, text []byte) asset {
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	sum := sha256.Sum256(text)
	return asset{kind: kinds[path.Ext(name)], digest: hex.EncodeToString(sum[:12]), text: text}
}

// asset is the file with a name.
func (p *Pages) asset(name string) (found asset, ok bool) {
	if name == styleName {
		return p.theme.sheet(p.Settings().Appearance), true
	}
	found, ok = staticAssets()[name]
	return found, ok
}

// assetPath is where the pages load a file from.
func (p *Pages) assetPath(name string) string {
	found, _ := p.asset(name)
	return "/static/" + found.digest + "/" + name
}

// static serves a file. One with another digest, which a page of another
// version asks for during an update, is served as it is here and not kept.
func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	found, ok := p.asset(r.PathValue("name"))
	if !ok {
		respond.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("digest") == found.digest {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", found.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("ETag", `"`+found.digest+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(found.text))
}
