package sim_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/sim"
)

// TestMutations breaks one thing at a time, and expects the simulation to find
// it within a number of seeds. A simulation that nothing can fail proves
// nothing.
func TestMutations(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		name   string
		config func() sim.Config
		within int
		law    string
	}{
		{"a vault loses the last write", func() sim.Config {
			return sim.Config{Disk: func() sim.Disk { return &forgetful{Disk: sim.NewPlatter()} }}
		}, 50, "law"},
		{"a vault says absent when it cannot read", func() sim.Config {
			return sim.Config{Disk: func() sim.Disk { return &shy{Disk: sim.NewPlatter()} }}
		}, 50, "law"},
		{"a vault ignores what it should replace", func() sim.Config {
			return sim.Config{Disk: func() sim.Disk { return &blind{Disk: sim.NewPlatter()} }}
		}, 500, "law"},
		{"a server takes trouble with its store for an unknown client", func() sim.Config {
			house := *mustHouse(t)
			house.Broken = troubleIsUnknown
			return sim.Config{Server: house.Server, Disk: sim.NewPlatter}
		}, 400, "law 2"},
		{"a server forgets to end sessions", func() sim.Config {
			house := *mustHouse(t)
			house.Broken = neverRemoves
			return sim.Config{Server: house.Server, Disk: sim.NewPlatter}
		}, 100, "l"},
		{"a server hands out somebody else's credential", func() sim.Config {
			house := *mustHouse(t)
			house.Broken = swapsCredentials()
			return sim.Config{Server: house.Server, Disk: sim.NewPlatter}
		}, 100, "law"},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			config := m.config()
			for seed := 1; seed <= m.within; seed++ {
				config.Seed = sim.Dice(seed)
				if broken := mustRun(t, config, sim.Plan(config.Seed, planLength)).Broken; broken != nil {
					if !strings.HasPrefix(broken.Error(), m.law) {
						t.Errorf("seed %d breaks something else: %v", seed, broken)
					}
					t.Logf("seed %d: %v", seed, broken)
					return
				}
			}
			t.Errorf("%d seeds notice nothing", m.within)
		})
	}
}

// forgetful acknowledges each fifth save and does not do it.
type forgetful struct {
	sim.Disk
	saves int
}

func (d *forgetful) Vault(tenant int) vault.Vault { return &forgetfulVault{d.Disk.Vault(tenant), d} }

type forgetfulVault struct {
	vault.Vault
	disk *forgetful
}

func (v *forgetfulVault) Save(ctx context.Context, change vault.Change) vault.Saved {
	if v.disk.saves++; v.disk.saves%5 == 0 {
		return vault.Saved{Answer: vault.Stored, Current: change.Next}
	}
	return v.Vault.Save(ctx, change)
}

// shy says of each seventh read that nothing is there.
type shy struct {
	sim.Disk
	loads int
}

func (d *shy) Vault(tenant int) vault.Vault { return &shyVault{d.Disk.Vault(tenant), d} }

type shyVault struct {
	vault.Vault
	disk *shy
}

func (v *shyVault) Load(ctx context.Context) vault.Loaded {
	if v.disk.loads++; v.disk.loads%7 == 0 {
		return vault.Loaded{Answer: vault.Absent}
	}
	return v.Vault.Load(ctx)
}

// blind saves over whatever is there.
type blind struct{ sim.Disk }

func (d *blind) Vault(tenant int) vault.Vault { return &blindVault{d.Disk.Vault(tenant)} }

type blindVault struct{ vault.Vault }

func (v *blindVault) Save(ctx context.Context, change vault.Change) vault.Saved {
	if there := v.Load(ctx); there.Answer == vault.Found && there.Version != change.Next && change.Next.Succeeds(there.Version) {
		change.Previous = there.Version
	}
	return v.Vault.Save(ctx, change)
}

// answer lets next answer into memory.
type answer struct {
	http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func through(next http.Handler, w http.ResponseWriter, r *http.Request) *answer {
	a := &answer{ResponseWriter: w, header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(a, r)
	return a
}

func (a *answer) send() {
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(a.body.Bytes())
}

// troubleIsUnknown is the classic mistake: what could not be read is not there.
func troubleIsUnknown(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := through(next, w, r)
		if a.status == http.StatusServiceUnavailable {
			a.header.Del("Retry-After")
			a.body.Reset()
			if r.Method == http.MethodGet {
				a.status = http.StatusOK
				a.body.WriteString(`{"response":{"object":"client","id":"client_other","sessions":[],"sign_in":null,"sign_up":null,` +
					`"last_active_session_id":null,"created_at":1790000000000,"updated_at":1790000000000},"client":null}`)
			} else {
				a.status = http.StatusUnauthorized
				a.body.WriteString(`{"errors":[{"code":"authentication_invalid","message":"Invalid authentication"}]}`)
			}
		}
		a.send()
	})
}

// neverRemoves answers a sign-out with the session as removed, and keeps it.
func neverRemoves(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v1/client/sessions/"), "/remove"); ok {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"response":{"object":"session","id":"` + id + `","status":"removed","user":{"object":"user","id":"user_x"}},"client":null}`))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// swapsCredentials hands each new client the credential of the one before.
func swapsCredentials() func(http.Handler) http.Handler {
	before := ""
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := through(next, w, r)
			if mine := a.header.Get("Authorization"); mine != "" {
				if before != "" {
					a.header.Set("Authorization", before)
				}
				before = mine
			}
			a.send()
		})
	}
}
