//go:build unix

package processes_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// judge knows what is true, as far as somebody outside can know it, and holds
// what each process says against it.
type judge struct {
	mu sync.Mutex
	// truth is the session that is stored, empty for none. It is certain while
	// nobody is being asked to change it, and has been so since then.
	truth   string
	certain bool
	since   time.Time
	// ended are the sessions that were signed out of or replaced, and since
	// when nobody may be shown them any more who starts.
	ended  map[string]time.Time
	seen   map[*process]map[string]standing
	faults []string
}

// standing of a session in a process.
type standing string

const (
	shown  standing = "shown"
	passed standing = "passed" // shown once or over, and no longer shown
)

func newJudge() *judge {
	return &judge{certain: true, since: time.Now(), ended: map[string]time.Time{}, seen: map[*process]map[string]standing{}}
}

// changing says that somebody has been asked to sign in or out.
func (j *judge) changing() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.certain = false
}

// becomes says that session is what is stored now, and that nothing else is.
func (j *judge) becomes(session string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	if j.truth != "" && j.truth != session {
		j.ended[j.truth] = now
	}
	if at, over := j.ended[session]; over {
		j.fault("%s is stored again, which was over %v ago", session, now.Sub(at))
	}
	j.truth, j.certain, j.since = session, true, now
}

func (j *judge) is() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.truth
}

func (j *judge) over() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var list []string
	for session := range j.ended {
		list = append(list, session)
	}
	return list
}

func (j *judge) fault(format string, args ...any) {
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

func (j *judge) take(p *process, r report) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.seen[p] == nil {
		j.seen[p] = map[string]standing{}
	}
	switch r.Sort {
	case stuck, expired, "gap":
		j.fault("%s: %s %s", p.name, r.Sort, r.Failure)
	case "token":
		j.takeSession(p, r, "hands out a token of")
	case "verdict":
		if signedIn(r) {
			j.takeSession(p, r, "shows")
		} else if r.Kind == "signed-out" {
			j.takeSignedOut(p, r)
		}
		for session, standing := range j.seen[p] {
			if session != r.Session && standing == shown {
				j.seen[p][session] = passed
			}
		}
		if signedIn(r) {
			j.seen[p][r.Session] = shown
		}
	}
}

// takeSession: what is over is not shown by whoever started afterwards, and by
// nobody who has shown something else since.
func (j *judge) takeSession(p *process, r report, does string) {
	at, over := j.ended[r.Session]
	switch {
	case !over:
	case p.started.After(at):
		j.fault("%s %s %s, which was over %v before it started", p.name, does, r.Session, p.started.Sub(at))
	case j.seen[p][r.Session] == passed:
		j.fault("%s %s %s again, %v after it was over", p.name, does, r.Session, r.At.Sub(at))
	}
}

// takeSignedOut: nobody is told so while a session is stored.
func (j *judge) takeSignedOut(p *process, r report) {
	if !j.certain || j.truth == "" || r.At.Before(j.since) {
		return
	}
	if p.started.After(j.since) || j.seen[p][j.truth] == shown {
		j.fault("%s is told signed-out(%s) while %s is stored", p.name, r.Cause, j.truth)
	}
}

// report fails the test with what was found.
func (j *judge) report(t *testing.T) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, fault := range j.faults {
		t.Error(fault)
	}
	j.faults = nil
}
