package sqlstore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/sqlstore"
)

// TestOrganizationListsSeek reads the plan of every list about organizations:
// those of one owner are found by an index and may be sorted, those of the whole
// instance walk along an index.
func TestOrganizationListsSeek(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "perennial.db"))
	texts, err := sqlstore.OrganizationTexts()
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < 30 {
		t.Errorf("only %d texts", len(texts))
	}
	for name, text := range texts {
		all := strings.HasPrefix(name, "all ")
		mustSeek(t, s, "count of "+name, text[0], all, false)
		mustSeek(t, s, name, text[1], all, !all)
	}
}
