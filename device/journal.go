package device

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// journal keeps the last entries of this and earlier launches: in memory, and
// in a file when it has one. It is an account, not a record: nothing depends on
// it, it is not flushed to the medium, and when writing fails or lags it drops
// lines rather than hold anybody up.
type journal struct {
	path    string // empty: memory only
	launch  string
	entries chan job
	flushed sync.WaitGroup

	mu     sync.Mutex
	recent []line // memory only
	closed bool
}

// job is an entry to write, or a question whether everything before it is.
type job struct {
	entry   core.Entry
	written chan struct{}
}

// line is an entry as it is stored.
type line struct {
	Launch string `json:"launch"`
	PID    int    `json:"pid"`
	core.Entry
}

const (
	journalBacklog = 512
	journalLines   = 1024      // read back at most
	journalBytes   = 256 << 10 // one file; the one before it is kept as well
)

// journalName names the journal of a tenant beside its record.
func journalName(publishableKey string) string {
	sum := sha256.Sum256([]byte(publishableKey))
	return "journal-" + hex.EncodeToString(sum[:8]) + ".jsonl"
}

func newJournal(path string) *journal {
	var id [4]byte
	_, _ = rand.Read(id[:])
	j := &journal{path: path, launch: hex.EncodeToString(id[:]), entries: make(chan job, journalBacklog)}
	j.flushed.Go(j.write)
	return j
}

// Append takes an entry without waiting for anything.
func (j *journal) Append(entry core.Entry) {
	select {
	case j.entries <- job{entry: entry}:
	default: // the disk does not keep up
	}
}

// close writes what is left. Append must not be called any more.
func (j *journal) close() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	close(j.entries)
	j.flushed.Wait()
}

// settle waits, not for long, until what was appended before is written.
func (j *journal) settle() {
	written := make(chan struct{})
	j.mu.Lock()
	asked := false
	if !j.closed {
		select {
		case j.entries <- job{written: written}:
			asked = true
		default:
		}
	}
	j.mu.Unlock()
	if !asked {
		return
	}
	select {
	case <-written:
	case <-time.After(time.Second):
	}
}

func (j *journal) write() {
	var file *os.File
	written := 0
	defer func() {
		if file != nil {
			_ = file.Close()
		}
	}()
	for next := range j.entries {
		if next.written != nil {
			close(next.written)
			continue
		}
		l := line{j.launch, os.Getpid(), next.entry}
		j.keep(l)
		if j.path == "" {
			continue
		}
		if file == nil || written > journalBytes {
			if file != nil {
				_ = file.Close()
			}
			written = 0
			if file = openJournal(j.path); file == nil {
				continue
			}
		}
		if text, err := json.Marshal(l); err == nil {
			written += appendLine(file, j.path, append(text, '\n'))
		}
	}
}

func (j *journal) keep(l line) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.recent = append(j.recent, l)
	if len(j.recent) > journalLines {
		j.recent = append([]line(nil), j.recent[journalLines/2:]...)
	}
}

// lines returns the last entries, oldest first.
func (j *journal) lines() []line {
	j.settle()
	if j.path == "" {
		j.mu.Lock()
		defer j.mu.Unlock()
		return append([]line(nil), j.recent...)
	}
	return readJournal(j.path)
}

func readJournal(path string) []line {
	var all []line
	for _, name := range []string{path + ".1", path} {
		// A pipe here would never end, and a link may lead anywhere.
		if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for entry := range bytes.Lines(text) { // of any length: damage must not hide what follows it
			var l line
			if json.Unmarshal(entry, &l) == nil { // a line cut off by a crash is skipped
				all = append(all, l)
			}
		}
	}
	return all[max(0, len(all)-journalLines):]
}
