package main_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// built has what the tests run: the library with its header, and the server.
type built struct{ dir, library, server string }

// buildDir is where build worked, empty if it did not.
var buildDir string

// build makes the library and the server as a user does, once for all tests.
var build = sync.OnceValues(func() (built, error) {
	dir, err := os.MkdirTemp("", "libperennial")
	if err != nil {
		return built{}, err
	}
	buildDir = dir
	b := built{dir: dir, library: filepath.Join(dir, "libperennial.so"), server: filepath.Join(dir, "perennial")}
	for _, args := range [][]string{
		{"build", "-buildmode=c-shared", "-o", b.library, "."},
		{"build", "-o", b.server, "../../../cmd/perennial"},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return b, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return b, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if buildDir != "" {
		_ = os.RemoveAll(buildDir)
	}
	os.Exit(code)
}

func mustBuild(t *testing.T) built {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the programs of this test are built for Linux")
	}
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("needs a C compiler (Debian packages gcc and libc6-dev)")
	}
	if testing.Short() {
		t.Skip("builds a library and a server; the full run does it")
	}
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ready is what the server tells in its ready file.
type ready struct {
	URL            string `json:"url"`
	TLSURL         string `json:"tls_url"`
	CAFile         string `json:"ca_file"`
	PublishableKey string `json:"publishable_key"`
	InboxURL       string `json:"inbox_url"`
}

// startLimit bounds the start of the server on a busy machine.
const startLimit = time.Minute

// startServer runs `perennial dev` until the test ends.
func startServer(t *testing.T, b built) ready {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "ready.json")
	command := exec.Command(b.server, "dev", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--ready-file", file)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		<-exited
	})
	deadline, tick := time.After(startLimit), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		data, err := os.ReadFile(file)
		if err == nil {
			var r ready
			if err := json.Unmarshal(data, &r); err != nil {
				t.Fatal(err)
			}
			return r
		}
		select {
		case err := <-exited:
			exited <- err
			t.Fatalf("the server ended: %v\n%s", err, output.String())
		case <-deadline:
			t.Fatal("the server did not start")
		case <-tick.C:
		}
	}
}

func (r ready) code(address string) (string, error) {
	answer, err := http.Get(r.InboxURL + "?to=" + url.QueryEscape(address))
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	var messages []struct{ Code string }
	if err := json.NewDecoder(answer.Body).Decode(&messages); err != nil {
		return "", err
	}
	if len(messages) == 0 {
		return "", errors.New("the inbox is empty")
	}
	return messages[0].Code, nil
}

func (r ready) options(t *testing.T, extra map[string]any) string {
	t.Helper()
	// Over TLS, so that the authority given in the options is used too.
	options := map[string]any{"publishable_key": r.PublishableKey, "server": r.TLSURL, "ca_file": r.CAFile}
	for name, value := range extra {
		options[name] = value
	}
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCProgram(t *testing.T) {
	b := mustBuild(t)
	program := filepath.Join(b.dir, "session")
	compile := exec.Command("cc", "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-pedantic", "-pthread", "-I.",
		"-o", program, "../testdata/c/session.c", "-L"+b.dir, "-lperennial", "-Wl,-rpath,"+b.dir)
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	server, dir := startServer(t, b), filepath.Join(t.TempDir(), "vault")
	kept := server.options(t, map[string]any{"dir": dir})
	for _, launch := range []struct{ name, options string }{
		{"misuse", "{}"}, {"sign-up", kept}, {"restore", kept}, {"stay-out", kept},
		{"own-store", server.options(t, map[string]any{"vault": "host", "max_value": 512})},
	} {
		t.Run(launch.name, func(t *testing.T) { runLaunch(t, server, program, launch.name, launch.options) })
	}
}

// runLaunch runs the program and hands it the code it asks for.
func runLaunch(t *testing.T, server ready, program, name, options string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, name, options)
	// Every pointer that crosses the border is checked.
	command.Env = append(os.Environ(), "GODEBUG=cgocheck=1")
	var problems strings.Builder
	command.Stderr = &problems
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines := bufio.NewScanner(output); lines.Scan(); last = lines.Text() {
		if lines.Text() != "code?" {
			continue
		}
		code, err := server.code("ada@example.com")
		if err != nil {
			t.Error(err)
		}
		if _, err := io.WriteString(input, code+"\n"); err != nil {
			t.Error(err)
		}
	}
	if err := command.Wait(); err != nil || last != "done" {
		t.Fatalf("launch %s: %v %s", name, err, problems.String())
	}
}

func TestNodeProgram(t *testing.T) {
	b := mustBuild(t)
	if _, err := os.Stat("../testdata/node/node_modules/koffi"); err != nil {
		t.Skip("needs the npm packages of device/bindings/testdata/node; `make tools` installs them")
	}
	server := startServer(t, b)
	told, err := json.Marshal(map[string]string{
		"url": server.URL, "tls_url": server.TLSURL, "publishable_key": server.PublishableKey, "inbox_url": server.InboxURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", "../testdata/node/session.test.mjs")
	command.Env = append(os.Environ(), "PERENNIAL_LIBRARY="+b.library, "PERENNIAL_READY="+string(told),
		"PERENNIAL_DIR="+filepath.Join(t.TempDir(), "vault"))
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "pass 7") {
		t.Errorf("not every test ran:\n%s", out)
	}
}
