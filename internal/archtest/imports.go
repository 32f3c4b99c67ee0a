package archtest

import (
	"fmt"
	"slices"
)

// CheckImports holds every import of tree against rules. Files of nested
// modules answer to one rule only: they must not import this module at all.
func CheckImports(tree *Tree, rules []Rule) []Finding {
	var found []Finding
	for _, file := range tree.Files {
		for _, imported := range file.Imports {
			pos := fmt.Sprintf("%s:%d", file.Path, imported.Line)
			if file.Nested != "" {
				if name, ours := own(imported.Path); ours && !under(name, file.Nested) {
					found = append(found, Finding{pos, "imports " + imported.Path,
						"a nested module talks to the running program only, as its users do"})
				}
				continue
			}
			for _, rule := range rules {
				if rule.binds(file) && !rule.allows(file, imported.Path) {
					found = append(found, Finding{pos, file.Dir + " imports " + imported.Path, rule.Reason})
				}
			}
		}
	}
	return found
}

func (r Rule) binds(file File) bool {
	if file.Test && !r.Tests {
		return false
	}
	return covers(r.Of, file.Dir) && !covers(r.Except, file.Dir)
}

func (r Rule) allows(file File, importPath string) bool {
	name, ours := own(importPath)
	if ours && covers(r.Deny, name) && !covers(r.But, name) && !r.sameRoot(file.Dir, name) {
		return false
	}
	switch {
	case ours:
		return r.Own == nil || covers(r.Own, name)
	case covers(r.Deny, importPath):
		return false
	case standard(importPath):
		return r.Std == nil || slices.Contains(r.Std, importPath)
	default:
		return !r.NoVendors
	}
}

// sameRoot reports whether two folders lie under one of the rule's roots: a
// package may import what belongs to itself, even when its siblings may not.
func (r Rule) sameRoot(a, b string) bool {
	return slices.ContainsFunc(r.Of, func(root string) bool {
		return root != "*" && under(a, root) && under(b, root)
	})
}

func covers(roots []string, name string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return under(name, root) })
}
