package archtest_test

import (
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/perennialauth/perennial/internal/archtest"
)

const module = archtest.Module + "/"

// TestPlantedViolationsAreFound plants each kind of violation in a small tree
// and expects exactly one finding that names it: a check that cannot fail is
// no check.
func TestPlantedViolationsAreFound(t *testing.T) {
	t.Parallel()
	imports := func(name string) string { return "import _ " + strconv.Quote(name) }
	for _, test := range []struct {
		name string
		file string
		body string
		want string // part of the one finding, or empty when it is allowed
	}{
		{"the core imports context", "device/core/x.go", imports("context"), "imports context"},
		{"the core imports a library", "device/core/x.go", imports("golang.org/x/sync/errgroup"), "errgroup"},
		{"the core imports wire", "device/core/x.go", imports(module + "wire"), "imports " + module + "wire"},
		{"the core uses a duration", "device/core/x.go", "import \"time\"\nconst a = 3 * time.Second", ""},
		{"the core reads the clock", "device/core/x.go", "import \"time\"\nvar a = time.Now", "time.Now"},
		{"the core holds a wall time", "device/core/x.go", "import \"time\"\nvar a time.Time", "time.Time"},
		{"the core hides the clock behind an alias", "device/core/x.go", "import t \"time\"\nvar a = t.Now", "time.Now"},
		{"the core dot-imports the clock", "device/core/x.go", "import . \"time\"\nvar a = Now", "dot-imports time"},
		{"the core starts a goroutine", "device/core/x.go", "func f() { go f() }", "go statement"},
		{"the core has a channel", "device/core/x.go", "var a chan int", "channel type"},
		{"the core has start-up code", "device/core/x.go", "func init() {}", "init function"},
		{"a test of the core may read the clock", "device/core/x_test.go", "import \"time\"\nvar a = time.Now", ""},
		{"wire imports a rule", "wire/x.go", imports(module + "internal/auth"), "internal/auth"},
		{"the device imports the server", "device/x.go", imports(module + "internal/token"), "internal/token"},
		{"the shell names an adapter", "device/shell/x.go", imports(module + "device/vault/filevault"), "filevault"},
		{"the shell speaks HTTP", "device/shell/x.go", imports("net/http"), "net/http"},
		{"the shell uses the port", "device/shell/x.go", imports(module + "device/vault"), ""},
		{"the transport reaches the store", "device/transport/x.go", imports(module + "device/vault"), "device/vault"},
		{"a vault interprets", "device/vault/filevault/x.go", imports(module + "device/core"), "device/core"},
		{"a rule reads the clock", "internal/auth/x.go", "import \"time\"\nvar a = time.Now", "time.Now"},
		{"a rule takes a time", "internal/auth/x.go", "import \"time\"\nfunc f(now time.Time) {}", ""},
		{"a rule draws randomness", "internal/auth/x.go", imports("crypto/rand"), "crypto/rand"},
		{"a rule knows HTTP", "internal/auth/x.go", imports("net/http"), "net/http"},
		{"a rule starts a goroutine", "internal/auth/x.go", "func f() { go f() }", "go statement"},
		{"a use case knows the store", "internal/signin/x.go", imports(module + "internal/sqlstore"), "internal/sqlstore"},
		{"a use case knows HTTP", "internal/user/x.go", imports("net/http"), "net/http"},
		{"a use case reads the clock", "internal/session/x.go", "import \"time\"\nvar a = time.Now", "time.Now"},
		{"a use case imports another", "internal/signin/x.go", imports(module + "internal/signup"), "internal/signup"},
		{"the store knows a use case", "internal/sqlstore/x.go", imports(module + "internal/signin"), "internal/signin"},
		{"the store uses rules", "internal/sqlstore/x.go", imports(module + "internal/auth"), ""},
		{"notify knows the store", "internal/notify/x.go", imports(module + "internal/sqlstore"), "internal/sqlstore"},
		{"a handler writes SQL", "internal/backendapi/x.go", imports(module + "internal/sqlstore"), "internal/sqlstore"},
		{"the server knows the store", "internal/server/x.go", imports(module + "internal/sqlstore"), "internal/sqlstore"},
		{"the server side links the device", "internal/user/x_test.go", imports(module + "device/core"), "device/core"},
		{"the key parser serves both halves", "internal/server/x.go", imports(module + "device/publishablekey"), ""},
		{"somebody imports the program", "bench/x_test.go", imports(module + "cmd/perennial"), "cmd/perennial"},
		{"somebody imports the simulation", "device/x_test.go", imports(module + "sim"), "sim"},
		{"shipped code imports testing", "device/x.go", imports("testing"), "testing"},
		{"shipped code imports a suite", "cmd/perennial/x.go", imports(module + "internal/apitest"), "apitest"},
		{"compat reaches into the code", "compat/goserver/x_test.go", imports(module + "wire"), "nested module"},
		{"compat uses itself", "compat/goserver/x_test.go", imports(module + "compat/goserver/server"), ""},
		{"a file says nothing", "device/helpers.go", "", "helpers"},
		{"a folder says nothing", "internal/utils/x.go", "", "utils"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			checkPlanted(t, plant(t, test.file, test.body), test.want)
		})
	}
}

func plant(t *testing.T, file, body string) *archtest.Tree {
	t.Helper()
	name := path.Base(path.Dir(file))
	text := "// Package " + name + " is planted.\npackage " + name + "\n" + body + "\n"
	fsys := fstest.MapFS{
		file:                     {Data: []byte(text)},
		"compat/goserver/go.mod": {Data: []byte("module compat\n")},
	}
	tree, err := archtest.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func checkPlanted(t *testing.T, tree *archtest.Tree, want string) {
	t.Helper()
	found := archtest.CheckImports(tree, archtest.Table)
	found = append(found, archtest.CheckPurity(tree, archtest.Purities)...)
	found = append(found, archtest.CheckNames(tree)...)
	if want == "" {
		if len(found) != 0 {
			t.Fatalf("found %v, want nothing", found)
		}
		return
	}
	for _, finding := range found {
		if strings.Contains(finding.String(), want) && finding.Reason != "" {
			return
		}
	}
	t.Fatalf("found %v, want one that says %q", found, want)
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		first  string
		second string
		want   string
	}{
		{"one comment", "// Package wire owns shapes.\npackage wire\n", "package wire\n", ""},
		{"none", "package wire\n", "package wire\n", "no package comment"},
		{"two", "// Package wire owns shapes.\npackage wire\n", "// Package wire again.\npackage wire\n", "several"},
		{"not about the package", "// Shapes.\npackage wire\n", "package wire\n", "does not begin"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tree, err := archtest.Load(fstest.MapFS{
				"wire/a.go": {Data: []byte(test.first)},
				"wire/b.go": {Data: []byte(test.second)},
			})
			if err != nil {
				t.Fatal(err)
			}
			found := archtest.CheckComments(tree)
			switch {
			case test.want == "" && len(found) != 0:
				t.Fatalf("found %v, want nothing", found)
			case test.want != "" && (len(found) != 1 || !strings.Contains(found[0].What, test.want)):
				t.Fatalf("found %v, want one that says %q", found, test.want)
			}
		})
	}
}
