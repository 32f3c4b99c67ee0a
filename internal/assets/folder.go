package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Release is one version of a package on disk.
type Release struct {
	Package   string    `json:"package"`
	Version   string    `json:"version"`
	Integrity string    `json:"integrity"`      // of the archive it came in, as published
	Tags      []string  `json:"tags,omitempty"` // it was brought by
	SyncedAt  time.Time `json:"synced_at"`
	// Files are the scripts and their compressed forms, by their name in dist.
	Files map[string]File `json:"files"`
}

// File is what a file of a release must be.
type File struct {
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

const (
	manifestName = "release.json"
	dist         = "dist"
	compressed   = ".gz"
)

// Folder keeps releases: PACKAGE/VERSION/dist. A release appears in it whole or
// not at all, and never changes. It is safe for concurrent use, also by several
// processes.
type Folder struct {
	path string

	mu    sync.Mutex
	known map[string]manifest // by the folder of the release
	good  map[string]bool     // files whose digest was checked
}

// manifest is a release as it was read, and when that was written: another
// process may have repaired it since.
type manifest struct {
	release Release
	written time.Time
}

// NewFolder returns the releases in the folder at path, which need not exist.
func NewFolder(path string) *Folder {
	return &Folder{path: path, known: map[string]manifest{}, good: map[string]bool{}}
}

// Releases lists what is there of one package, newest first.
func (f *Folder) Releases(pkg string) ([]Release, error) {
	root, err := os.OpenRoot(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return f.releases(root, pkg)
}

func (f *Folder) releases(root *os.Root, pkg string) ([]Release, error) {
	entries, err := fs.ReadDir(root.FS(), pkg)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Release
	for _, e := range entries {
		if !isVersion(e.Name()) {
			continue
		}
		r, err := f.read(root, pkg, e.Name())
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errDamaged) {
			continue // the next sync brings it anew
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	slices.SortFunc(out, newestFirst)
	return out, nil
}

// read returns what is known of a release, from memory if it did not change.
func (f *Folder) read(root *os.Root, pkg, version string) (Release, error) {
	dir := path.Join(pkg, version)
	info, err := root.Stat(path.Join(dir, manifestName))
	if err != nil {
		return Release{}, err
	}
	f.mu.Lock()
	m, ok := f.known[dir]
	f.mu.Unlock()
	if ok && m.written.Equal(info.ModTime()) {
		return m.release, nil
	}
	raw, err := root.ReadFile(path.Join(dir, manifestName))
	if err != nil {
		return Release{}, err
	}
	m = manifest{written: info.ModTime()}
	if err := json.Unmarshal(raw, &m.release); err != nil || m.release.Package != pkg || m.release.Version != version {
		return Release{}, fmt.Errorf("%s@%s: %w", pkg, version, errDamaged)
	}
	f.remember(dir, m)
	return m.release, nil
}

// remember forgets what was checked of the release before.
func (f *Folder) remember(dir string, m manifest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[dir] = m
	for at := range f.good {
		if strings.HasPrefix(at, dir+"/") {
			delete(f.good, at)
		}
	}
}

// errDamaged is matched when a file is not what was brought.
var errDamaged = errors.New("damaged on disk")

// open opens a file of a release. The first time its digest is checked: a disk
// that lost part of a script must not have browsers keep that part for a year.
func (f *Folder) open(root *os.Root, r Release, name string) (*os.File, error) {
	want, ok := r.Files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	at := path.Join(r.Package, r.Version, dist, name)
	f.mu.Lock()
	good := f.good[at]
	f.mu.Unlock()
	if !good {
		raw, err := root.ReadFile(at)
		if err != nil {
			return nil, err
		}
		if describe(raw) != want {
			return nil, fmt.Errorf("%s: %w", at, errDamaged)
		}
		f.mu.Lock()
		f.good[at] = true
		f.mu.Unlock()
	}
	return root.Open(at)
}

// Check reads every file of a release and returns what is wrong with it.
func (f *Folder) Check(r Release) error {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	var wrong []error
	for name, want := range r.Files {
		at := path.Join(r.Package, r.Version, dist, name)
		raw, err := root.ReadFile(at)
		if err == nil && describe(raw) != want {
			err = fmt.Errorf("%s: %w", at, errDamaged)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

func describe(raw []byte) File {
	sum := sha256.Sum256(raw)
	return File{Size: int64(len(raw)), SHA256: hex.EncodeToString(sum[:])}
}
