//go:build unix

package processes_test

import (
	"testing"
	"time"
)

// pair is an app and its extension: one folder, two life-cycles. The app stays
// and is stopped by the system when nobody looks; the extension comes for a
// moment.
type pair struct {
	server *server
	dir    string
	app    *process
}

func startPair(t *testing.T) *pair {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	p := &pair{server: startServer(t), dir: t.TempDir()}
	p.server.createUser(t, person(0))
	p.server.createUser(t, person(1))
	p.app = start(t, self(t), p.job("app", false), nil)
	return p
}

func (p *pair) job(name string, once bool) job {
	return job{Name: name, Dir: p.dir, Server: p.server.URL, Key: p.server.Key, Once: once}
}

// extension runs one, and returns what it showed, its token, and how long it
// was there.
func (p *pair) extension(t *testing.T) (verdict, token report, took time.Duration) {
	t.Helper()
	begun := time.Now()
	e := start(t, self(t), p.job("extension", true), nil)
	e.ends(t, callLimit)
	token, _ = e.handed()
	return e.shows(), token, time.Since(begun)
}

// An app that is suspended while it asks for a token holds the right to ask, and
// an extension gets its token all the same, within the time that such a right is
// worth. The app goes on as if nothing had been.
func TestAppIsSuspendedWithALease(t *testing.T) {
	p := startPair(t)
	pass := p.server.holdTokens()
	session := p.app.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	select {
	case <-p.server.asking:
	case <-time.After(callLimit):
		t.Fatal("the app asks for no token")
	}
	p.app.stop()
	release := pass()
	verdict, token, took := p.extension(t)
	if verdict.Kind != "active-unverified" || verdict.Session != session || token.Session != session {
		t.Errorf("the extension shows %+v and has a token of %q", verdict, token.Session)
	}
	t.Logf("the extension was there for %v", took)
	// The next one finds the token of the first and asks for none.
	asked := len(p.server.minted())
	if _, token, _ := p.extension(t); token.Session != session || len(p.server.minted()) != asked {
		t.Errorf("the next extension has a token of %q after %d requests", token.Session, len(p.server.minted())-asked)
	}
	release()
	p.app.proceed()
	await(t, "the app has a token", callLimit, func() bool { _, n := p.app.handed(); return n > 0 })
	if shows := p.app.shows(); !showsTruth(shows, session) {
		t.Errorf("the app shows %+v", shows)
	}
}

// While the app is suspended somebody signs out in another process, and
// somebody else in. The app wakes up to what is stored, and its own view of the
// session, its token and the answers under way count for nothing.
func TestAppWakesUpToAnotherUser(t *testing.T) {
	p := startPair(t)
	session := p.app.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	await(t, "the app has a token", callLimit, func() bool { _, n := p.app.handed(); return n > 0 })
	p.app.must(t, order{Do: "drain"})
	p.app.stop()
	other := start(t, self(t), p.job("settings", false), nil)
	other.must(t, order{Do: "sign-out"})
	second := other.must(t, order{Do: "sign-in", User: person(1), Password: password}).Session
	other.must(t, order{Do: "drain"})
	other.kill()
	_, before := p.app.handed()
	p.app.proceed()
	await(t, "the app shows the new session", callLimit, func() bool { return showsTruth(p.app.shows(), second) })
	await(t, "the app has a token of it", callLimit, func() bool {
		r, n := p.app.handed()
		return n > before && r.Session == second
	})
	if status := p.server.status(t, session); status == "active" {
		t.Errorf("the first session is %s on the server", status)
	}
	if verdict, _, _ := p.extension(t); verdict.Session != second {
		t.Errorf("an extension shows %+v", verdict)
	}
}

// An extension that is killed at every stage of its short life leaves the app as
// it is, and nothing locked.
func TestExtensionIsKilled(t *testing.T) {
	p := startPair(t)
	session := p.app.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	for after := time.Duration(0); after < 60*time.Millisecond; after += 4 * time.Millisecond {
		e := start(t, self(t), p.job("extension", true), nil)
		timer := time.NewTimer(after)
		<-timer.C
		e.kill()
	}
	if shows := p.app.shows(); !showsTruth(shows, session) {
		t.Errorf("the app shows %+v", shows)
	}
	p.app.must(t, order{Do: "fresh"})
	p.app.must(t, order{Do: "sign-out"})
	if verdict, _, _ := p.extension(t); verdict.Kind != "signed-out" {
		t.Errorf("after the sign-out an extension shows %+v", verdict)
	}
}

// An app that sleeps longer than a token lives hands out none that has ended,
// neither from its own memory nor from what the processes share. The usual run
// leaves it out, for it takes more than a minute.
func TestAppSleepsThroughALifetime(t *testing.T) {
	if _, long := soak(t); !long {
		t.Skip("takes more than a minute: set PERENNIAL_SOAK")
	}
	p := startPair(t)
	watching := newJudge()
	p.app.kill()
	app := start(t, self(t), p.job("sleeper", false), watching)
	watching.changing()
	session := app.must(t, order{Do: "sign-in", User: person(0), Password: password}).Session
	watching.becomes(session)
	await(t, "the app has a token", callLimit, func() bool { _, n := app.handed(); return n == 1 })
	app.stop()
	timer := time.NewTimer(65 * time.Second)
	<-timer.C
	app.proceed()
	await(t, "the app has another token", callLimit, func() bool { _, n := app.handed(); return n == 2 })
	if r, _ := app.handed(); r.Session != session || r.Left < 30*time.Second {
		t.Errorf("after its sleep the app hands out a token of %q with %v left", r.Session, r.Left)
	}
	watching.report(t)
}
