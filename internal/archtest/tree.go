package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// Module is the import path of the module under test. Paths in the rules are
// relative to it.
const Module = "github.com/perennialauth/perennial"

// A Tree is the parsed source of a repository.
type Tree struct {
	Fset  *token.FileSet
	Files []File // sorted by Path
}

// A File is one parsed Go file.
type File struct {
	Path    string // slash-separated, relative to the repository root
	Dir     string // the package's folder, "." for the root
	Test    bool   // a _test.go file
	Nested  string // folder of the nested module that holds the file, or empty
	AST     *ast.File
	Imports []Import
}

// An Import is one import declaration.
type Import struct {
	Path string
	Name string // explicit name, or empty
	Line int
}

// A Finding is one broken rule.
type Finding struct {
	Pos    string // file:line
	What   string
	Reason string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s (%s)", f.Pos, f.What, f.Reason)
}

// Load parses every Go file below the root of fsys, whatever its build tags,
// so that a rule holds on every platform. Folders that Go itself ignores are
// left out.
func Load(fsys fs.FS) (*Tree, error) {
	tree := &Tree{Fset: token.NewFileSet()}
	nested := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && ignored(path.Base(name)) {
				return fs.SkipDir
			}
			nested[name] = nestedModule(fsys, nested, name)
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parse(fsys, tree.Fset, name)
		if err != nil {
			return err
		}
		file.Nested = nested[file.Dir]
		tree.Files = append(tree.Files, file)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load source tree: %w", err)
	}
	sort.Slice(tree.Files, func(i, j int) bool { return tree.Files[i].Path < tree.Files[j].Path })
	return tree, nil
}

func ignored(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") ||
		base == "testdata" || base == "node_modules" || base == "vendor"
}

// nestedModule returns the folder of the nested module that dir belongs to.
// WalkDir visits a folder before its content, so the parent is known already.
func nestedModule(fsys fs.FS, known map[string]string, dir string) string {
	if dir == "." {
		return ""
	}
	if _, err := fs.Stat(fsys, path.Join(dir, "go.mod")); err == nil {
		return dir
	}
	return known[path.Dir(dir)]
}

func parse(fsys fs.FS, fset *token.FileSet, name string) (File, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return File{}, err
	}
	syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return File{}, err
	}
	file := File{Path: name, Dir: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"), AST: syntax}
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return File{}, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		entry := Import{Path: imported, Line: fset.Position(spec.Pos()).Line}
		if spec.Name != nil {
			entry.Name = spec.Name.Name
		}
		file.Imports = append(file.Imports, entry)
	}
	return file, nil
}

func (t *Tree) pos(node ast.Node) string {
	p := t.Fset.Position(node.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// own returns an import path relative to the module, and whether it is ours.
func own(importPath string) (string, bool) {
	if importPath == Module {
		return ".", true
	}
	return strings.CutPrefix(importPath, Module+"/")
}

// standard reports whether a path belongs to the standard library: only there
// does the first element have no dot.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// under reports whether dir is root or lies below it. A root of "*" is every
// folder.
func under(dir, root string) bool {
	return root == "*" || dir == root || strings.HasPrefix(dir, root+"/")
}
