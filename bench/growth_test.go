package bench_test

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/ratelimit"
)

// growthVariable asks for other numbers of users, as "1000,1000000".
const growthVariable = "PERENNIAL_GROWTH"

const (
	samples = 1000 // people that are asked for, anywhere among all
	rounds  = 10   // of each operation, over all sizes in turn
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

// operation is one request on behalf of a person.
type operation struct {
	name    string
	request func(w *world, n int) *http.Request
}

var operations = []operation{
	{"GET client", func(w *world, n int) *http.Request { return w.app(n, "GET", "/v1/client") }},
	{"mint", func(w *world, n int) *http.Request {
		return w.app(n, "POST", "/v1/client/sessions/"+string(sessionID(n))+"/tokens")
	}},
	{"sign-in lookup", func(w *world, n int) *http.Request { // of somebody who is not signed in there
		return w.app(n, "POST", "/v1/client/sign_ins", "identifier", email((n+w.size/2)%w.size))
	}},
	{"users by email", func(_ *world, n int) *http.Request {
		return backEnd("/v1/users?email_address=" + url.QueryEscape(email(n)))
	}},
	{"users, newest", func(_ *world, n int) *http.Request {
		return backEnd("/v1/users?limit=10&order_by=-created_at&offset=" + strconv.Itoa(n%20))
	}},
}

// BenchmarkGrowth performs each operation for people anywhere among few and
// among many users, in turn, and reports the median at each size, the processor
// time, and by how many times the median grows.
func BenchmarkGrowth(b *testing.B) {
	sizes := sizesWanted(b)
	worlds := make([]*world, len(sizes))
	for i, size := range sizes {
		start := time.Now()
		worlds[i] = populated(b, size)
		b.Logf("%d users after %v", size, time.Since(start).Round(time.Millisecond))
	}
	for _, op := range operations {
		b.Run(op.name, func(b *testing.B) {
			for b.Loop() {
				compare(b, op, sizes, worlds)
			}
		})
	}
}

// compare takes the sizes in turn, so that whatever else the machine does
// meets them all alike.
func compare(b *testing.B, op operation, sizes []int, worlds []*world) {
	b.Helper()
	times, cpu := make([][]time.Duration, len(sizes)), make([]time.Duration, len(sizes))
	for round := range rounds + 1 {
		for i, w := range worlds {
			before := processorTime(b)
			for _, n := range w.sample {
				took := w.perform(b, op.request(w, n))
				if round > 0 { // the first signs the tokens that the others carry
					times[i] = append(times[i], took)
				}
			}
			if round > 0 {
				cpu[i] += processorTime(b) - before
			}
		}
	}
	median := func(i int) float64 {
		slices.Sort(times[i])
		return float64(times[i][len(times[i])/2].Nanoseconds()) / 1000
	}
	for i, size := range sizes {
		b.ReportMetric(median(i), fmt.Sprintf("p50-us@%d", size))
		b.ReportMetric(float64(cpu[i].Microseconds())/float64(len(times[i])), fmt.Sprintf("cpu-us@%d", size))
	}
	b.ReportMetric(median(len(sizes)-1)/median(0), "x-growth")
	b.ReportMetric(0, "ns/op") // of a whole comparison, which says nothing
}

// world is a server with so many users.
type world struct {
	*apitest.Server
	size   int
	tokens map[int]string // credentials of the people asked for
	sample []int
}

func populated(b *testing.B, size int) *world {
	b.Helper()
	w := &world{size: size, tokens: map[int]string{}, Server: apitest.Start(b, func(o *apitest.Options) {
		o.Addresses = ratelimit.Config{Burst: 1_000_000_000, Every: time.Nanosecond}
	})}
	random := rand.New(rand.NewPCG(1, uint64(size))) //nolint:gosec // the same people in every run
	// As many different people among few as among many: what each of them costs
	// would else not be what grows.
	for len(w.sample) < min(samples, size) {
		if n := random.IntN(size); !slices.Contains(w.sample, n) {
			w.sample, w.tokens[n] = append(w.sample, n), ""
		}
	}
	fill(b, w, size)
	return w
}

func (w *world) perform(b *testing.B, r *http.Request) time.Duration {
	b.Helper()
	rec := httptest.NewRecorder()
	start := time.Now()
	w.Handler.ServeHTTP(rec, r)
	took := time.Since(start)
	if rec.Code != http.StatusOK || rec.Body.Len() < 100 {
		b.Fatalf("%s %s: %d %s", r.Method, r.URL, rec.Code, rec.Body)
	}
	return took
}

// app is a request of the app that a person is signed in to.
func (w *world) app(n int, method, path string, pairs ...string) *http.Request {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(method, path+"?_is_native=1", strings.NewReader(form.Encode()))
	r.Header.Set("Authorization", w.tokens[n])
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func backEnd(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+apitest.SecretKey)
	return r
}

func sizesWanted(b *testing.B) (sizes []int) {
	b.Helper()
	wanted := os.Getenv(growthVariable)
	if wanted == "" {
		wanted = "1000,20000"
	}
	for _, text := range strings.Split(wanted, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 {
			b.Fatalf("%s: %q is no number of users", growthVariable, text)
		}
		sizes = append(sizes, size)
	}
	return sizes
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
