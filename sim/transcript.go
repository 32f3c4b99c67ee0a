package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// transcript is the account of a run, for people. It has no secret, no name
// that a server made up and no true time in it: the same run gives the same
// text on every machine. A nil transcript writes nothing.
type transcript struct {
	text  strings.Builder
	names map[string]string
	count map[string]int
}

func newTranscript() *transcript {
	return &transcript{names: map[string]string{}, count: map[string]int{}}
}

func (t *transcript) String() string {
	if t == nil {
		return ""
	}
	return t.text.String()
}

// name is what a session, client or credential is called: s1, client1, c1.
func (t *transcript) name(of string) string {
	if t == nil || of == "" {
		return of
	}
	if known, ok := t.names[of]; ok {
		return known
	}
	prefix := "credential"
	for _, p := range []string{"sess", "client", "user"} {
		if strings.HasPrefix(of, p+"_") {
			prefix = p
		}
	}
	t.count[prefix]++
	t.names[of] = prefix + strconv.Itoa(t.count[prefix])
	return t.names[of]
}

func (t *transcript) printf(w *World, who, format string, args ...any) {
	if t == nil {
		return
	}
	at := time.Duration(w.now-startInstant) * time.Millisecond
	fmt.Fprintf(&t.text, "%12s  %-6s %s\n", strconv.FormatFloat(at.Seconds(), 'f', 3, 64), who, fmt.Sprintf(format, args...))
}

func (t *transcript) command(w *World, c Command) {
	if t == nil {
		return
	}
	c.Pause = 0
	t.printf(w, "***", "%s", c)
}

func (t *transcript) served(w *World, x *exchange) {
	if t == nil {
		return
	}
	r := x.request
	who := t.name(r.Credential.Reveal())
	if who == "" {
		who = "nobody"
	}
	text := string(r.Kind) + " by " + who
	if r.SessionID != "" {
		text += " for " + t.name(r.SessionID)
	}
	if x.fault != "" {
		text += ", fault " + x.fault
	}
	t.printf(w, "server", "%s", text)
}

func (t *transcript) event(p *process, event core.Event) {
	if t == nil {
		return
	}
	say := func(format string, args ...any) { t.printf(p.world, p.name(), "<- "+format, args...) }
	switch e := event.(type) {
	case core.StoreLoaded:
		if e.Answer == core.StoreFound {
			say("read: generation %d", e.Version.Generation)
		} else {
			say("read: %s", e.Answer)
		}
	case core.StoreSaved:
		say("written: %s", e.Answer)
	case core.Responded:
		t.responded(say, e)
	case core.TimerFired:
		say("timer %s", timerName(e.Timer))
	case core.PeerChanged:
		say("another process changed the record")
	}
}

func (t *transcript) responded(say func(string, ...any), e core.Responded) {
	text := string(e.Class)
	if e.Status != 0 {
		text += " " + strconv.Itoa(e.Status)
	}
	for _, part := range []string{string(e.Trouble), e.Code} {
		if part != "" {
			text += " " + part
		}
	}
	if e.Client != nil {
		text += ", " + t.name(e.Client.ID) + " with"
		for _, s := range e.Client.Sessions {
			text += " " + t.name(s.ID) + " " + s.Status
		}
		if len(e.Client.Sessions) == 0 {
			text += " no session"
		}
	}
	if !e.Credential.IsZero() {
		text += ", hands out " + t.name(e.Credential.Reveal())
	}
	say("answer: %s", text)
}

func (t *transcript) effect(p *process, effect core.Effect) {
	if t == nil {
		return
	}
	say := func(format string, args ...any) { t.printf(p.world, p.name(), format, args...) }
	switch e := effect.(type) {
	case core.LoadRecord:
		say("reads")
	case core.SaveRecord:
		t.save(p, say, e)
	case core.SendRequest:
		say("asks %s", e.Kind)
	case core.Publish:
		v := e.Verdict
		text := string(v.Kind) + "(" + string(v.Cause) + ")"
		if v.SessionID != "" {
			text += " " + t.name(v.SessionID)
		}
		if v.Failing != "" {
			text += ", server " + string(v.Failing)
		}
		if v.PersistFailing {
			text += ", not durable"
		}
		say("#%d %s", v.Sequence, text)
	case core.Reply:
		text := string(e.Outcome)
		if !e.Token.IsZero() {
			text += " with a token"
		}
		say("replies to call %d: %s", e.Call, text)
	}
}

func (t *transcript) save(p *process, say func(string, ...any), e core.SaveRecord) {
	r, err := core.DecodeRecord(e.Data, p.tenant)
	what := "a record"
	switch {
	case err != nil:
	case r.Tombstone != "":
		what = "a tombstone (" + string(r.Tombstone) + ")"
	case r.SessionID != "":
		what = t.name(r.SessionID) + " with " + t.name(r.Credential.Reveal())
		if !r.Successor.IsZero() {
			what += " and successor " + t.name(r.Successor.Reveal())
		}
	}
	for rev := range r.Queued() {
		what += ", to revoke " + t.name(rev.SessionID)
	}
	say("writes generation %d: %s", e.Next.Generation, what)
}

func timerName(timer core.Timer) string {
	names := [...]string{"local deadline", "store", "confirm", "refresh", "revoke", "recheck", "offline limit"}
	if int(timer) < len(names) {
		return names[timer]
	}
	return strconv.Itoa(int(timer))
}
