// Package assets owns the published browser scripts that an instance serves
// from its own host: bringing them by npm, keeping them in a folder, and handing
// them to browsers under the paths that the loaders of the SDKs ask for.
//
// It offers [Folder], the releases on disk; [Folder.Sync], which adds some; and
// [Handler], which serves them.
//
// It refuses packages other than the two that loaders ask for, content whose
// digest is not the published one, and everything in a package that is not a
// script for browsers.
package assets

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// Packages are the npm packages whose scripts the loaders of the SDKs ask an
// instance for.
var Packages = []string{"@clerk/clerk-js", "@clerk/ui"}

// Defaults are the releases that today's SDKs ask for unless they are told
// otherwise.
var Defaults = []string{"@clerk/clerk-js@6", "@clerk/ui@1"}

// Spec names a release to bring: a package, what selects one of its versions,
// and optionally the digest that its archive must have.
type Spec struct {
	Package   string
	Selector  string // version, major, major.minor or a tag such as latest
	Integrity string // "" or sha512-…
}

// ErrSpec is matched by every error about the text of a [Spec].
var ErrSpec = errors.New("not a release of a package")

// ParseSpec reads PACKAGE[@SELECTOR][#sha512-DIGEST]. The selector is latest
// when there is none. It must not be anything else that npm would take: a path,
// an address or a range.
func ParseSpec(text string) (Spec, error) {
	name, integrity, _ := strings.Cut(text, "#")
	s := Spec{Package: name, Selector: "latest", Integrity: integrity}
	if at := strings.LastIndex(name, "@"); at > 0 {
		s.Package, s.Selector = name[:at], name[at+1:]
	}
	switch {
	case !slices.Contains(Packages, s.Package):
		return Spec{}, fmt.Errorf("%q: %w that browsers load; there are %s", text, ErrSpec, strings.Join(Packages, " and "))
	case !isSelector(s.Selector):
		return Spec{}, fmt.Errorf("%q: %w; write a version, a major version or a tag after the @", text, ErrSpec)
	case integrity != "" && !strings.HasPrefix(integrity, "sha512-"):
		return Spec{}, fmt.Errorf("%q: %w; a digest starts with sha512-", text, ErrSpec)
	}
	return s, nil
}

func (s Spec) String() string { return s.Package + "@" + s.Selector }

const maxSelector = 64 // bytes

// isSelector says whether text can name versions: letters, digits, dots and
// dashes, and no dash first, so that it is never taken for an option.
func isSelector(text string) bool {
	if text == "" || len(text) > maxSelector || strings.HasPrefix(text, "-") || strings.HasPrefix(text, ".") {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-')
	})
}

// isVersion says whether text is one exact version.
func isVersion(text string) bool {
	return isSelector(text) && semver.Canonical("v"+text) == "v"+text
}

// selects says whether a selector means this release: its version, its major or
// major and minor version unless it is a pre-release, a tag it was brought by,
// or the newest of all.
func (r Release) selects(selector string) bool {
	v := "v" + r.Version
	switch {
	case selector == r.Version, slices.Contains(r.Tags, selector):
		return true
	case semver.Prerelease(v) != "":
		return false
	default:
		return selector == "latest" || "v"+selector == semver.Major(v) || "v"+selector == semver.MajorMinor(v)
	}
}

// newestFirst orders releases.
func newestFirst(a, b Release) int { return semver.Compare("v"+b.Version, "v"+a.Version) }
