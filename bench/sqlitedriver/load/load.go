// Package load owns the work that every SQLite driver is measured with: point
// reads by 16 callers, durable writes one row per commit and in groups, start,
// memory, and how placeholders bind.
package load

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Conn is one connection, used by one goroutine at a time.
type Conn interface {
	Exec(sql string) error
	Get(sql, arg string) (string, error)                    // prepared once, first column as text
	Put(sql string, rows [][2]string) error                 // prepared once, all rows in one transaction
	Bind(sql string, args ...string) (text string, _ error) // to see what $N means
	Close() error
}

const (
	callers = 16
	rows    = 20000
	span    = 3 * time.Second
)

// Run measures one driver and prints one line.
func Run(name string, open func(path string) (Conn, error)) {
	start := time.Now()
	dir, err := os.MkdirTemp("", "sqlitedriver")
	must(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "t.db")
	dial := func() Conn {
		c, err := open(path)
		must(err)
		must(c.Exec("PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"))
		return c
	}
	w := dial()
	must(w.Exec("CREATE TABLE t (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID"))
	begin := start.Sub(processStart())
	opened := time.Since(start)
	memory := residentMB()

	all := make([][2]string, rows)
	for i := range all {
		all[i] = [2]string{fmt.Sprintf("id_%027d", i), strings.Repeat("x", 200)}
	}
	must(w.Put("INSERT INTO t (id, body) VALUES ($1, $2)", all))
	bound, err := w.Bind("SELECT 'b is ' || $2 || ', a is ' || $1", "a", "b")
	must(err)

	reads, readCPU := parallel(dial, func(c Conn, n int) {
		got, err := c.Get("SELECT body FROM t WHERE id = $1", all[n%rows][0])
		must(err)
		if len(got) != 200 {
			panic("wrong row")
		}
	})
	single := writes(w, 1)
	grouped := writes(w, callers)
	fmt.Printf("%-12s reads/s %8.0f  cpu/read %5.2f us  commits/s of 1 row %6.0f  rows/s in groups of %d %6.0f  start %5.1f ms  open %5.1f ms  memory %5.1f MB  bind: %s\n",
		name, reads, readCPU, single, callers, grouped, begin.Seconds()*1e3, opened.Seconds()*1e3, memory, bound)
	must(w.Close())
}

func parallel(dial func() Conn, f func(Conn, int)) (perSecond, cpuMicros float64) {
	conns := make([]Conn, 4)
	free := make(chan Conn, len(conns))
	for i := range conns {
		conns[i] = dial()
		free <- conns[i]
	}
	var done atomic.Int64
	var wg sync.WaitGroup
	before, start := cpu(), time.Now()
	for i := range callers {
		wg.Go(func() {
			for n := i; time.Since(start) < span; n += 7919 {
				c := <-free
				f(c, n)
				free <- c
				done.Add(1)
			}
		})
	}
	wg.Wait()
	elapsed, used := time.Since(start), cpu()-before
	for _, c := range conns {
		must(c.Close())
	}
	return float64(done.Load()) / elapsed.Seconds(), used.Seconds() * 1e6 / float64(done.Load())
}

func writes(c Conn, group int) float64 {
	batch := make([][2]string, group)
	n, start := 0, time.Now()
	for time.Since(start) < span {
		for i := range batch {
			batch[i] = [2]string{fmt.Sprintf("w%d_%027d", group, n), strings.Repeat("y", 200)}
			n++
		}
		must(c.Put("INSERT INTO t (id, body) VALUES ($1, $2)", batch))
	}
	return float64(n) / time.Since(start).Seconds()
}

func cpu() time.Duration {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func residentMB() float64 {
	runtime.GC()
	raw, err := os.ReadFile("/proc/self/statm")
	must(err)
	var size, resident float64
	_, err = fmt.Sscan(string(raw), &size, &resident)
	must(err)
	return resident * float64(os.Getpagesize()) / (1 << 20)
}

// processStart is when the parent said that it started this process.
func processStart() time.Time {
	var ns int64
	if _, err := fmt.Sscan(os.Getenv("STARTED"), &ns); err != nil {
		return time.Now()
	}
	return time.Unix(0, ns)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
