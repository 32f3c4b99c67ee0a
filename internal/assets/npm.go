package assets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// NPM is the program that packages are brought by. It knows the registry, the
// proxy and the credentials that its user has configured.
type NPM struct {
	Program string   // path or name
	Options []string // after every command, such as --registry
}

// FindNPM looks for npm on the search path.
func FindNPM() (NPM, error) {
	program, err := exec.LookPath("npm")
	if err != nil {
		return NPM{}, errors.New("npm is not installed here; install Node.js, or run this on a machine that has it " +
			"and copy the folder npm of its data folder")
	}
	return NPM{Program: program}, nil
}

// published is a version as the registry lists it.
type published struct {
	Version   string `json:"version"`
	Integrity string `json:"dist.integrity"`
}

// find asks the registry for the newest version that a spec selects.
func (n NPM) find(ctx context.Context, s Spec) (published, error) {
	out, err := n.run(ctx, os.TempDir(), "view", s.String(), "version", "dist.integrity", "--json")
	if err != nil {
		return published{}, err
	}
	// One match is told as an object, several as a list of them.
	var many []published
	if out = bytes.TrimSpace(out); bytes.HasPrefix(out, []byte("[")) {
		err = json.Unmarshal(out, &many)
	} else {
		many = make([]published, 1)
		err = json.Unmarshal(out, &many[0])
	}
	many = slices.DeleteFunc(many, func(p published) bool { return !isVersion(p.Version) })
	if err != nil || len(many) == 0 {
		return published{}, fmt.Errorf("%s: no such version is published", s)
	}
	newest := slices.MaxFunc(many, func(a, b published) int { return semver.Compare("v"+a.Version, "v"+b.Version) })
	if !strings.HasPrefix(newest.Integrity, "sha512-") {
		return published{}, fmt.Errorf("%s: the registry publishes no sha512 digest of version %s", s, newest.Version)
	}
	return newest, nil
}

// fetch downloads the archive of one version. Nothing of it is run.
func (n NPM) fetch(ctx context.Context, pkg, version string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "perennial-assets-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if _, err := n.run(ctx, dir, "pack", pkg+"@"+version, "--pack-destination", dir); err != nil {
		return nil, err
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return nil, fmt.Errorf("npm pack %s@%s left no archive", pkg, version)
	}
	info, err := os.Stat(archives[0])
	if err != nil {
		return nil, err
	}
	if info.Size() > maxArchive {
		return nil, fmt.Errorf("%s@%s: the archive has %d bytes, more than a release of it can have", pkg, version, info.Size())
	}
	return os.ReadFile(archives[0])
}

// run runs npm in a folder that is no project, so that none configures it.
func (n NPM) run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	args = append(append(args, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"), n.Options...)
	command := exec.CommandContext(ctx, n.Program, args...)
	command.Dir = dir
	var out, trouble bytes.Buffer
	command.Stdout, command.Stderr = &out, &trouble
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("npm %s %s: %s", args[0], args[1], lastWords(trouble.String(), err))
	}
	return out.Bytes(), nil
}

// lastWords are what npm says went wrong, in its first two sentences.
func lastWords(text string, err error) string {
	var said []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "npm error"))
		word, _, _ := strings.Cut(line, " ")
		switch word {
		case "code", "errno", "syscall", "at", line: // not a sentence
		default:
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return err.Error()
	}
	return strings.Join(said[:min(2, len(said))], "; ")
}
