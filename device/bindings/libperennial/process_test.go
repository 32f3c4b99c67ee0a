package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perennialauth/perennial/conformance"
	"github.com/perennialauth/perennial/device/publishablekey"
)

// compileLines makes the program that a test drives line by line.
var compileLines = sync.OnceValues(func() (string, error) {
	b, err := build()
	if err != nil {
		return "", err
	}
	program := filepath.Join(b.dir, "lines")
	out, err := exec.Command("cc", "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-pedantic", "-pthread",
		"-I.", "-o", program, "../testdata/c/lines.c", "-L"+b.dir, "-lperennial", "-Wl,-rpath,"+b.dir).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %w\n%s", err, out)
	}
	return program, nil
})

// phone is a device that outlives its processes.
type phone struct {
	t       *testing.T
	program string
	dir     string
	server  *conformance.Server
}

func newPhone(t *testing.T) *phone {
	t.Helper()
	mustBuild(t)
	program, err := compileLines()
	if err != nil {
		t.Fatal(err)
	}
	server, err := conformance.StartServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.Bind() // it says what it got, as ours does: only then can a token be refused
	return &phone{t: t, program: program, dir: filepath.Join(t.TempDir(), "vault"), server: server}
}

// key is the publishable key of the instance. The live one ends in the same
// characters.
func (p *phone) key(live bool) string {
	p.t.Helper()
	key, err := publishablekey.New(p.server.Host(), live)
	if err != nil {
		p.t.Fatal(err)
	}
	return key.String()
}

// removals counts the requests that end a session on the server.
func (p *phone) removals() int {
	n := 0
	for _, exchange := range p.server.Log() {
		if strings.Contains(exchange.Route, "remove") || strings.HasPrefix(exchange.Route, "DELETE") {
			n++
		}
	}
	return n
}

// process is one run of the app with the library loaded through its C interface.
type process struct {
	t       *testing.T
	command *exec.Cmd
	module  int64

	mu      sync.Mutex
	input   io.Writer
	last    int
	waiting map[string]chan string
}

// launch starts the app and makes the module, which is not configured yet.
func (p *phone) launch() *process {
	p.t.Helper()
	a := &process{t: p.t, command: exec.Command(p.program), waiting: map[string]chan string{}}
	input, err := a.command.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	a.input = input
	output, err := a.command.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := a.command.Start(); err != nil {
		p.t.Fatal(err)
	}
	go a.read(output)
	p.t.Cleanup(a.kill)
	var opened struct{ Module int64 }
	a.must("open", map[string]any{"server": p.server.URL(), "dir": p.dir}, &opened)
	a.module = opened.Module
	return a
}

// kill ends the app as the system does: without a word.
func (a *process) kill() {
	_ = a.command.Process.Kill()
	_ = a.command.Wait()
}

func (a *process) read(output io.Reader) {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		number, answer, _ := strings.Cut(lines.Text(), " ")
		a.mu.Lock()
		waiting := a.waiting[number]
		delete(a.waiting, number)
		a.mu.Unlock()
		if waiting != nil {
			waiting <- answer
		}
	}
}

// problem is the error of an answer.
type problem struct{ Kind, Code, Message string }

// send sends a request and decodes the result of its answer.
func (a *process) send(request string, into any) *problem {
	a.t.Helper()
	answered := make(chan string, 1)
	a.mu.Lock()
	a.last++
	number := fmt.Sprint(a.last)
	a.waiting[number] = answered
	_, err := fmt.Fprintf(a.input, "%s %s\n", number, request)
	a.mu.Unlock()
	if err != nil {
		a.t.Errorf("%s: %v", request, err)
		return &problem{Kind: "broken"}
	}
	select {
	case text := <-answered:
		answer := struct {
			OK     bool
			Result any
			Error  *problem
		}{Result: into}
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			a.t.Errorf("%s: %v in %s", request, err, text)
		}
		return answer.Error
	case <-time.After(20 * time.Second):
		a.t.Errorf("%s: no answer", request)
		return &problem{Kind: "silent"}
	}
}

func (a *process) must(verb string, arguments, into any) {
	a.t.Helper()
	text, err := json.Marshal(arguments)
	if err != nil {
		a.t.Fatal(err)
	}
	if problem := a.send(verb+" "+string(text), into); problem != nil {
		a.t.Fatalf("%s: %+v", verb, *problem)
	}
}

// call calls a method of the module.
func (a *process) call(method string, arguments map[string]any, into any) *problem {
	a.t.Helper()
	text, err := json.Marshal(arguments)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.send(fmt.Sprintf("call %d %s %s", a.module, method, text), into)
}

// configured is what configure answers.
type configured struct {
	State struct {
		Verdict, Cause, Task string
		Settled              bool
		SessionID            string `json:"session_id"`
	}
	TokenError *problem `json:"token_error"`
}

// configure does what the script does; an empty token is null.
func (a *process) configure(key, token string) configured {
	a.t.Helper()
	var c configured
	if problem := a.call("configure", map[string]any{"publishableKey": key, "bearerToken": orNull(token)}, &c); problem != nil {
		a.t.Fatalf("configure: %+v", *problem)
	}
	return c
}

func orNull(token string) any {
	if token == "" {
		return nil
	}
	return token
}

// session is the session that the script is told, empty if none.
func (a *process) session() (id, status string) {
	a.t.Helper()
	var found struct {
		Value *struct{ SessionID, Status string }
	}
	if problem := a.call("getSession", nil, &found); problem != nil {
		a.t.Fatalf("getSession: %+v", *problem)
	}
	if found.Value == nil {
		return "", ""
	}
	return found.Value.SessionID, found.Value.Status
}

func (a *process) token() string {
	a.t.Helper()
	var found struct{ Value string }
	if problem := a.call("getClientToken", nil, &found); problem != nil {
		a.t.Fatalf("getClientToken: %+v", *problem)
	}
	return found.Value
}

// listener receives one event.
type listener struct {
	a     *process
	watch int64
}

func (a *process) listen(event string) listener {
	a.t.Helper()
	var opened struct{ Watch int64 }
	if problem := a.send(fmt.Sprintf("listen %d %s", a.module, event), &opened); problem != nil {
		a.t.Fatalf("listen: %+v", *problem)
	}
	return listener{a, opened.Watch}
}

// next decodes the next payload that comes within the limit.
func (l listener) next(limit time.Duration, into any) bool {
	l.a.t.Helper()
	var found struct {
		Event *struct{ Payload json.RawMessage }
	}
	if problem := l.a.send(fmt.Sprintf("next %d %d", l.watch, limit.Milliseconds()), &found); problem != nil {
		l.a.t.Fatalf("next: %+v", *problem)
	}
	if found.Event == nil {
		return false
	}
	if err := json.Unmarshal(found.Event.Payload, into); err != nil {
		l.a.t.Fatal(err)
	}
	return true
}
