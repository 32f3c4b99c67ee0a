//go:build unix

package processes_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one process under test, as its parent sees it.
type process struct {
	name      string
	command   *exec.Cmd
	input     io.WriteCloser
	started   time.Time
	judge     *judge
	exited    chan struct{}
	complaint bytes.Buffer

	mu      sync.Mutex
	last    report // the newest verdict
	tokens  []report
	replies map[int]chan report
	asked   int
	gone    bool
	pauses  []pause
	killed  time.Time
}

// pause is a time during which a process was stopped.
type pause struct{ from, to time.Time }

// start starts binary with a job. Its reports go to judge, which may be nil.
func start(t *testing.T, binary string, j job, by *judge) *process {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{
		name: j.Name, command: exec.Command(binary, "-test.run=^$"), judge: by,
		exited: make(chan struct{}), replies: map[int]chan report{}, started: time.Now(),
	}
	p.command.Env = append(os.Environ(), jobVariable+"="+string(text))
	if j.Newest {
		p.command.Env = append(p.command.Env, newestVariable+"=1")
	}
	p.command.Stderr = &p.complaint
	output, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.input, err = p.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	go p.listen(output)
	return p
}

func (p *process) listen(output io.Reader) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		var r report
		if json.Unmarshal(lines.Bytes(), &r) == nil {
			p.hear(r)
		}
	}
	_ = p.command.Wait()
	p.mu.Lock()
	p.gone = true
	for _, waiting := range p.replies {
		close(waiting)
	}
	p.replies = nil
	p.mu.Unlock()
	close(p.exited)
}

func (p *process) hear(r report) {
	if p.judge != nil {
		p.judge.take(p, r)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.Sort {
	case "verdict":
		p.last = r
	case "token":
		p.tokens = append(p.tokens, r)
	case "reply":
		if waiting := p.replies[r.To]; waiting != nil {
			delete(p.replies, r.To)
			waiting <- r
		}
	}
}

// send gives an order; the reply arrives on the channel, which is closed when
// the process ends first.
func (p *process) send(o order) <-chan report {
	reply := make(chan report, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		close(reply)
		return reply
	}
	p.asked++
	o.ID = p.asked
	p.replies[o.ID] = reply
	line, _ := json.Marshal(o) // strings
	_, _ = p.input.Write(append(line, '\n'))
	return reply
}

// must gives an order that has to succeed.
func (p *process) must(t *testing.T, o order) report {
	t.Helper()
	select {
	case r, ok := <-p.send(o):
		if !ok || r.Failure != "" {
			t.Fatalf("%s: %s: failure %q, alive %v\n%s", p.name, o.Do, r.Failure, ok, p.complaint.String())
		}
		return r
	case <-time.After(callLimit):
		t.Fatalf("%s: %s: no reply", p.name, o.Do)
		return report{}
	}
}

func (p *process) shows() report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// handed returns the newest token that the process has reported.
func (p *process) handed() (report, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tokens) == 0 {
		return report{}, 0
	}
	return p.tokens[len(p.tokens)-1], len(p.tokens)
}

func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGSTOP)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pauses = append(p.pauses, pause{from: time.Now()})
}

func (p *process) proceed() {
	_ = p.command.Process.Signal(syscall.SIGCONT)
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.pauses); n > 0 && p.pauses[n-1].to.IsZero() {
		p.pauses[n-1].to = time.Now()
	}
}

// kill ends the process where it stands, also when it is stopped.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.exited
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = time.Now()
	if n := len(p.pauses); n > 0 && p.pauses[n-1].to.IsZero() {
		p.pauses[n-1].to = p.killed
	}
}

// stoppedIn reports whether the process was stopped in a time.
func (p *process) stoppedIn(from, to time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.pauses, func(s pause) bool {
		return s.from.Before(to) && (s.to.IsZero() || s.to.After(from))
	})
}

// killedIn reports whether it was killed in a time.
func (p *process) killedIn(from, to time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed.After(from) && p.killed.Before(to)
}

// ends waits for a process that ends by itself.
func (p *process) ends(t *testing.T, limit time.Duration) {
	t.Helper()
	select {
	case <-p.exited:
		if code := p.command.ProcessState.ExitCode(); code != 0 {
			t.Fatalf("%s: exit status %d\n%s", p.name, code, p.complaint.String())
		}
	case <-time.After(limit):
		t.Fatalf("%s has not ended within %v", p.name, limit)
	}
}

func signedIn(r report) bool { return r.Kind == "active" || r.Kind == "active-unverified" }

func self(t *testing.T) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
