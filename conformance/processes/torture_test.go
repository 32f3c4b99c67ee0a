//go:build unix

package processes_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

const crowdSize = 8

// soak is how long the torture lasts: a few seconds, or what PERENNIAL_SOAK says
// ("5m" for a night).
func soak(t *testing.T) (duration time.Duration, long bool) {
	t.Helper()
	text := os.Getenv("PERENNIAL_SOAK")
	if text == "" {
		return 6 * time.Second, false
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PERENNIAL_SOAK: %v", err)
	}
	return duration, true
}

// torture is eight processes over one folder, and what is done to them.
type torture struct {
	*testing.T
	server *server
	judge  *judge
	dir    string
	binary string
	dice   *rand.Rand
	crowd  [crowdSize]*process
	all    []*process // the dead ones too
	count  map[string]int
}

// TestTorture has eight real processes use one folder and a real server while
// some are killed and some are stopped at random instants, some sign out and
// some sign in. No session that is stored is ever called over, none that is
// over is shown again, nobody waits for ever, and however many processes there
// are, a token is asked for once in its lifetime.
func TestTorture(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a hundred processes")
	}
	t.Parallel()
	duration, _ := soak(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d; the instants are the machine's, so it plays only the same choices again", seed)
	w := &torture{
		T: t, server: startServer(t), judge: newJudge(), dir: t.TempDir(), binary: self(t),
		dice: rand.New(rand.NewPCG(seed, 0)), count: map[string]int{},
	}
	for n := range crowdSize {
		w.server.createUser(t, person(n))
	}
	for i := range w.crowd {
		w.launch(i)
	}
	w.change(order{Do: "sign-in", User: person(0), Password: password}, false)
	end := time.Now().Add(duration)
	for next := time.Now().Add(3 * time.Second); time.Now().Before(end) && !t.Failed(); {
		w.step()
		if time.Now().After(next) {
			w.settle()
			next = time.Now().Add(3 * time.Second)
		}
	}
	w.settle()
	w.endedOnServer()
	w.countTokens()
	t.Logf("%d processes; %v", len(w.all), w.count)
}

func person(n int) string { return fmt.Sprintf("person%d@example.com", n) }

func (w *torture) launch(i int) {
	w.count["launch"]++
	w.crowd[i] = start(w.T, w.binary, w.job(fmt.Sprintf("app-%d-%d", i, len(w.all)), false), w.judge)
	w.all = append(w.all, w.crowd[i])
}

func (w *torture) job(name string, once bool) job {
	return job{Name: name, Dir: w.dir, Server: w.server.URL, Key: w.server.Key, Once: once}
}

// step does one thing to somebody.
func (w *torture) step() {
	i := w.dice.IntN(crowdSize)
	p := w.crowd[i]
	switch n := w.dice.IntN(100); {
	case n < 30:
		w.count["kill"]++
		p.kill()
		w.launch(i)
	case n < 45:
		w.count["stop"]++
		p.stop()
	case n < 65:
		p.proceed()
	case n < 80:
		w.extension()
	case n < 83:
		w.change(order{Do: "sign-out"}, w.dice.IntN(3) == 0)
	case n < 90:
		w.change(order{Do: "sign-in", User: person(w.dice.IntN(crowdSize)), Password: password}, w.dice.IntN(3) == 0)
	default:
		w.wait(time.Duration(w.dice.IntN(60)) * time.Millisecond)
	}
	w.wait(time.Duration(w.dice.IntN(40)) * time.Millisecond)
}

// wait lets time pass: the instants at which something is done are the test.
func (w *torture) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// extension starts a process that is there for one verdict and one token, and
// sometimes not even for that.
func (w *torture) extension() {
	w.count["extension"]++
	p := start(w.T, w.binary, w.job(fmt.Sprintf("extension-%d", len(w.all)), true), w.judge)
	w.all = append(w.all, p)
	if w.dice.IntN(3) == 0 {
		w.wait(time.Duration(w.dice.IntN(60)) * time.Millisecond)
		p.kill()
		return
	}
	p.ends(w.T, callLimit)
}

