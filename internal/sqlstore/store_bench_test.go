package sqlstore_test

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/sqlstore"
)

// people is how many the read benchmarks choose from; the variable asks for
// another number.
var people = func() int {
	if n, err := strconv.Atoi(os.Getenv("PERENNIAL_BENCH_PEOPLE")); err == nil {
		return n
	}
	return 2000
}()

// mustPopulate stores all people, a few hundred in each change.
func mustPopulate(b *testing.B) *sqlstore.Store {
	b.Helper()
	s := mustOpen(b, filepath.Join(b.TempDir(), "perennial.db"))
	for first := 0; first < people; first += 250 {
		var steps [stepsPerPerson]auth.Change
		for n := first; n < min(first+250, people); n++ {
			for i, ch := range (person{0, 0, n}).changes() {
				steps[i].Clients = append(steps[i].Clients, ch.Clients...)
				steps[i].Tokens = append(steps[i].Tokens, ch.Tokens...)
				steps[i].Users = append(steps[i].Users, ch.Users...)
				steps[i].Sessions = append(steps[i].Sessions, ch.Sessions...)
				steps[i].SignIns = append(steps[i].SignIns, ch.SignIns...)
				steps[i].SignUps = append(steps[i].SignUps, ch.SignUps...)
			}
		}
		for _, ch := range steps {
			if err := s.Commit(b.Context(), ch); err != nil {
				b.Fatal(err)
			}
		}
	}
	return s
}

// spent is the processor time of this process so far.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reads runs op from 16 callers and reports processor time for each.
func reads(b *testing.B, op func(n int) error) {
	b.Helper()
	b.ReportAllocs()
	b.SetParallelism(8)
	var next atomic.Int64
	before := spent(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := op(int(next.Add(7919)) % people); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64((spent(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
}

func BenchmarkSession(b *testing.B) {
	s := mustPopulate(b)
	ids := make([]auth.SessionID, people)
	for n := range ids {
		ids[n] = person{0, 0, n}.states()[1].Sessions[0].ID
	}
	reads(b, func(n int) error { _, err := s.Session(b.Context(), ids[n]); return err })
}

func BenchmarkUser(b *testing.B) {
	s := mustPopulate(b)
	ids := make([]auth.UserID, people)
	for n := range ids {
		ids[n] = person{0, 0, n}.states()[1].Users[0].ID
	}
	reads(b, func(n int) error { _, err := s.User(b.Context(), ids[n]); return err })
}

// BenchmarkClientByToken reads a client with one session, its user with one
// address, and a finished sign-in: what a session check reads.
func BenchmarkClientByToken(b *testing.B) {
	s := mustPopulate(b)
	hashes := make([][32]byte, people)
	for n := range hashes {
		hashes[n] = sha256.Sum256([]byte(person{0, 0, n}.name()))
	}
	reads(b, func(n int) error { _, _, err := s.ClientByToken(b.Context(), hashes[n]); return err })
}

// BenchmarkDurableWrites writes rows durably: one row in each commit from one
// writer, and 16 writers whose changes share commits. The second figure has to
// be several times the first.
func BenchmarkDurableWrites(b *testing.B) {
	for name, writers := range map[string]int{"writers=1": 1, "writers=16": 16, "writers=64": 64} {
		b.Run(name, func(b *testing.B) {
			s := mustOpen(b, filepath.Join(b.TempDir(), "perennial.db"))
			var next atomic.Int64
			var wg sync.WaitGroup
			before, start := spent(b), time.Now()
			b.ResetTimer()
			for range writers {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						l := auth.Lockout{Failures: 1, UpdatedAt: killEpoch}
						binary.BigEndian.PutUint64(l.Key[:], uint64(n))
						if err := s.Commit(b.Context(), auth.Change{Lockouts: []auth.Lockout{l}}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "rows/s")
			b.ReportMetric(float64((spent(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// BenchmarkSignUps is BenchmarkDurableWrites with what a sign-up writes: a
// client, its token, a user with an address, a session and the attempt.
func BenchmarkSignUps(b *testing.B) {
	s := mustOpen(b, filepath.Join(b.TempDir(), "perennial.db"))
	var next atomic.Int64
	var wg sync.WaitGroup
	before, start := spent(b), time.Now()
	b.ResetTimer()
	for range 16 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := s.Commit(b.Context(), person{1, 0, int(n)}.changes()[0]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "sign-ups/s")
	b.ReportMetric(float64((spent(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
}

// BenchmarkOpen opens and closes a database that exists.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "perennial.db")
	s, err := sqlstore.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	for n := range 500 {
		for _, ch := range (person{0, 0, n}).changes() {
			if err := s.Commit(b.Context(), ch); err != nil {
				b.Fatal(err)
			}
		}
	}
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if s, err = sqlstore.Open(b.Context(), path); err != nil {
			b.Fatal(err)
		}
		if err := s.Ping(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
