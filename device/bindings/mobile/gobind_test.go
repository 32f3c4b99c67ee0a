package mobile_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"
)

const boundPackage = "github.com/perennialauth/perennial/device/bindings/mobile"

// The binding tool leaves out what it cannot express and says so in a comment
// that nobody reads. Every exported name must be in the Java and in the
// Objective-C that it generates.
func TestEveryExportIsBound(t *testing.T) {
	t.Parallel()
	out := mustGenerate(t)
	java, objc := joined(t, out, ".java"), joined(t, out, ".objc.h")
	for language, text := range map[string]string{"Java": java, "Objective-C": objc} {
		for line := range strings.Lines(text) {
			if strings.Contains(line, "skipped") {
				t.Errorf("%s: %s", language, strings.TrimSpace(line))
			}
		}
	}
	exports := exported(t)
	for _, e := range exports {
		if !strings.Contains(java, e.java) {
			t.Errorf("%s: no %q in the generated Java", e.name, e.java)
		}
		if !strings.Contains(objc, e.objc) {
			t.Errorf("%s: no %q in the generated Objective-C", e.name, e.objc)
		}
	}
	if len(exports) < 70 {
		t.Errorf("only %d exported names were found", len(exports))
	}
	t.Logf("%d exported names are bound in both languages", len(exports))
}

// generated is where the tool has worked, once for all tests. It runs in a
// workspace of its own, where both this module and the tool's are at hand.
var generated = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "gobind")
	if err != nil {
		return "", err
	}
	generatedIn = dir
	work := fmt.Sprintf("go 1.26.0\n\nuse (\n\t%q\n\t%q\n)\n", root, filepath.Join(root, "tools"))
	if err := os.WriteFile(filepath.Join(dir, "go.work"), []byte(work), 0o600); err != nil {
		return "", err
	}
	out := filepath.Join(dir, "out")
	command := exec.Command("go", "tool", "gobind", "-lang=java,objc", "-outdir="+out, boundPackage)
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"), "GOFLAGS=")
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("gobind: %w\n%s", err, text)
	}
	return out, nil
})

// generatedIn is the folder to remove afterwards, empty if there is none.
var generatedIn string

func TestMain(m *testing.M) {
	code := m.Run()
	if generatedIn != "" {
		_ = os.RemoveAll(generatedIn)
	}
	os.Exit(code)
}

func mustGenerate(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the binding tool; the full run does it")
	}
	out, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func joined(t *testing.T, dir, suffix string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, suffix) {
			return err
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// export is a name of the package and what stands for it in each language.
type export struct{ name, java, objc string }

func exported(t *testing.T) []export {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []export
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				found = append(found, function(d)...)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					found = append(found, declared(spec)...)
				}
			}
		}
	}
	return found
}

func function(d *ast.FuncDecl) []export {
	name := d.Name.Name
	switch made, isConstructor := strings.CutPrefix(name, "New"); {
	case !d.Name.IsExported():
		return nil
	case d.Recv != nil:
		return []export{{name, " " + lowerFirst(name) + "(", ")" + lowerFirst(name)}}
	case isConstructor && made != "StoreAnswer":
		return []export{{name, "public " + made + "(", "Mobile" + name + "("}}
	case isConstructor:
		// There is no type of that name, so it is a function like any other.
		return []export{{name, " newStoreAnswer(", "Mobile" + name + "("}}
	default:
		return []export{{name, " " + lowerFirst(name) + "(", "Mobile" + name + "("}}
	}
}

func declared(spec ast.Spec) []export {
	var found []export
	switch s := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				found = append(found, export{name.Name, " " + name.Name + " = ", "Mobile" + name.Name})
			}
		}
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		found = append(found, export{s.Name.Name, " " + s.Name.Name + " ", "@class Mobile" + s.Name.Name + ";"})
		switch shape := s.Type.(type) {
		case *ast.StructType:
			for _, field := range shape.Fields.List {
				for _, name := range field.Names {
					if name.IsExported() {
						found = append(found, export{s.Name.Name + "." + name.Name, "get" + name.Name + "(", lowerFirst(name.Name) + ";"})
					}
				}
			}
		case *ast.InterfaceType:
			for _, method := range shape.Methods.List {
				name := method.Names[0].Name
				found = append(found, export{s.Name.Name + "." + name, " " + lowerFirst(name) + "(", ")" + lowerFirst(name)})
			}
		}
	}
	return found
}

// lowerFirst names a method as the tool does: a leading run of capitals is
// lowered as a whole.
func lowerFirst(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsUpper(r) || i > 0 && i+1 < len(runes) && !unicode.IsUpper(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}
