package sqlstore_test

import (
	"path/filepath"
	"testing"

	"github.com/perennialauth/perennial/internal/sqlstore"
	"github.com/perennialauth/perennial/internal/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB, folder string) storetest.Store {
		s, err := sqlstore.Open(t.Context(), filepath.Join(folder, "perennial.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
