package goserver_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

const sdkModule = "github.com/clerk/clerk-sdk-go/v2"

// made are the calls of the SDK that any test of this package made.
var made = callLog{operations: map[string]string{}, succeeded: map[string]bool{}}

// TestMain demands, when every test ran, that every call of the SDK was made
// with success, or is excused and was refused: a call of a new release, or one
// that somebody took out of the tests, fails here.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if _, err := os.Stat(binary()); code == 0 && err == nil && flag.Lookup("test.run").Value.String() == "" {
		if err := made.complete(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// A callLog is a transport that remembers which call of the SDK sent a request.
type callLog struct {
	mu         sync.Mutex
	operations map[string]string // METHOD /path by call
	succeeded  map[string]bool
}

// RoundTrip implements [http.RoundTripper]. The caller is found on the stack:
// so nothing counts as called but what was.
func (l *callLog) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, call := range callsOnStack() {
		l.operations[call] = r.Method + " " + r.URL.Path
		if err == nil && answer.StatusCode < http.StatusBadRequest {
			l.succeeded[call] = true
		}
	}
	return answer, err
}

func (l *callLog) operation(call string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.operations[call]
}

// callsOnStack are the methods of the SDK that are running, as package.Method:
// one may be made of another.
func callsOnStack() (calls []string) {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	for {
		frame, more := frames.Next()
		pkg, method, ok := strings.Cut(strings.TrimPrefix(frame.Function, sdkModule+"/"), ".(*Client).")
		if ok && strings.HasPrefix(frame.Function, sdkModule) {
			calls = append(calls, pkg+"."+method)
		}
		if !more {
			return calls
		}
	}
}

// complete says which calls nobody made, and which excuses nobody needs.
func (l *callLog) complete() error {
	offered, err := offeredCalls()
	if err != nil {
		return err
	}
	excused := maps.Clone(silent)
	maps.Copy(excused, elsewhere)
	for call := range leftOut {
		excused[call] = "docs/coverage.md"
	}
	var problems []string
	for _, call := range offered {
		if !l.succeeded[call] && excused[call] == "" {
			problems = append(problems, call+" was not called, or never with success")
		}
	}
	for call := range excused {
		switch {
		case !slices.Contains(offered, call):
			problems = append(problems, call+" is excused and not offered")
		case l.succeeded[call]:
			problems = append(problems, call+" is excused and succeeds")
		case l.operations[call] == "" && silent[call] == "":
			problems = append(problems, call+" is excused and was not tried")
		}
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return fmt.Errorf("calls of %s:\n  %s", sdkModule, strings.Join(problems, "\n  "))
	}
	return nil
}

// offeredCalls are the methods of every Client in the module, read from its
// source, as package.Method.
func offeredCalls() ([]string, error) {
	where, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sdkModule).Output()
	if err != nil {
		return nil, fmt.Errorf("find the module: %w", err)
	}
	root := string(bytes.TrimSpace(where))
	var calls []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		for _, decl := range file.Decls {
			if method, ok := decl.(*ast.FuncDecl); ok && method.Name.IsExported() && ofClient(method) {
				calls = append(calls, filepath.ToSlash(pkg)+"."+method.Name.Name)
			}
		}
		return err
	})
	slices.Sort(calls)
	return calls, err
}

func ofClient(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return false
	}
	pointer, _ := f.Recv.List[0].Type.(*ast.StarExpr)
	if pointer == nil {
		return false
	}
	name, _ := pointer.X.(*ast.Ident)
	return name != nil && name.Name == "Client"
}

// want reports what a call answered unless it is what the test is after.
func want(t *testing.T, ok bool, got any, err error) {
	t.Helper()
	if err != nil || !ok {
		t.Errorf("got %+v, %v", got, err)
	}
}
