package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Kills of the default run, and the variable that asks for another number.
const (
	defaultServerKills = 50
	serverKillsEnv     = "PERENNIAL_KILLS"
)

// TestKilledServerLosesNothing kills the real server at random instants while
// people sign up, out and in over HTTP, starts it again on the same data, and
// compares what each person was told with what the server then says.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	kills := defaultServerKills
	if n, err := strconv.Atoi(os.Getenv(serverKillsEnv)); err == nil {
		kills = n
	}
	const workers = 6
	data := filepath.Join(t.TempDir(), "data")
	var everybody, recent []*visitor
	p := startDev(t, data, "--quiet")
	for round := range kills {
		recent = visitUntilKilled(t, p, workers, round)
		everybody = append(everybody, recent...)
		p = startDev(t, data, "--quiet")
		checkVisitors(t, p, recent)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	checkVisitors(t, p, everybody) // no later kill took anything back
	told := map[visit]int{}
	cut := 0
	for _, v := range everybody {
		told[v.told]++
		if v.asked != v.told {
			cut++
		}
	}
	if told[signedUp]+told[signedOut]+told[signedBackIn] == 0 || cut == 0 {
		t.Fatalf("nothing was tested: told %v, %d requests cut off", told, cut)
	}
	t.Logf("%d kills, %d requests cut off; last told: %d signed up, %d signed out, %d signed in again; all true after the restart",
		kills, cut, told[signedUp], told[signedOut], told[signedBackIn])
}

// visitUntilKilled lets people visit the server until it is killed, and returns
// everybody who was there.
func visitUntilKilled(t *testing.T, p *devProcess, workers, round int) []*visitor {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	there := make([][]*visitor, workers)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := 0; ctx.Err() == nil; n++ {
				v := newVisitor(round, worker, n)
				there[worker] = append(there[worker], v)
				if err := v.visit(ctx, client, p.ready.URL); err != nil {
					if !v.cutOff {
						t.Errorf("%s: %v", v.email, err)
					}
					return
				}
			}
		})
	}
	kill := time.NewTimer(time.Duration(20+rand.IntN(250)) * time.Millisecond)
	<-kill.C
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.done
	wg.Wait()
	var all []*visitor
	for _, v := range there {
		all = append(all, v...)
	}
	return all
}

func checkVisitors(t *testing.T, p *devProcess, visitors []*visitor) {
	t.Helper()
	for _, v := range visitors {
		if err := v.check(t.Context(), p.ready.URL, p.ready.SecretKey); err != nil {
			t.Errorf("%s, told %d, asked for %d: %v", v.email, v.told, v.asked, err)
		}
	}
}
