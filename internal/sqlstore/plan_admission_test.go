package sqlstore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/sqlstore"
)

// TestAdmissionSeeks reads the plan of every list about who may sign up.
func TestAdmissionSeeks(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	for name, text := range sqlstore.AdmissionTexts() {
		few := strings.HasSuffix(name, "of an address") // sorted
		mustSeek(t, s, name, text, true, few)
	}
}
