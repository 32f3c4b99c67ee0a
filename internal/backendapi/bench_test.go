package backendapi_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// BenchmarkListUsers is a page of users through the whole server; the metric
// "reads" is its cost in single reads of a user, measured in the same run.
func BenchmarkListUsers(b *testing.B) {
	const size = 500
	w := newWorld(b)
	change := auth.Change{}
	for i := range size {
		id := auth.UserID(fmt.Sprintf("user_%d", i))
		change.Users = append(change.Users, auth.User{
			ID: id, PublicMeta: []byte("{}"), PrivateMeta: []byte("{}"), UnsafeMeta: []byte("{}"), CreatedAt: w.Now(), UpdatedAt: w.Now(),
			Emails: []auth.EmailAddress{{ID: auth.EmailID("idn_" + string(id)), Address: fmt.Sprintf("u%d@example.com", i)}},
		})
	}
	if err := w.Store.Commit(b.Context(), change); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for i := range size {
		if _, err := w.Store.User(b.Context(), auth.UserID(fmt.Sprintf("user_%d", i))); err != nil {
			b.Fatal(err)
		}
	}
	read := float64(time.Since(start).Nanoseconds()) / size
	for _, limit := range []int{10, size} {
		b.Run(fmt.Sprint(limit), func(b *testing.B) {
			for b.Loop() {
				if rec := w.get(fmt.Sprintf("/v1/users?limit=%d", limit)); rec.Code != 200 {
					b.Fatal(rec.Code, rec.Body)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/read/float64(limit), "reads/user")
		})
	}
}
