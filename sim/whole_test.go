package sim_test

import (
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"

	"github.com/perennialauth/perennial/sim"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // the server writes a line for each request
	code := m.Run()
	if house.dir != "" {
		_ = os.RemoveAll(house.dir)
	}
	os.Exit(code)
}

// house is shared: making keys takes longer than most runs.
var house struct {
	once  sync.Once
	dir   string
	whole *sim.Whole
	err   error
}

func mustHouse(t testing.TB) *sim.Whole {
	t.Helper()
	house.once.Do(func() {
		where := "/dev/shm" // each commit waits for the disk, and this is none
		if _, err := os.Stat(where); err != nil {
			where = ""
		}
		if house.dir, house.err = os.MkdirTemp(where, "perennial-sim"); house.err == nil {
			house.whole, house.err = sim.NewWhole(house.dir)
		}
	})
	if house.err != nil {
		t.Fatal(house.err)
	}
	return house.whole
}

func whole(t testing.TB) sim.Config {
	t.Helper()
	return sim.Config{Server: mustHouse(t).Server, Disk: sim.NewPlatter, Bind: true}
}

// TestWhole launches the device machine over the file vault against the whole
// server. PERENNIAL_SIM_SEEDS asks for more runs than the usual.
func TestWhole(t *testing.T) {
	t.Parallel()
	want := number(t, "PERENNIAL_SIM_SEEDS", 200)
	if testing.Short() {
		want /= 10
	}
	explore(t, whole(t), func(_ sim.Stats, seed int) bool { return seed <= want })
}
