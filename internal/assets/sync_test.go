package assets_test

import (
	"archive/tar"
	"errors"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/assets"
)

func now() time.Time { return time.Unix(1_700_000_000, 0) }

// sync brings releases and returns what was said of each.
func sync(t testing.TB, f *assets.Folder, npm assets.NPM, specs ...string) ([]string, error) {
	t.Helper()
	var told []string
	err := f.Sync(t.Context(), npm, mustSpecs(t, specs...), now, func(b assets.Brought) {
		did := "brought "
		if b.Already {
			did = "kept "
		}
		told = append(told, did+b.Release.Package+"@"+b.Release.Version)
	})
	return told, err
}

// shared is one sync of everything that the tests read: npm takes its time.
var shared struct {
	once gosync.Once
	path string
	told []string
	err  error
}

// synced is a copy of the shared folder.
func synced(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() {
		r := newRegistry(t)
		for _, version := range []string{"1.9.0", "1.10.0", "2.0.0-canary.v1"} {
			r.publish(t, "@clerk/ui", version, hostile...)
		}
		r.tags["@clerk/ui"]["canary"] = "2.0.0-canary.v1"
		home, err := os.MkdirTemp("", "perennial-assets-test-") // outlives the test that comes first
		if err != nil {
			t.Fatal(err)
		}
		shared.path = filepath.Join(home, "npm")
		shared.told, shared.err = sync(t, assets.NewFolder(shared.path), r.npm(t), "@clerk/ui@1.9.0", "@clerk/ui@1", "@clerk/ui@canary")
	})
	if shared.path == "" {
		t.Skip("npm is not installed")
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	path := filepath.Join(t.TempDir(), "npm")
	if err := os.CopyFS(path, os.DirFS(shared.path)); err != nil {
		t.Fatal(err)
	}
	return path
}

// hostile are what an archive from outside may hold: nothing of it may land
// beside its place, and only scripts are kept.
var hostile = []entry{
	{name: "package/dist/../../../escaped.js", content: "x"},
	{name: "../escaped.js", content: "x"},
	{name: "/escaped.js", content: "x"},
	{name: "package/dist/link.js", content: "/etc/passwd", kind: tar.TypeSymlink},
	{name: "package/dist/hard.js", content: "/etc/passwd", kind: tar.TypeLink},
	{name: "package/dist/.hidden.js", content: "x"},
	{name: "package/dist/odd name.js", content: "x"},
	{name: "package/dist/page.html", content: "x"},
}