// change asks somebody who is not stopped to sign in or out, and kills it in the
// middle if so told: then whoever starts next tells what came of it.
func (w *torture) change(o order, killed bool) {
	w.count[o.Do]++
	i := w.dice.IntN(crowdSize)
	p := w.crowd[i]
	p.proceed()
	if o.Do == "sign-out" {
		// A person signs out of what is shown: whoever has been stopped for a
		// while has to see first who has signed in since.
		w.awaitTruth(p)
	}
	w.judge.changing()
	reply := p.send(o)
	if killed {
		w.wait(time.Duration(w.dice.IntN(120)) * time.Millisecond)
		p.kill()
		w.launch(i)
		<-reply
		w.learn(o)
		return
	}
	r, alive := <-reply
	switch {
	case !alive:
		w.Fatalf("%s ended by itself: %s", p.name, p.complaint.String())
	case r.Failure == "not-stored":
		// Somebody was stopped in the middle of a save.
		w.count["not stored at once"]++
		w.proceedAll()
		p.must(w.T, order{Do: "drain"})
	case r.Failure != "" && o.Do == "sign-in":
		w.Fatalf("%s: %s: %s", p.name, o.Do, r.Failure)
	case r.Failure != "" && r.Failure != "signed-out":
		w.Fatalf("%s: %s: %s", p.name, o.Do, r.Failure)
	}
	if o.Do == "sign-out" {
		w.judge.becomes("")
		return
	}
	w.judge.becomes(r.Session)
}

// learn finds out what is stored after somebody was killed while changing it.
// Either of the two is right, and nothing else is.
func (w *torture) learn(o order) {
	before := w.judge.is()
	p := start(w.T, w.binary, w.job(fmt.Sprintf("witness-%d", len(w.all)), true), nil)
	w.all = append(w.all, p)
	p.ends(w.T, callLimit)
	r := p.shows()
	switch {
	case signedIn(r) && (r.Session == before || o.Do == "sign-in"):
		w.judge.becomes(r.Session)
	case r.Kind == "signed-out" && (before == "" || o.Do == "sign-out"):
		w.judge.becomes("")
	default:
		w.Fatalf("killed during %s with %q stored: now it is %s(%s) of %q", o.Do, before, r.Kind, r.Cause, r.Session)
	}
}

func (w *torture) proceedAll() {
	for _, p := range w.crowd {
		p.proceed()
	}
}

// settle lets everybody go on, and then everybody has to show what is stored,
// those who were there and one who starts.
func (w *torture) settle() {
	w.count["settle"]++
	w.proceedAll()
	truth := w.judge.is()
	for _, p := range w.crowd {
		w.awaitTruth(p)
	}
	p := start(w.T, w.binary, w.job(fmt.Sprintf("extension-%d", len(w.all)), true), w.judge)
	w.all = append(w.all, p)
	p.ends(w.T, callLimit)
	if r := p.shows(); !showsTruth(r, truth) {
		w.Errorf("%s shows %s(%s) of %q, and %q is stored", p.name, r.Kind, r.Cause, r.Session, truth)
	}
	w.judge.report(w.T)
}

func (w *torture) awaitTruth(p *process) {
	truth := w.judge.is()
	await(w.T, p.name+" shows the stored session "+truth, callLimit, func() bool { return showsTruth(p.shows(), truth) })
}

func showsTruth(r report, truth string) bool {
	if truth == "" {
		return r.Kind == "signed-out"
	}
	return signedIn(r) && r.Session == truth
}

// endedOnServer: whatever anybody was signed out of is over there too.
func (w *torture) endedOnServer() {
	for _, p := range w.crowd {
		p.must(w.T, order{Do: "drain"})
	}
	for _, session := range w.judge.over() {
		if status := w.server.status(w.T, session); status == "active" {
			w.Errorf("%s was signed out of and is %s on the server", session, status)
		}
	}
	if truth := w.judge.is(); truth != "" {
		if status := w.server.status(w.T, truth); status != "active" {
			w.Errorf("%s is shown everywhere and %s on the server", truth, status)
		}
	}
}

// renewed is when a token is renewed: ten seconds before its end, and a little
// early where a machine is slow.
const renewed = 45 * time.Second

// countTokens: two requests for a token of one session within its lifetime have
// to have a reason, which is that somebody was stopped or killed on the way.
func (w *torture) countTokens() {
	last := map[string]mint{}
	total, again := 0, 0
	for _, m := range w.server.minted() {
		total++
		before, known := last[m.session]
		last[m.session] = m
		if !known || m.at.Sub(before.at) >= renewed {
			continue
		}
		again++
		if !w.interrupted(before) {
			w.Errorf("%s asked for a token of %s %v after %s, and nobody had been interrupted", m.user, m.session, m.at.Sub(before.at), before.user)
		}
	}
	w.Logf("%d tokens, %d of them because somebody was interrupted", total, again)
}

// interrupted reports whether whoever asked was killed before it could pass the
// token on, or somebody was stopped who may have held what it needed for that.
func (w *torture) interrupted(m mint) bool {
	const onTheWay, patience = time.Second, 6 * time.Second
	for _, p := range w.all {
		if p.stoppedIn(m.at.Add(-patience), m.at.Add(onTheWay)) {
			return true
		}
		if p.name == m.user && p.killedIn(m.at.Add(-onTheWay), m.at.Add(onTheWay)) {
			return true
		}
	}
	return false
}
