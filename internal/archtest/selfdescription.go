package archtest

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
)

const (
	commentReason = "a newcomer learns from the first sentence what a package owns and what it refuses"
	nameReason    = "nothing is ever out of the scope of such a name, so it grows without end"
)

var emptyNames = []string{
	"util", "utils", "utilities", "helper", "helpers", "common", "misc", "types", "interfaces", "shared",
	"base", "lib", "handlers", "models",
}

// CheckComments demands exactly one package comment in each package, beginning
// as Go's own tools expect.
func CheckComments(tree *Tree) []Finding {
	type seen struct {
		name     string
		comments []string
		text     string
	}
	packages := map[string]*seen{}
	for _, file := range tree.Files {
		if file.Test || file.Nested != "" {
			continue
		}
		p := packages[file.Dir]
		if p == nil {
			p = &seen{name: file.AST.Name.Name}
			packages[file.Dir] = p
		}
		if file.AST.Doc != nil {
			p.comments = append(p.comments, file.Path)
			p.text = file.AST.Doc.Text()
		}
	}
	var found []Finding
	for dir, p := range packages {
		switch {
		case len(p.comments) == 0:
			found = append(found, Finding{dir, "no package comment", commentReason})
		case len(p.comments) > 1:
			found = append(found, Finding{dir, "several package comments: " + strings.Join(p.comments, ", "), commentReason})
		case p.name != "main" && !strings.HasPrefix(p.text, "Package "+p.name+" "):
			found = append(found, Finding{p.comments[0], fmt.Sprintf("the comment does not begin with %q", "Package "+p.name), commentReason})
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Pos < found[j].Pos })
	return found
}

// CheckNames refuses files and folders whose name says nothing.
func CheckNames(tree *Tree) []Finding {
	var found []Finding
	for _, file := range tree.Files {
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(file.Path), ".go"), "_test")
		for _, name := range append(strings.Split(file.Dir, "/"), base) {
			if slices.Contains(emptyNames, name) {
				found = append(found, Finding{file.Path, fmt.Sprintf("is named %q", name), nameReason})
			}
		}
	}
	return found
}