func TestSyncBringsWhatIsSelected(t *testing.T) {
	t.Parallel()
	path := synced(t)
	want := []string{"brought @clerk/ui@1.9.0", "brought @clerk/ui@1.10.0", "brought @clerk/ui@2.0.0-canary.v1"}
	if d := cmp.Diff(want, shared.told); d != "" {
		t.Errorf("mismatch (-want +got):\n%s", d)
	}
	f := assets.NewFolder(path)
	all, err := f.Releases("@clerk/ui")
	if err != nil || versions(all) != "2.0.0-canary.v1 1.10.0 1.9.0" || strings.Join(all[0].Tags, " ") != "canary" {
		t.Fatalf("there are %s, %v", versions(all), err)
	}
	for _, r := range all {
		if err := f.Check(r); err != nil {
			t.Error(err)
		}
	}
	var found []string
	err = filepath.WalkDir(filepath.Dir(shared.path), func(path string, e os.DirEntry, err error) error {
		if path, _ = filepath.Rel(shared.path, path); err == nil && !e.IsDir() && !strings.Contains(path, "1.9.0") && !strings.Contains(path, "canary") {
			found = append(found, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want = []string{
		".lock", "@clerk/ui/1.10.0/LICENSE",
		"@clerk/ui/1.10.0/dist/part_1.10.0.js", "@clerk/ui/1.10.0/dist/part_1.10.0.js.gz",
		"@clerk/ui/1.10.0/dist/ui.browser.js", "@clerk/ui/1.10.0/dist/ui.browser.js.gz",
		"@clerk/ui/1.10.0/release.json",
	}
	if d := cmp.Diff(want, found); d != "" {
		t.Errorf("mismatch (-want +got):\n%s", d)
	}
}

func TestSyncRefusesWhatIsNotPublished(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	npm := r.npm(t)
	r.publish(t, "@clerk/ui", "1.0.0")
	// Between registry and here somebody changes the archive.
	r.claimed["@clerk/ui@1.0.0"] = digest(r.archives["@clerk/ui@1.0.0"])
	r.archives["@clerk/ui@1.0.0"] = archive(t, "@clerk/ui", "1.0.0", entry{name: "package/dist/more.js"})
	r.publish(t, "@clerk/clerk-js", "6.0.0")
	r.archives["@clerk/clerk-js@6.0.0"] = archive(t, "@clerk/ui", "6.0.0")
	f := assets.NewFolder(filepath.Join(t.TempDir(), "npm"))
	for name, spec := range map[string]string{
		"changed archive":      "@clerk/ui@1.0.0",
		"no such version":      "@clerk/ui@2",
		"archive of another":   "@clerk/clerk-js@6",
		"not the digest asked": "@clerk/ui@1#" + digest(nil),
	} {
		told, err := sync(t, f, npm, spec)
		if err == nil || (strings.Contains(spec, "#") && !errors.Is(err, assets.ErrIntegrity)) {
			t.Errorf("%s: %v %v", name, told, err)
		}
	}
	for _, pkg := range assets.Packages {
		if all, err := f.Releases(pkg); err != nil || len(all) != 0 {
			t.Errorf("%s: %v %v", pkg, all, err)
		}
	}
}

func TestSyncKeepsWhatIsWholeAndRepairsTheRest(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	npm := r.npm(t)
	r.publish(t, "@clerk/ui", "1.10.0", hostile...)
	path := synced(t)
	f := assets.NewFolder(path)
	if told, err := sync(t, f, npm, "@clerk/ui"); err != nil || told[0] != "kept @clerk/ui@1.10.0" || len(r.fetched) != 0 {
		t.Fatalf("%v %v, fetched %v", told, err, r.fetched)
	}
	script := filepath.Join(path, "@clerk/ui/1.10.0/dist/ui.browser.js")
	if err := os.WriteFile(script, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := f.Releases("@clerk/ui")
	if err != nil || f.Check(all[1]) == nil {
		t.Fatalf("the damage is not seen: %v %v", versions(all), err)
	}
	if told, err := sync(t, f, npm, "@clerk/ui"); err != nil || told[0] != "brought @clerk/ui@1.10.0" {
		t.Fatalf("%v %v", told, err)
	}
	if err := f.Check(all[1]); err != nil {
		t.Error(err)
	}
}

func TestParseSpec(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"@clerk/ui": "@clerk/ui@latest", "@clerk/ui@1": "@clerk/ui@1", "@clerk/clerk-js@6.40.0-canary.v1": "@clerk/clerk-js@6.40.0-canary.v1",
		"@clerk/ui@1#sha512-x": "@clerk/ui@1",
	} {
		if s, err := assets.ParseSpec(text); err != nil || s.String() != want {
			t.Errorf("%q: %v %v", text, s, err)
		}
	}
	for _, text := range []string{
		"", "lodash", "@clerk/backend@3", "@clerk/ui@", "@clerk/ui@--help", "@clerk/ui@../x", "@clerk/ui@^1", "@clerk/ui@file:x",
		"@clerk/ui@https://example.com/x.tgz", "@clerk/ui@npm:lodash", "@clerk/ui@1#md5-x", "@clerk/ui@" + strings.Repeat("1", 65),
		"@clerk/ui@1 2", "-x", "@clerk/ui@.",
	} {
		if s, err := assets.ParseSpec(text); !errors.Is(err, assets.ErrSpec) {
			t.Errorf("%q is taken for %v: %v", text, s, err)
		}
	}
}
