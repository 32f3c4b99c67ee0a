package hosted_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
)

// pageLimit is what the server may take for a page.
const pageLimit = 50 * time.Millisecond

// BenchmarkFirstPage measures the page that most people see first.
func BenchmarkFirstPage(b *testing.B) {
	s := apitest.Start(b)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "https://"+s.Host+"/sign-in", nil)
		r.Header.Set("Accept-Language", "de, en;q=0.5")
		rec := httptest.NewRecorder()
		s.Handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK {
			b.Fatalf("status %d", rec.Code)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(pageLimit), "x-limit")
}
