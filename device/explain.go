package device

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/core"
)

// explainLaunches is how many launches an explanation goes back.
const explainLaunches = 3

// Explain writes, in words, why the current state holds, how the last sign-out
// came about, and what happened in the last launches, with times and evidence.
// It contains no secret.
func (d *Device) Explain(w io.Writer) error {
	return explain(w, d.State(), d.journal.lines())
}

func explain(w io.Writer, state State, lines []line) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Now: %s.\n", describe(state.Kind, state.Cause, state.Evidence))
	if state.SignedIn() || state.Kind == Pending {
		fmt.Fprintf(&b, "  Session %s of user %s, record generation %d.\n", state.SessionID, state.User.ID, state.Generation)
	}
	if state.Failing != "" {
		fmt.Fprintf(&b, "  The server cannot be asked at present: %s.\n", troubleWords(state.Failing))
	}
	if state.PersistFailing {
		b.WriteString("  The last change is not stored yet; writing it is being repeated.\n")
	}
	if l, ok := lastSignOut(lines); ok {
		fmt.Fprintf(&b, "\nLast sign-out, %s: %s.\n", clockTime(l.At, true), describe(l.Kind, l.Cause, l.Evidence))
	}
	if l, ok := undoneSignOut(lines, state); ok {
		fmt.Fprintf(&b, "\nThe sign-out asked for on %s could not be stored%s, so that the record still names its session.\n",
			clockTime(l.At, true), proof(l.Evidence))
		b.WriteString("  Free space, or give access to the state folder, and sign out again.\n")
	}
	launches := split(lines)
	for _, launch := range launches[max(0, len(launches)-explainLaunches):] {
		fmt.Fprintf(&b, "\nLaunch %s (process %d), %s:\n", launch[0].Launch, launch[0].PID, clockTime(launch[0].At, true))
		open := unanswered(launch)
		for i, l := range launch {
			if l.Happening == core.HappenedHeard {
				continue
			}
			fmt.Fprintf(&b, "  %s  %s", clockTime(l.At, false), tell(l))
			if open[i] {
				b.WriteString(" (no answer came while this launch lasted)")
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// split groups lines by launch, in the order of their first lines.
func split(lines []line) [][]line {
	var launches [][]line
	at := make(map[string]int)
	for _, l := range lines {
		i, seen := at[l.Launch]
		if !seen {
			i = len(launches)
			at[l.Launch] = i
			launches = append(launches, nil)
		}
		launches[i] = append(launches[i], l)
	}
	return launches
}

// lastSignOut finds the newest change from a session to signed-out. A launch
// that reads a tombstone back tells nothing new, unless nothing else is left.
func lastSignOut(lines []line) (found line, ok bool) {
	before := make(map[string]line) // the verdict before, by launch
	var readBack line
	for _, l := range lines {
		if l.Happening != core.HappenedVerdict {
			continue
		}
		was := before[l.Launch]
		before[l.Launch] = l
		switch {
		case l.Kind != SignedOut || l.Cause == core.CauseNone:
		case was.SessionID == "" && was.Kind == Undetermined:
			readBack = l
		default:
			found, ok = l, true
		}
	}
	if !ok && readBack.Launch != "" {
		return readBack, true
	}
	return found, ok
}

// undoneSignOut finds the newest sign-out from the session that is shown all the
// same: it was never stored. Its evidence is what the store answered.
func undoneSignOut(lines []line, state State) (found line, ok bool) {
	if state.SessionID == "" || state.Kind == SignedOut {
		return line{}, false
	}
	for _, l := range lines {
		switch {
		case l.Happening == core.HappenedSignOut && l.SessionID == state.SessionID:
			found, ok = l, true
			found.Evidence = core.Evidence{}
		case l.Happening == core.HappenedStore && l.Launch == found.Launch:
			found.Evidence = l.Evidence
		default:
		}
	}
	return found, ok
}

// unanswered finds the requests of a launch that got no answer, by their place:
// of each kind, the last ones that are more than the answers.
func unanswered(launch []line) map[int]bool {
	open := make(map[int]bool)
	heard := make(map[core.RequestKind]int)
	for _, l := range launch {
		if l.Happening == core.HappenedHeard {
			heard[l.Evidence.Request]++
		}
	}
	for i, l := range launch {
		if l.Happening != core.HappenedAsked {
			continue
		}
		heard[l.Evidence.Request]--
		open[i] = heard[l.Evidence.Request] < 0
	}
	return open
}

func clockTime(at core.Wall, date bool) string {
	layout := "15:04:05.000"
	if date {
		layout = "2006-01-02 15:04:05"
	}
	return time.UnixMilli(int64(at)).UTC().Format(layout)
}

// tell says one line of the journal.
func tell(l line) string {
	e := l.Evidence
	switch l.Happening {
	case core.HappenedLaunch:
		return "started; the store is being read"
	case core.HappenedVerdict:
		return "now " + describe(l.Kind, l.Cause, e)
	case core.HappenedStore:
		return "the store answered " + storeWords(e.Store) + proof(core.Evidence{Detail: e.Detail})
	case core.HappenedDecoding:
		return "the stored record cannot be used: " + e.Detail
	case core.HappenedAsked:
		return "asked the server: " + string(e.Request)
	case core.HappenedAnswer, core.HappenedRound:
		return "the server's answer to " + string(e.Request) + " was judged" + proof(e)
	case core.HappenedIgnored:
		return "an answer that came too late, or to nobody, was dropped" + proof(e)
	case core.HappenedRotation:
		return "credential rotation" + proof(e)
	case core.HappenedSignIn:
		return "sign-in" + proof(e)
	case core.HappenedFlow:
		return "sign-in in the browser" + proof(e)
	case core.HappenedSignOut:
		return "sign-out " + e.Detail
	case core.HappenedRevocation:
		return "ending the session on the server" + proof(e)
	case core.HappenedAdoption:
		return "handed-over credential" + proof(e)
	case core.HappenedPeer:
		return "another process changed the record" + proof(e)
	case core.HappenedClock:
		return "the wall clock was moved; nothing depends on it"
	default:
		return string(l.Happening) + proof(e)
	}
}

// proof puts evidence into words.
func proof(e core.Evidence) string {
	var parts []string
	add := func(format string, value any, set bool) {
		if set {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add("%s", e.Detail, e.Detail != "")
	add("%s", troubleWords(e.Trouble), e.Trouble != "")
	add("code %s", e.Code, e.Code != "")
	add("status %d", e.Status, e.Status != 0)
	add("request %s", e.Request, e.Request != "")
	add("trace %s", e.Trace, e.Trace != "")
	add("store answered %s", storeWords(e.Store), e.Store != "")
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
