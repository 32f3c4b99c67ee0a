package assets_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/assets"
)

// entry is a file of an archive.
type entry struct {
	name, content string
	kind          byte
}

// archive packs a release as npm does, with more entries if given.
func archive(t testing.TB, pkg, version string, more ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	about, err := json.Marshal(map[string]string{"name": pkg, "version": version})
	if err != nil {
		t.Fatal(err)
	}
	main := "clerk.browser.js"
	if pkg == "@clerk/ui" {
		main = "ui.browser.js"
	}
	for _, e := range append([]entry{
		{name: "package/package.json", content: string(about)},
		{name: "package/LICENSE", content: "as is"},
		{name: "package/dist/" + main, content: "/* " + pkg + " " + version + " */" + strings.Repeat(" ", 4096)},
		{name: "package/dist/part_" + version + ".js", content: "part of " + version},
		{name: "package/dist/index.d.ts", content: "types"},
		{name: "package/dist/deep/inner.js", content: "module"},
	}, more...) {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if e.kind != 0 {
			h.Typeflag, h.Linkname, h.Size = e.kind, e.content, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(e.content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func digest(archive []byte) string {
	sum := sha512.Sum512(archive)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// registry is a registry of packages on this machine: what npm asks one for, and
// no more.
type registry struct {
	*httptest.Server
	archives map[string][]byte            // by package@version
	claimed  map[string]string            // digests, by package@version, where not those of the archives
	tags     map[string]map[string]string // by package and tag
	fetched  []string
}

func newRegistry(t testing.TB) *registry {
	t.Helper()
	r := &registry{archives: map[string][]byte{}, claimed: map[string]string{}, tags: map[string]map[string]string{}}
	for _, pkg := range assets.Packages {
		r.tags[pkg] = map[string]string{}
	}
	m := http.NewServeMux()
	m.HandleFunc("GET /{scope}/{name}", func(w http.ResponseWriter, q *http.Request) {
		r.describe(w, q.PathValue("scope")+"/"+q.PathValue("name"))
	})
	m.HandleFunc("GET /{name}", func(w http.ResponseWriter, q *http.Request) { r.describe(w, q.PathValue("name")) })
	m.HandleFunc("GET /archives/{scope}/{release}", func(w http.ResponseWriter, q *http.Request) {
		release := strings.TrimSuffix(q.PathValue("scope")+"/"+q.PathValue("release"), ".tgz")
		r.fetched = append(r.fetched, release)
		_, _ = w.Write(r.archives[release])
	})
	r.Server = httptest.NewServer(m)
	t.Cleanup(r.Close)
	return r
}

// publish adds a release; the newest that is no pre-release is the latest.
func (r *registry) publish(t testing.TB, pkg, version string, more ...entry) {
	t.Helper()
	r.archives[pkg+"@"+version] = archive(t, pkg, version, more...)
	if !strings.Contains(version, "-") {
		r.tags[pkg]["latest"] = version
	}
}

func (r *registry) describe(w http.ResponseWriter, pkg string) {
	versions := map[string]any{}
	for release, raw := range r.archives {
		if at := strings.LastIndex(release, "@"); release[:at] == pkg {
			sum := digest(raw)
			if c := r.claimed[release]; c != "" {
				sum = c
			}
			versions[release[at+1:]] = map[string]any{
				"name": pkg, "version": release[at+1:],
				"dist": map[string]any{"tarball": r.URL + "/archives/" + path.Join(release) + ".tgz", "integrity": sum},
			}
		}
	}
	if len(versions) == 0 {
		http.Error(w, `{"error":"not found"}`, http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"name": pkg, "dist-tags": r.tags[pkg], "versions": versions})
}

// npm is the real program, with a cache of its own and this registry.
func (r *registry) npm(t testing.TB) assets.NPM {
	t.Helper()
	n, err := assets.FindNPM()
	if err != nil {
		if _, missing := exec.LookPath("npm"); missing != nil {
			t.Skip("npm is not installed")
		}
		t.Fatal(err)
	}
	n.Options = []string{"--registry=" + r.URL, "--cache=" + t.TempDir(), "--fetch-retries=0"}
	return n
}

func mustSpecs(t testing.TB, texts ...string) []assets.Spec {
	t.Helper()
	out := make([]assets.Spec, 0, len(texts))
	for _, text := range texts {
		s, err := assets.ParseSpec(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func versions(releases []assets.Release) string {
	var out []string
	for _, r := range releases {
		out = append(out, r.Version)
	}
	return strings.Join(slices.Clip(out), " ")
}
