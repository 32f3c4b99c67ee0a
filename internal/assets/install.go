package assets

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Limits of a release, several times what the largest published one has.
const (
	maxArchive  = 64 << 20  // bytes
	maxUnpacked = 256 << 20 // bytes, of what is kept
	maxScripts  = 2000
)

// unpack returns what is kept of an archive, by name: the scripts of dist for
// browsers and, without dist, the licence. Anything else in it is passed over,
// so no name in it can lead anywhere.
func unpack(r Release, archive []byte) (scripts map[string][]byte, licence []byte, err error) {
	zipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, nil, err
	}
	scripts, entries, left := map[string][]byte{}, tar.NewReader(zipped), int64(maxUnpacked)
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		folder, name := path.Split(entry.Name)
		kept := folder == "package/dist/" && isScript(name)
		about := folder == "package/" && (name == "package.json" || name == "LICENSE")
		if entry.Typeflag != tar.TypeReg || (!kept && !about) {
			continue
		}
		if left -= entry.Size; left < 0 || len(scripts) >= maxScripts {
			return nil, nil, errors.New("there is more in the archive than a release can have")
		}
		content, err := io.ReadAll(entries)
		switch {
		case err != nil:
			return nil, nil, err
		case kept:
			scripts[name] = content
		case name == "LICENSE":
			licence = content
		default:
			if err := checkNames(r, content); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(scripts) == 0 {
		return nil, nil, errors.New("there are no scripts for browsers in the archive")
	}
	return scripts, licence, nil
}

// isScript says whether a file of dist is served: scripts with a plain name.
func isScript(name string) bool {
	return strings.HasSuffix(name, ".js") && !strings.HasPrefix(name, ".") && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-~+", r))
	})
}

// checkNames refuses an archive of another release.
func checkNames(r Release, packageJSON []byte) error {
	var names struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	if err := json.Unmarshal(packageJSON, &names); err != nil {
		return err
	}
	if names.Name != r.Package || names.Version != r.Version {
		return fmt.Errorf("the archive is of %s@%s", names.Name, names.Version)
	}
	return nil
}

// install unpacks an archive beside its place and moves it there when it is
// whole and durable.
func (f *Folder) install(r Release, archive []byte) (Release, error) {
	scripts, licence, err := unpack(r, archive)
	if err != nil {
		return Release{}, fmt.Errorf("%s@%s: %w", r.Package, r.Version, err)
	}
	staging, err := os.MkdirTemp(f.path, ".incoming-")
	if err != nil {
		return Release{}, err
	}
	defer func() { _ = os.RemoveAll(staging) }()
	// The scripts are public, and whoever syncs may not be who serves.
	if err := errors.Join(os.Chmod(staging, 0o755), os.Mkdir(filepath.Join(staging, dist), 0o755)); err != nil {
		return Release{}, err
	}
	r.Files = map[string]File{}
	for name, content := range scripts {
		for stored, raw := range map[string][]byte{name: content, name + compressed: compress(content)} {
			r.Files[stored] = describe(raw)
			if err := writeDurably(filepath.Join(staging, dist, stored), raw); err != nil {
				return Release{}, err
			}
		}
	}
	told, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return Release{}, err
	}
	if err := errors.Join(writeDurably(filepath.Join(staging, "LICENSE"), licence),
		writeDurably(filepath.Join(staging, manifestName), told)); err != nil {
		return Release{}, err
	}
	return r, f.place(r, staging)
}

// place moves an unpacked release to where it is looked for. One that is there
// is damaged or lacks a tag: it goes away first.
func (f *Folder) place(r Release, staging string) error {
	final := filepath.Join(f.path, filepath.FromSlash(r.Package), r.Version)
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil {
		return err
	}
	return os.Rename(staging, final)
}

func compress(content []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level exists
	_, _ = w.Write(content)                                 // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func writeDurably(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}
