package assets

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

// Brought is the outcome of one spec.
type Brought struct {
	Release Release
	Already bool // it was here and whole
}

// Sync makes sure that a release is here, whole: what a spec selects is looked
// up, its archive brought, held against the published digest and unpacked. tell
// hears of each outcome as it is there. The first failure ends it; what was
// brought before stays.
func (f *Folder) Sync(ctx context.Context, npm NPM, specs []Spec, now func() time.Time, tell func(Brought)) error {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return err
	}
	lock := flock.New(filepath.Join(f.path, ".lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return fmt.Errorf("%s is being changed by another process: %w", f.path, err)
	}
	defer func() { _ = lock.Close() }()
	for _, s := range specs {
		b, err := f.bring(ctx, npm, s, now())
		if err != nil {
			return err
		}
		tell(b)
	}
	return nil
}

func (f *Folder) bring(ctx context.Context, npm NPM, s Spec, now time.Time) (Brought, error) {
	found, err := npm.find(ctx, s)
	if err != nil {
		return Brought{}, err
	}
	if s.Integrity != "" && s.Integrity != found.Integrity {
		return Brought{}, fmt.Errorf("%s: %w: the registry publishes %s", s, ErrIntegrity, found.Integrity)
	}
	r := Release{Package: s.Package, Version: found.Version, Integrity: found.Integrity, SyncedAt: now.UTC()}
	have, err := f.have(r)
	if err != nil {
		return Brought{}, err
	}
	r.Tags = have.Tags
	if byTag := !r.selects(s.Selector); byTag {
		r.Tags = append(slices.Clone(r.Tags), s.Selector)
	}
	if have.Integrity == r.Integrity && slices.Equal(have.Tags, r.Tags) && f.Check(have) == nil {
		return Brought{Release: have, Already: true}, nil
	}
	archive, err := npm.fetch(ctx, r.Package, r.Version)
	if err != nil {
		return Brought{}, err
	}
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != r.Integrity {
		return Brought{}, fmt.Errorf("%s: %w: the archive has %s", s, ErrIntegrity, got)
	}
	r, err = f.install(r, archive)
	return Brought{Release: r}, err
}

// ErrIntegrity is matched when an archive is not the published one.
var ErrIntegrity = errors.New("the digest is not the expected one")

// have is the release of this version that is here already, or the zero one.
func (f *Folder) have(r Release) (Release, error) {
	all, err := f.Releases(r.Package)
	if err != nil {
		return Release{}, err
	}
	for _, one := range all {
		if one.Version == r.Version {
			return one, nil
		}
	}
	return Release{}, nil
}
