package archtest

import (
	"fmt"
	"go/ast"
	"sort"
)

// A Size is the measure of one piece of code.
type Size struct {
	What string // "file", "function", "struct", "interface" or "imports"
	Name string
	N    int
}

// Tail returns the n largest of each measure, largest first, of the code that
// ships. Averages say nothing: a codebase is as clear as its largest file,
// longest function, widest struct and widest interface.
func Tail(tree *Tree, n int) map[string][]Size {
	sizes := map[string][]Size{}
	add := func(what, name string, count int) {
		sizes[what] = append(sizes[what], Size{what, name, count})
	}
	for _, file := range tree.Files {
		if file.Test || file.Nested != "" || ast.IsGenerated(file.AST) {
			continue
		}
		add("file", file.Path, tree.Fset.Position(file.AST.End()).Line)
		add("imports", file.Path, len(file.Imports))
		ast.Inspect(file.AST, func(node ast.Node) bool {
			tree.measure(file, node, add)
			return true
		})
	}
	for what, list := range sizes {
		sort.SliceStable(list, func(i, j int) bool { return list[i].N > list[j].N })
		sizes[what] = list[:min(n, len(list))]
	}
	return sizes
}

func (t *Tree) measure(file File, node ast.Node, add func(what, name string, count int)) {
	switch node := node.(type) {
	case *ast.FuncDecl:
		lines := t.Fset.Position(node.End()).Line - t.Fset.Position(node.Pos()).Line + 1
		add("function", fmt.Sprintf("%s %s", file.Path, node.Name.Name), lines)
	case *ast.TypeSpec:
		switch kind := node.Type.(type) {
		case *ast.StructType:
			add("struct", fmt.Sprintf("%s %s", file.Path, node.Name.Name), kind.Fields.NumFields())
		case *ast.InterfaceType:
			add("interface", fmt.Sprintf("%s %s", file.Path, node.Name.Name), kind.Methods.NumFields())
		}
	}
}
