//go:build unix

package processes_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/disk"
	"github.com/perennialauth/perennial/device/vault/filevault"
)

// hold takes the lock of saves, the right to rotate and the right to ask for a
// token, and keeps them until it is killed.
func (w *worker) hold() int {
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	if _, err := (disk.OS{}).Lock(ctx, filepath.Join(w.job.Dir, "vault.lock")); err != nil {
		return complain(err)
	}
	for _, item := range []string{"session", "token"} {
		v, err := filevault.Open(filevault.Config{Dir: w.job.Dir, Tenant: w.job.Key, Item: item})
		if err != nil {
			return complain(err)
		}
		if _, answer := v.Hold(ctx); answer != vault.Stored {
			w.say(report{Sort: stuck, Failure: string(answer)})
			return 1
		}
	}
	w.say(report{Sort: "verdict", Kind: "holding"})
	select {}
}

// While a stopped process holds every lock there is, a session is restored and
// used as ever, and what cannot be stored is said to be so. With the death of
// the holder everything is free, and what waited is stored.
func TestHolderIsStoppedAndDies(t *testing.T) {
	p := startPair(t)
	session := p.app.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	p.app.must(t, order{Do: "drain"})
	j := p.job("holder", false)
	j.Hold = true
	holder := start(t, self(t), j, nil)
	await(t, "the locks are held", callLimit, func() bool { return holder.shows().Kind == "holding" })
	holder.stop()

	verdict, token, took := p.extension(t)
	if verdict.Session != session || !signedIn(verdict) || token.Session != session {
		t.Errorf("beside a stopped holder an extension shows %+v and has a token of %q", verdict, token.Session)
	}
	t.Logf("the extension was there for %v", took)
	reply := <-p.app.send(order{Do: "sign-out"})
	if reply.Failure != "not-stored" {
		t.Errorf("a sign-out that cannot be stored ends with %q", reply.Failure)
	}
	if shows := p.app.shows(); shows.Kind != "signed-out" {
		t.Errorf("and the app shows %+v", shows)
	}
	died := time.Now()
	holder.kill()
	p.app.must(t, order{Do: "drain"})
	t.Logf("stored %v after the death of the holder", time.Since(died))
	if verdict, _, _ := p.extension(t); verdict.Kind != "signed-out" {
		t.Errorf("after the death of the holder an extension shows %+v", verdict)
	}
	if status := p.server.status(t, session); status == "active" {
		t.Errorf("the session is %s on the server", status)
	}
}
